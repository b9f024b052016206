"""What the night says of school moves, and what the roll, a placement and an approved PEP do to them."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children.models import Child
from peps.enums import PepState
from referrals.actions import emergencies
from referrals.actions import follow_moves as follow
from referrals.actions import moves as actions
from referrals.checks import moves as checks
from referrals.enums import MoveState
from referrals.models import SchoolMove
from referrals.moving.lost import lost_of
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, SchoolLinkFactory
from tests.factories.moves import ProposedSchoolFactory, SchoolMoveFactory, let_move
from tests.factories.peps import PepFactory
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EVERY = (checks.flagged_year, checks.drifting, checks.unaccounted, checks.no_education, checks.without_case)


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

    def test_asks_as_often_for_one_as_for_many(self):
        asked = []
        for more in (1, 6):
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
