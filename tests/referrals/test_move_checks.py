"""What the night says of school moves, and what the roll, a placement and an approved PEP do to them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children import stops
from children.models import Child, School
from peps.enums import PepState
from referrals.actions import emergencies
from referrals.actions import follow_moves as follow
from referrals.actions import moves as actions
from referrals.checks import moves as checks
from referrals.enums import MoveState
from referrals.models import SchoolMove
from referrals.moving.lost import Lost, lost_of
from tests.factories.accounts import UserFactory
from tests.factories.children import (
    ChildFactory,
    EnrolmentFactory,
    SchoolFactory,
    SchoolJudgementFactory,
    SchoolLinkFactory,
)
from tests.factories.moves import ProposedSchoolFactory, SchoolMoveFactory, let_move
from tests.factories.peps import PepFactory
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST = 4  # days back: care began with it
EVERY = (checks.flagged_year, checks.drifting, checks.unaccounted, checks.no_education, checks.without_case)
EVERY = (*EVERY, checks.placement_without_approval)


def found(check, on=None):
    return sorted(one.child_id for one in check(on=on or today(), children=Child.objects.all()))


def emergency(child, **fields):
    move = SchoolMoveFactory(child=child, **fields)
    return emergencies.emergency(actions.held(move), why="At once", by=None, on=today())


class TestNight:
    def test_flagged_years_stand_while_the_case_is_open(self):
        six = ChildFactory(in_care=True, date_of_birth=date(2016, 3, 1))
        eight = ChildFactory(in_care=True, date_of_birth=date(2014, 3, 1))
        SchoolMoveFactory(child=six, proposed=True)
        SchoolMoveFactory(child=eight, proposed=True)
        SchoolMoveFactory(child=ChildFactory(in_care=True, date_of_birth=date(2011, 3, 1)), withdrawn=True)
        assert found(checks.flagged_year) == [six.pk]

    @pytest.mark.parametrize(("since", "told"), [(date(2026, 10, 26), True), (date(2026, 10, 28), False)])
    def test_drift_is_told_after_the_rules_working_days(self, since, told):
        move = SchoolMoveFactory(since=since, opened_on=since)
        assert found(checks.drifting) == ([move.child_id] if told else [])

    def test_an_emergency_without_an_account_and_without_education(self):
        move = emergency(ChildFactory(in_care=True))
        later = today() + 60 * DAY
        assert (found(checks.unaccounted), found(checks.no_education)) == ([], [])
        assert (found(checks.unaccounted, later), found(checks.no_education, later)) == ([move.child_id],) * 2
        SchoolMove.objects.filter(pk=move.pk).update(accounted_on=today(), account="Done")
        assert found(checks.unaccounted, later) == []

    def test_a_move_without_a_case_and_what_is_none(self):
        def moved(old, new, start=None, **fields):
            child = ChildFactory(in_care=True, date_of_birth=date(2014, 3, 1), **fields)
            start = start or today() - 5 * DAY
            EnrolmentFactory(child=child, school=old, start=start - 400 * DAY, end=start)
            return EnrolmentFactory(child=child, school=new, start=start)

        def school(**fields):
            return SchoolFactory(high_age=18, **fields)

        told = moved(school(), school())
        old, new = school(), school()
        SchoolLinkFactory(predecessor=old, successor=new)
        moved(old, new)  # became another
        moved(school(), school(), start=today() - 400 * DAY)  # long ago
        moved(SchoolFactory(high_age=11), school())  # the old one does not teach the year
        with_case = moved(school(), school())
        let_move(with_case.child, with_case.school)
        SchoolMove.objects.filter(child=with_case.child).update(new_place=with_case)
        assert found(checks.without_case) == [told.child_id]

    def test_a_second_place_that_is_all_that_is_left_is_a_move_without_a_case(self):
        def two(until, after=None, **fields):
            child = ChildFactory(in_care=True, date_of_birth=date(2014, 3, 1))
            main = EnrolmentFactory(child=child, school__high_age=18, start=today() - 400 * DAY, end=until)
            second = EnrolmentFactory(child=child, kind="subsidiary", start=today() - 9 * DAY, **fields)
            if after:
                EnrolmentFactory(child=child, school=main.school, start=after)
            return second

        told = two(today() - 5 * DAY)
        two(None), two(today() + DAY), two(today() - 5 * DAY, end=today())
        two(today() - 5 * DAY, after=today() + DAY)
        permitted = two(today() - 5 * DAY)
        let_move(permitted.child, permitted.school)
        assert found(checks.without_case) == [told.child_id]
        assert found(checks.without_case, today() + 400 * DAY) == []

    def test_an_account_explains_the_move_from_its_own_school_and_no_other(self):
        place = EnrolmentFactory(child=ChildFactory(in_care=True, year=8), school=SchoolFactory(high_age=18))
        type(place).objects.filter(pk=place.pk).update(end=today() - 5 * DAY)
        EnrolmentFactory(child=place.child, start=today() - 5 * DAY)
        told = {"emergency": True, "acted_on": today(), "acted_why": "At once", "state": MoveState.COMPLETE}
        told |= {"account": "Told", "accounted_on": today(), "ended_on": today()}
        SchoolMoveFactory(child=place.child, destination="same", changes_care=True, from_place=place, **told)
        before = EnrolmentFactory(child=place.child, start=today() - 900 * DAY, end=today() - 800 * DAY)
        SchoolMoveFactory(child=place.child, from_place=before, **told)
        assert found(checks.without_case) == [place.child_id]
        SchoolMoveFactory(child=place.child, from_place=place, **told)
        assert found(checks.without_case) == []

    @pytest.mark.parametrize(
        ("year", "answer", "back", "told"),
        [(10, "disturbed", 3, True), (11, "moves", 3, True), (9, "moves", 3, False), (10, "stays", 3, False)]
        + [(10, "emergency", 3, False), (10, "disturbed", 90, False), (11, "disturbed", FIRST, False)],
    )
    def test_a_placement_that_no_nominated_officer_approved(self, year, answer, back, told):
        """None that is long past, nor the first one of all."""
        child = ChildFactory(in_care=True, year=year)
        day = today() - back * DAY
        if back == FIRST:
            child.periods_of_care.update(start=day)
        child.care_placements.update(start=day, education=answer)
        place = child.care_placements.get()
        assert found(checks.placement_without_approval) == ([child.pk] if told else [])
        move = SchoolMoveFactory(child=child, changes_care=True, acted_on=day, accounted_on=today())
        assert found(checks.placement_without_approval) == []
        SchoolMove.objects.filter(pk=move.pk).update(acted_on=day - DAY)
        assert found(checks.placement_without_approval) == ([child.pk] if told else [])
        SchoolMove.objects.filter(pk=move.pk).update(placement=place)
        assert found(checks.placement_without_approval) == []

    def test_asks_as_often_for_one_as_for_many(self):
        asked = []
        for more in (1, 6):
            for child in ChildFactory.create_batch(more, in_care=True, year=10):
                child.care_placements.update(start=today() - DAY, education="disturbed")
            SchoolMoveFactory.create_batch(more, since=date(2026, 9, 1), opened_on=date(2026, 9, 1))
            emergency(ChildFactory(in_care=True))
            with CaptureQueriesContext(connection) as seen:
                for check in EVERY:
                    list(check(on=today() + 60 * DAY, children=Child.objects.all()))
            asked.append(len(seen))
        assert asked[0] == asked[1]


class TestFollowing:
    @pytest.mark.parametrize(
        ("answer", "state"), [("moves", MoveState.DRAFT), ("emergency", MoveState.ACTED), ("stays", None), ("", None)]
    )
    def test_a_placement_that_needs_a_school_opens_a_case(self, answer, state):
        child = ChildFactory(in_care=True, date_of_birth=date(2014, 3, 1))
        for _ in range(2):  # told twice
            follow.open_for_placement(child_id=child.pk, education=answer, on=today().isoformat())
        assert [move.state for move in SchoolMove.objects.all()] == ([state] if state else [])

    def test_an_emergency_takes_the_open_draft_and_leaves_what_is_further(self):
        draft = SchoolMoveFactory(child__date_of_birth=date(2014, 3, 1))
        approved = SchoolMoveFactory(child__date_of_birth=date(2014, 3, 1), approved=True)
        for move in (draft, approved):
            follow.open_for_placement(child_id=move.child_id, education="emergency", on=today().isoformat())
        assert [SchoolMove.objects.get(pk=one.pk).state for one in (draft, approved)] == ["acted", "approved"]

    def test_no_case_for_a_child_below_or_above_school_age(self):
        for born in (date(2024, 1, 1), date(2007, 1, 1)):
            child = ChildFactory(in_care=True, date_of_birth=born)
            assert follow.open_for_placement(child_id=child.pk, education="moves", on=today().isoformat()) is None

    def test_the_roll_brings_the_case_on(self):
        move = let_move(ChildFactory(in_care=True), SchoolFactory())
        place = EnrolmentFactory(child=move.child, school=move.schools.get().school, start=today())
        for _ in range(2):
            follow.arrived_by_roll(enrolment_id=place.pk)
        move.refresh_from_db()
        assert (move.state, move.new_place) == (MoveState.ON_ROLL, place)

    def test_a_place_that_is_over_or_never_began_is_no_arrival(self):
        move = let_move(ChildFactory(in_care=True), SchoolFactory())
        school = move.schools.get().school
        for start, end in ((today() - 600 * DAY, today() - 500 * DAY), (today() + 9 * DAY, today() + 9 * DAY)):
            place = EnrolmentFactory(child=move.child, school=school, start=start, end=end)
            follow.arrived_by_roll(enrolment_id=place.pk)
        move.refresh_from_db()
        assert (move.state, move.new_place) == (MoveState.APPROVED, None)

    def test_a_school_that_becomes_another_takes_its_cases_along(self):
        """The one that is left, and the one that was come to: neither ends nor begins by it, and the new name is no proposed school."""
        link, day = SchoolLinkFactory(), today() - DAY
        School.objects.filter(pk=link.predecessor_id).update(closed_on=day, high_age=18)
        cases = [
            let_move(ChildFactory(in_care=True, year=8), SchoolFactory()),
            SchoolMoveFactory(child__year=8, proposed=True),
            SchoolMoveFactory(child__year=8, state=MoveState.ON_ROLL),
        ]
        for case, key in zip(cases, ("from_place", "from_place", "new_place"), strict=True):
            before = EnrolmentFactory(child=case.child, school=link.predecessor, start=day - 300 * DAY, end=day)
            SchoolMove.objects.filter(pk=case.pk).update(**{key: before})
            after = EnrolmentFactory(child=case.child, school=link.successor, start=day)
            follow.left_by_roll(enrolment_id=before.pk)
            follow.arrived_by_roll(enrolment_id=after.pk)
            now = SchoolMove.objects.get(pk=case.pk)
            assert (now.state, getattr(now, key)) == (case.state, after)

    def test_a_proposed_school_that_became_another_is_still_the_one_that_was_approved(self):
        link, child = SchoolLinkFactory(), ChildFactory(in_care=True, year=8)
        move = let_move(child, link.predecessor)
        School.objects.filter(pk=link.predecessor_id).update(closed_on=today())
        school = School.objects.get(pk=link.successor_id)
        step = stops.SchoolStep(child, school, today() + DAY, 9, None)
        assert "another year group" in stops.before_enrolment(step).reason
        assert stops.before_enrolment(replace(step, year_group=8))
        SchoolJudgementFactory(school=school, kind="grade", outcome={"overall": "Inadequate"}, on=date(2024, 3, 1))
        assert "has become" in stops.before_enrolment(replace(step, year_group=8)).reason
        place = EnrolmentFactory(child=child, school=school, start=today() + DAY)
        follow.arrived_by_roll(enrolment_id=place.pk)
        assert SchoolMove.objects.get(pk=move.pk).new_place == place

    def test_the_approved_pep_of_the_new_school_completes_it(self):
        place = EnrolmentFactory(child=ChildFactory(), start=today())
        move = SchoolMoveFactory(child=place.child, state=MoveState.ON_ROLL, new_place=place)
        elsewhere = PepFactory(
            child=place.child, school=SchoolFactory(), state=PepState.COMPLETE, completed_on=today(), grade="green"
        )
        follow.complete_by_pep(pep_id=elsewhere.pk)
        assert SchoolMove.objects.get(pk=move.pk).state == MoveState.ON_ROLL
        elsewhere.school = place.school
        elsewhere.save(update_fields=["school"])
        follow.complete_by_pep(pep_id=elsewhere.pk)
        assert SchoolMove.objects.get(pk=move.pk).state == MoveState.COMPLETE


def test_lost_days_are_those_of_school_without_a_place():
    """From Monday 2 November, with the half term before it; on a roll again from the Thursday."""
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, start=date(2025, 9, 1), end=date(2026, 11, 2))
    EnrolmentFactory(child=child, start=date(2026, 11, 5))
    move = SchoolMoveFactory(child=child, opened_on=date(2026, 10, 19))
    lost = lost_of([move])[move.pk]
    assert (lost.days + lost.unknown, lost.days in (0, 3)) == (3, True)


def test_days_lost_end_with_a_refusal_and_are_not_known_without_terms():
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, start=date(2025, 9, 1), end=date(2026, 11, 2))
    move = SchoolMoveFactory(child=child, opened_on=date(2026, 10, 19))
    weeks = {date(2026, 11, day) for day in (2, 3, 4, 5, 6, 9, 10)}

    class Known:
        def __init__(self, terms):
            self.terms = terms

        def school_days(self, urn):
            return self

        def counts(self, day):
            return day in weeks if self.terms else None

    def lost(terms=True):
        return lost_of([move], on=date(2026, 11, 10), known=Known(terms))[move.pk]

    assert (lost().number, lost().words.startswith("7 school days")) == ("7", True)
    move.state, move.since = MoveState.REFUSED, date(2026, 11, 5)
    assert (lost().number, lost(terms=False).number) == ("3", "not known")
    assert "is not known" in lost(terms=False).words
    move.state, move.ended_on = MoveState.WITHDRAWN, date(2026, 11, 4)
    assert lost().days == 2


@pytest.mark.parametrize(
    ("state", "wanted", "told"),
    [
        ("offered", date(2027, 9, 1), False),
        ("offered", date(2026, 9, 20), True),
        ("on_roll", date(2027, 9, 1), False),
        ("on_roll", date(2026, 9, 20), True),
        ("approved", date(2027, 9, 1), True),
    ],
)
def test_what_is_planned_for_its_day_does_not_drift(state, wanted, told):
    since = date(2026, 9, 10)
    child = ChildFactory(in_care=True)
    place = EnrolmentFactory(child=child, start=wanted) if state == "on_roll" else None
    fields = {"proposed_by": UserFactory(role="ala"), "decided_by": UserFactory(role="vsh"), "decided_on": since}
    SchoolMoveFactory(
        child=child, state=state, since=since, opened_on=since, wanted_on=wanted, new_place=place, **fields
    )
    assert found(checks.drifting) == ([child.pk] if told else [])


def test_pages_ask_as_often_for_one_as_for_many(client, django_assert_max_num_queries):
    client.force_login(UserFactory(role="vsh"))
    move = SchoolMoveFactory(proposed=True)
    client.get(reverse("moves:list"))
    asked = []
    for more in (1, 8):
        ProposedSchoolFactory.create_batch(more, move=move)
        SchoolMoveFactory.create_batch(more)
        for address in (reverse("moves:list"), move.get_absolute_url()):
            with django_assert_max_num_queries(60) as seen:
                assert client.get(address).status_code == 200
            asked.append(len(seen))
    assert asked[:2] == asked[2:]


def test_the_days_of_a_figure_stand_in_words():
    monday = date(2026, 11, 2)
    dates = [*(monday + n * DAY for n in range(5)), monday + 7 * DAY]
    assert Lost(tuple(dates)).stretches == ["2 November 2026 to 6 November 2026: 5 days", "9 November 2026"]
