"""PEPs open by rule, once for each occasion, and end when care does."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from children.actions import care, schools
from children.enums import ClockState
from children.models import Child, Clock
from peps import policies
from peps.actions import ending, opening, submitting
from peps.enums import MeetingState, Owner, PepKind, PepState
from peps.models import Pep
from peps.tasks import open_due
from tests import personas
from tests.factories.children import (
    CareEpisodeFactory,
    ChildFactory,
    EnrolmentFactory,
    PeriodOfCareFactory,
    SchoolFactory,
    born_for_year,
)
from tests.factories.moves import let_move
from tests.factories.peps import PepFactory, PepSectionFactory, PepTargetFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.kernel.workflow import NotNow

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 9)


def enters(start=MONDAY, *, status="C2", **fields):
    """A child in care from the day, not told to anybody yet."""
    facts = {"date_of_birth": born_for_year(9), "known_from": start} | fields
    period = PeriodOfCareFactory(child=ChildFactory(**facts), start=start)
    CareEpisodeFactory(child=period.child, period=period, start=start, legal_status=status)
    return period


class TestInitial:
    def test_opens_with_both_clocks_by_rule(self):
        period = enters()
        pep = opening.open_initial(period=period)
        assert (pep.kind, pep.state, pep.occasion) == (PepKind.INITIAL, PepState.PLANNED, f"initial:{period.pk}")
        assert (pep.clock.rule.key, pep.clock.due_on, pep.due_on) == (
            "pep.initial.deadline",
            date(2026, 11, 23),
            date(2026, 11, 23),
        )
        rules = Clock.objects.filter(child=period.child).order_by("due_on").values_list("rule__key", "due_on")
        assert list(rules) == [
            ("pep.initial.deadline", date(2026, 11, 23)),
            ("pep.initial.complete", date(2026, 12, 7)),
        ]

    def test_has_the_sections_of_its_phase_and_no_review_of_last_targets(self):
        pep = opening.open_initial(period=enters())
        keys = set(pep.sections.values_list("key", flat=True))
        assert {"child_and_care", "my_views", "targets", "moving_on"} <= keys
        assert "last_targets" not in keys

    def test_a_second_call_answers_the_same(self):
        period = enters()
        first, second = opening.open_initial(period=period), opening.open_initial(period=period)
        assert (first.pk, Pep.objects.count(), Clock.objects.count()) == (second.pk, 1, 2)

    @pytest.mark.parametrize("status", ["V3", "V4"])
    def test_short_breaks_make_none(self, status):
        assert opening.open_initial(period=enters(status=status)) is None
        period = enters(status=status)
        period.short_breaks = True
        assert opening.open_initial(period=period) is None

    def test_a_legal_status_with_its_own_number_of_days(self):
        set_rule("pep.initial.deadline.by_legal_status", {"L2": 5, "J2": -1})
        assert opening.open_initial(period=enters(status="L2")).due_on == date(2026, 11, 16)
        assert opening.open_initial(period=enters(status="J2")) is None

    def test_a_child_below_pep_age_has_none(self):
        assert opening.open_initial(period=enters(date_of_birth=date(2024, 11, 10))) is None

    def test_without_a_school_the_social_worker_is_asked_for_the_schools_part(self):
        pep = opening.open_initial(period=enters())
        assert pep.school is None
        assert set(pep.sections.filter(key__in=["attendance", "targets"]).values_list("owner", flat=True)) == {
            Owner.SOCIAL_WORKER
        }

    def test_care_that_began_in_a_term_before_go_live_is_left_to_the_termly_pep(self):
        assert opening.open_initial(period=enters(date(2025, 3, 3), known_from=date(2026, 11, 1))) is None

    def test_a_pep_held_before_go_live_since_care_began_counts(self):
        held = enters(date(2026, 10, 5), known_from=date(2026, 11, 1), last_pep_before_go_live=date(2026, 10, 20))
        assert opening.open_initial(period=held) is None

    def test_a_late_notice_of_this_term_is_due_from_the_day_care_began(self):
        pep = opening.open_initial(period=enters(date(2026, 10, 5), known_from=today()))
        assert pep.due_on == date(2026, 10, 19)


class TestEvents:
    def test_entering_care_opens_and_leaving_cancels(self):
        people = personas.cast()
        facts = care.ChildFacts(child_id="NEW1", date_of_birth=born_for_year(4), first_names="Nia", last_name="Newly")
        placement = care.PlacementFacts(placement_type="U6")
        period = care.enter_care(
            start=MONDAY, legal_status="C2", placement=placement, facts=facts, education="stays", by=people.data
        )
        deliver_pending()
        pep = Pep.objects.get(child__child_id="NEW1")
        assert (pep.kind, pep.due_on) == (PepKind.INITIAL, date(2026, 11, 23))
        care.leave_care(child=period.child, on=today(), reason="E4A", by=people.data)
        deliver_pending()
        pep.refresh_from_db()
        assert (pep.state, pep.cancelled_why) == (PepState.CANCELLED, "The child left care on 10 November 2026")
        assert set(Clock.objects.filter(child=period.child).values_list("state", flat=True)) == {ClockState.CANCELLED}

    def test_leaving_care_cancels_the_planned_meeting(self):
        story = stages.scheduled()
        ending.end_peps_of(story.pep.period, on=today())
        story.meeting.refresh_from_db()
        assert story.again().state == PepState.CANCELLED
        assert (story.meeting.state, story.meeting.ended_why) == (MeetingState.CANCELLED, story.pep.cancelled_why)

    def test_a_new_school_takes_a_begun_pep_along(self):
        story, school = stages.scheduled(), SchoolFactory()
        let_move(story.people.amy, school)
        schools.enrol(child=story.people.amy, school=school, start=today(), by=story.people.data)
        deliver_pending()
        story.again()
        assert (story.pep.school, story.pep.state, Pep.objects.filter(child=story.people.amy).count()) == (
            school,
            PepState.PREPARING,
            1,
        )
        assert (story.pep.clock.rule.key, story.pep.due_on) == ("pep.new_school", date(2026, 11, 28))

    def test_a_new_school_opens_its_pep_in_place_of_one_that_nobody_began(self):
        story, school = stages.planned(), SchoolFactory()
        let_move(story.people.amy, school)
        enrolment = schools.enrol(child=story.people.amy, school=school, start=today(), by=story.people.data)
        deliver_pending()
        new = Pep.objects.get(child=story.people.amy, kind=PepKind.NEW_SCHOOL)
        assert (new.school, new.occasion, new.due_on) == (school, f"school:{enrolment.pk}", date(2026, 12, 8))
        assert (story.again().state, story.pep.cancelled_why) == (PepState.CANCELLED, opening.NEW_SCHOOL_WHY)
        assert opening.open_term_peps(today()) == 0

    def test_a_new_school_after_the_meeting_opens_its_pep_beside(self):
        story, school = stages.held(), SchoolFactory()
        due_on = story.pep.due_on
        let_move(story.people.amy, school)
        enrolment = schools.enrol(child=story.people.amy, school=school, start=today(), by=story.people.data)
        deliver_pending()
        new = Pep.objects.get(child=story.people.amy, kind=PepKind.NEW_SCHOOL)
        assert (story.again().state, new.previous) == (PepState.MEETING_HELD, story.pep)
        assert (story.pep.school, story.pep.enrolment, story.pep.due_on) == (school, enrolment, due_on)
        assert AuditEvent.objects.filter(verb="pep.moved_to_school").count() == 1
        opening.open_for_new_school(enrolment=enrolment)
        assert AuditEvent.objects.filter(verb="pep.moved_to_school").count() == 1

    def test_what_was_sent_in_stays_until_it_is_written_in_again(self):
        story = stages.submitted()
        let_move(story.people.amy, story.people.other_school)
        schools.enrol(child=story.people.amy, school=story.people.other_school, start=today(), by=story.people.data)
        deliver_pending()
        assert (story.again().state, story.pep.school) == (PepState.SUBMITTED, story.people.school)
        stages.returned(story)
        assert (story.pep.state, story.pep.school) == (PepState.RETURNED, story.people.other_school)
        assert policies.can_submit(story.people.outsiders["teacher"], story.pep)

    def test_told_late_of_a_place_that_has_ended_no_pep_goes_there(self):
        story = stages.planned()
        left = EnrolmentFactory(child=story.people.amy, start=date(2025, 9, 1), end=date(2025, 12, 20))
        assert opening.open_for_new_school(enrolment=left) is None
        assert (story.again().state, story.pep.school) == (PepState.PLANNED, story.people.school)

    def test_the_first_school_joins_the_pep_without_one(self):
        pep = opening.open_initial(period=enters())
        enrolment = EnrolmentFactory(child=pep.child, start=today())
        assert opening.open_for_new_school(enrolment=enrolment) is None
        pep.refresh_from_db()
        assert (pep.school, pep.due_on) == (enrolment.school, date(2026, 11, 23))
        assert pep.sections.get(key="targets").owner == Owner.DESIGNATED_TEACHER

    def test_a_planned_start_waits_for_the_night_of_its_day(self, clock):
        story = stages.planned()
        start = today() + timedelta(days=3)
        school = let_move(story.people.amy, SchoolFactory()).schools.get().school
        schools.enrol(child=story.people.amy, school=school, start=start, by=story.people.data)
        deliver_pending()
        assert story.again().state == PepState.PLANNED
        clock.shift(timedelta(days=3))
        assert open_due(start, 0, 1, lambda: None) == {
            "opened": 0,
            "new_school": 1,
            "left_school": 0,
            "reseated": 0,
            "lapsed": 0,
        }


class TestTerm:
    def test_opens_one_for_every_counted_child_of_pep_age_without_one(self):
        in_care = ChildFactory(in_care=True)
        ChildFactory(in_short_breaks=True)
        ChildFactory(left_care=True)
        ChildFactory(in_care=True, date_of_birth=date(2024, 11, 11))
        ChildFactory(in_care=True, date_of_birth=date(2008, 11, 10))
        assert opening.open_term_peps(today()) == 1
        pep = Pep.objects.get()
        assert (pep.child, pep.occasion, pep.due_on, pep.clock) == (
            in_care,
            "term:2026:autumn",
            date(2026, 11, 28),
            None,
        )
        assert opening.open_term_peps(today()) == 0

    def test_a_pep_of_any_kind_in_the_term_is_enough_unless_cancelled(self):
        having, cancelled = ChildFactory(in_care=True), ChildFactory(in_care=True)
        PepFactory(child=having, period=having.periods_of_care.get(), kind=PepKind.NEW_SCHOOL)
        PepFactory(child=cancelled, period=cancelled.periods_of_care.get(), cancelled=True)
        assert opening.open_term_peps(today()) == 1
        assert Pep.objects.filter(child=cancelled).count() == 2

    def test_a_pep_held_this_term_before_go_live_is_enough(self):
        ChildFactory(in_care=True, last_pep_before_go_live=date(2026, 10, 1))
        ChildFactory(in_care=True, last_pep_before_go_live=date(2026, 7, 1))
        assert opening.open_term_peps(today()) == 1

    def test_go_live_after_the_terms_last_day_gives_until_the_end_of_the_term(self, clock):
        clock.move_to(date(2026, 12, 2))
        ChildFactory(in_care=True, known_from=date(2026, 12, 1))
        opening.open_term_peps(today())
        assert Pep.objects.get().due_on == date(2027, 1, 3)

    def test_care_that_began_this_term_gets_the_initial_pep(self):
        opening.open_term_peps(today())
        period = enters()
        assert opening.open_term_peps(today()) == 1
        assert Pep.objects.get(child=period.child).kind == PepKind.INITIAL

    def test_the_next_term_follows_the_last_pep(self, clock):
        story = stages.approved()
        clock.move_to(date(2027, 1, 12))
        opening.open_term_peps(today())
        spring = Pep.objects.get(child=story.people.amy, term="spring")
        assert (spring.previous, spring.due_on) == (story.pep, date(2027, 3, 20))
        assert spring.sections.filter(key="last_targets").exists()

    @pytest.mark.parametrize(("children", "queries"), [(1, 22), (4, 25)])
    def test_one_query_more_a_child_for_its_record(self, django_assert_num_queries, children, queries):
        ChildFactory.create_batch(children, in_care=True)
        with django_assert_num_queries(queries):
            opening.open_term_peps(today())


class TestNight:
    def test_opens_what_is_due_and_nothing_the_second_time(self):
        ChildFactory.create_batch(2, in_care=True)
        night = today() - timedelta(days=1)
        runs = [open_due(night, 0, 1, lambda: None) for _ in range(2)]
        assert runs == [
            {"opened": 2, "new_school": 0, "left_school": 0, "reseated": 0, "lapsed": 0},
            {"opened": 0, "new_school": 0, "left_school": 0, "reseated": 0, "lapsed": 0},
        ]

    def test_a_night_caught_up_after_its_term_opens_nothing_of_it(self):
        ChildFactory(in_care=True)
        assert open_due(date(2026, 8, 20), 0, 1, lambda: None)["opened"] == 0


class TestByHand:
    def test_opens_one_of_a_kind_a_term(self):
        people = personas.cast()
        facts = {
            "child": people.amy,
            "kind": PepKind.SEN_JOINED,
            "why": "With the annual review",
            "by": people.coordinator,
        }
        pep = opening.open_pep(**facts, due_on=today() + timedelta(days=14))
        assert (pep.occasion, pep.due_on, pep.school) == ("sen_joined:2026:autumn", date(2026, 11, 24), people.school)
        with pytest.raises(Conflict):
            opening.open_pep(**facts, due_on=today())

    @pytest.mark.parametrize("role", ["ala", "teacher", "socialworker", "iro", "data"])
    def test_only_who_plans_peps(self, role):
        people = personas.cast()
        with pytest.raises(Refused):
            opening.open_pep(child=people.amy, kind=PepKind.REVIEW, why="x", due_on=today(), by=people[role])

    def test_none_on_short_breaks(self):
        people = personas.cast()
        child = ChildFactory(in_short_breaks=True)
        with pytest.raises(Refused, match="short breaks"):
            opening.open_pep(child=child, kind=PepKind.REVIEW, why="x", due_on=today(), by=people.coordinator)


class TestEnding:
    @pytest.mark.parametrize(
        ("state", "had", "follows", "stands"),
        [
            (PepState.PREPARING, "", "first", "not_started"),
            (PepState.MEETING_HELD, "complete", "first", "started"),
            (PepState.RETURNED, "complete", "first", "returned"),
            (PepState.IN_QA, "complete", "second", "complete"),
        ],
    )
    def test_what_follows_a_cancelled_one_reviews_the_targets_of_the_one_before(self, state, had, follows, stands):
        first = PepFactory(complete=True)
        child = {"child": first.child, "period": first.period}
        PepTargetFactory(pep=first)
        second = PepFactory(previous=first, **child)
        third = PepFactory(previous=second, state=state, **child)
        if had:
            PepSectionFactory(pep=third, key="last_targets", state=had)
        ending.end_pep(pep=second, why="Opened by mistake")
        third.refresh_from_db()
        section = third.sections.get(key="last_targets")
        assert (third.previous, section.state) == ({"first": first, "second": second}[follows], stands)
        assert bool(section.returned_why) == (state == PepState.RETURNED)
        if follows == "first":
            asked = [one.words for one in submitting.gates([third])[third.pk]]
            assert "not every target of the last PEP has been reviewed" in asked

    def test_without_one_before_it_nothing_is_left_to_review(self):
        second = PepFactory()
        third = PepFactory(previous=second, child=second.child, period=second.period, state=PepState.PREPARING)
        ending.end_pep(pep=second, why="Opened by mistake")
        third.refresh_from_db()
        assert (third.previous, third.sections.count()) == (None, 0)

    def test_a_coordinator_cancels_with_a_reason_that_is_kept(self):
        story = stages.planned()
        ending.end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
        assert (story.again().state, story.pep.cancelled_why) == (PepState.CANCELLED, "Opened by mistake")

    def test_the_database_asks_for_the_reason(self):
        story = stages.planned()
        with pytest.raises(IntegrityError, match="pep_cancelled_with_a_reason"):
            ending.end_pep(pep=story.pep, why="", by=story.people.coordinator)

    def test_nobody_else_cancels(self):
        story = stages.planned()
        with pytest.raises(Refused):
            ending.end_pep(pep=story.pep, why="x", by=story.people.teacher)

    def test_a_complete_pep_is_not_cancelled(self):
        story = stages.approved()
        with pytest.raises(NotNow):
            ending.end_pep(pep=story.pep, why="x")

    def test_after_a_cancelled_one_the_occasion_may_open_again(self):
        story = stages.planned()
        ending.end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
        assert opening.open_term_peps(today()) == 1
        assert Child.objects.get(pk=story.people.amy.pk).peps.count() == 2
