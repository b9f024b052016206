"""Each kind of matter of the SEN team from its opening to its end: who takes which step, which dates run, what is written where."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from children.actions import needs
from children.models import AccessGrant, Child, Clock, LocalAuthority, SenRecord
from referrals.actions.sen import Opening, consult, open_matter, tell_of_move
from referrals.actions.sen_steps import StepFacts, take_step
from referrals.models import SenMatter, SenStep
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, SenRecordFactory
from virtualschool.jobs import events
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 10)
BACK = date(2026, 10, 1)


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def officer():
    return UserFactory(role="sen", name="Olu Officer")


@pytest.fixture(autouse=True)
def councils():
    for code, name in (("801", "One Council"), ("802", "Other Council")):
        LocalAuthority.objects.get_or_create(code=code, defaults={"name": name})


def opened(people, kind, by=None, **facts) -> SenMatter:
    facts = {"reason": "As agreed", "started_on": BACK} | facts
    return open_matter(child=people.amy, kind=kind, facts=Opening(**facts), by=by or people.coordinator)


def step(matter, event, by, on=ON, **facts) -> SenMatter:
    return take_step(matter=matter, event=event, facts=StepFacts(on=on, **({"words": "So it is"} | facts)), by=by)


def dates(matter) -> dict[str, tuple[str, date]]:
    rows = Clock.objects.filter(matter=matter.key).select_related("rule")
    return {one.rule.key.removeprefix("sen."): (one.state, one.due_on) for one in rows}


def plan(people, **facts) -> SenRecord:
    facts = {"status": "E", "plan_on": date(2025, 12, 1), "maintained_by": "801", "start": date(2025, 12, 1)} | facts
    return SenRecordFactory(child=people.amy, **facts)


class TestAssessment:
    def test_from_the_request_to_the_record_of_need(self, people, officer):
        SenRecordFactory(child=people.amy, status="K", primary_need="SEMH", start=date(2026, 1, 1))
        matter = opened(people, "assessment")
        assert dates(matter) == {
            "decide_to_assess": ("running", date(2026, 11, 12)),
            "final_plan": ("running", date(2027, 2, 18)),
        }
        step(matter, "assess", officer, on=date(2026, 10, 20))
        step(matter, "draft", officer, on=date(2026, 10, 25))
        assert dates(matter)["draft_comment"] == ("running", date(2026, 11, 8))
        done = step(matter, "finalise", officer, council="802")
        assert (done.state, done.closed_on, done.council) == ("final", today(), "802")
        assert {state for state, _ in dates(matter).values()} == {"met"}
        old, new = SenRecord.objects.filter(child=people.amy).order_by("start")
        assert (old.status, old.end) == ("K", ON)
        assert (new.status, new.start, new.plan_on, new.maintained_by) == ("E", ON, ON, "802")
        assert new.primary_need == "SEMH"
        assert Child.objects.visible_to(officer).count() == 0

    def test_refused_ends_it_and_writes_no_record(self, people, officer):
        matter = step(opened(people, "assessment"), "refuse", officer)
        assert (matter.state, matter.open) == ("refused", False)
        assert dates(matter)["final_plan"][0] == "cancelled"
        assert not SenRecord.objects.filter(child=people.amy).exists()

    def test_is_not_opened_for_a_child_with_a_plan(self, people):
        plan(people)
        with pytest.raises(ValidationError, match="has a plan already"):
            opened(people, "assessment")

    def test_another_draft_has_its_own_days_for_comments(self, people, officer):
        matter = step(opened(people, "assessment"), "assess", officer, on=date(2026, 10, 20))
        step(matter, "draft", officer, on=date(2026, 10, 25))
        step(matter, "draft", officer, on=date(2026, 11, 9), words="Another")
        assert dates(matter)["draft_comment"] == ("running", date(2026, 11, 23))
        assert Clock.objects.filter(matter=matter.key, rule__key="sen.draft_comment").count() == 1

    def test_no_step_lies_before_the_one_that_it_follows(self, people, officer):
        matter = step(opened(people, "assessment"), "assess", officer, on=date(2026, 10, 20))
        step(matter, "draft", officer, on=date(2026, 11, 8))
        for event, facts in (("draft", {}), ("finalise", {"council": "801"}), ("close", {})):
            with pytest.raises(ValidationError, match="The step before was on 8 November 2026"):
                step(matter, event, officer, on=date(2026, 11, 7), **facts)
        assert dates(matter)["draft_comment"][0] == "running"

    def test_steps_are_not_passed_over(self, people, officer):
        with pytest.raises(Conflict):
            step(opened(people, "assessment"), "finalise", officer, council="801")


class TestReview:
    def test_is_due_a_year_after_the_plan_and_again_a_year_after_the_meeting(self, people, officer):
        plan(people)
        matter = opened(people, "review")
        assert dates(matter) == {"annual_review": ("running", date(2026, 12, 1))}
        step(matter, "plan_meeting", officer, meeting_on=date(2026, 11, 20))
        step(matter, "pep_beside", people.coordinator, pep_on=date(2026, 11, 19))
        step(matter, "hold", officer, on=date(2026, 11, 9))
        assert dates(matter)["review_decision"] == ("running", date(2026, 12, 7))
        done = step(matter, "decide", officer, outcome="change")
        assert (done.state, done.outcome, done.pep_on) == ("decided", "change", date(2026, 11, 19))
        now = SenRecord.objects.current().get(child=people.amy)
        assert (now.annual_review_due, now.plan_on, now.maintained_by) == (date(2027, 11, 9), date(2025, 12, 1), "801")

    def test_the_day_that_is_recorded_comes_first(self, people):
        plan(people, annual_review_due=date(2027, 1, 15))
        matter = opened(people, "review")
        assert dates(matter) == {"annual_review": ("running", date(2027, 1, 15))}
        assert Clock.objects.get(matter=matter.key).started_by == "12 months before the day recorded"

    def test_a_plan_that_is_to_cease_stays_recorded(self, people, officer):
        before = plan(people)
        matter = step(opened(people, "review"), "hold", officer)
        step(matter, "decide", officer, outcome="cease")
        assert SenRecord.objects.get(child=people.amy) == before

    def test_is_decided_no_earlier_than_it_was_held(self, people, officer):
        plan(people)
        matter = step(opened(people, "review"), "hold", officer)
        with pytest.raises(ValidationError, match="The step before was on 10 November"):
            step(matter, "decide", officer, on=ON - timedelta(days=1), outcome="keep")

    def test_is_of_a_plan(self, people):
        with pytest.raises(ValidationError, match="No education, health and care plan"):
            opened(people, "review")


class TestPhase:
    @pytest.mark.parametrize(
        ("year", "high_age", "due"),
        [
            (-1, None, date(2027, 2, 15)),
            (6, 11, date(2027, 2, 15)),
            (6, 19, None),
            (11, 18, date(2027, 3, 31)),
            (11, 16, date(2027, 3, 31)),
            (2, 7, date(2027, 2, 15)),
            (2, 11, None),
            (2, None, None),
            (5, 11, None),
        ],
    )
    def test_is_by_the_year_and_by_the_ages_of_the_school(self, people, year, high_age, due):
        child = ChildFactory(in_care=True, year=year)
        EnrolmentFactory(child=child, school=SchoolFactory(high_age=high_age))
        SenRecordFactory(child=child, status="E", start=date(2026, 1, 1))
        facts = Opening(reason="Next year", started_on=ON)
        if due is None:
            with pytest.raises(ValidationError, match="not in the last year before a change of phase"):
                open_matter(child=child, kind="phase", facts=facts, by=people.coordinator)
            return
        [(state, on)] = dates(open_matter(child=child, kind="phase", facts=facts, by=people.coordinator)).values()
        assert (state, on) == ("running", due)

    def test_belongs_to_the_school_year_that_ends_with_it(self, people):
        child = ChildFactory(in_care=True, year=6)
        SenRecordFactory(child=child, status="E", start=date(2026, 1, 1))
        facts = Opening(reason="Next year", started_on=date(2026, 8, 31))
        with pytest.raises(ValidationError, match="The last year began on 1 September 2026"):
            open_matter(child=child, kind="phase", facts=facts, by=people.coordinator)


class TestHandover:
    @pytest.mark.parametrize(
        ("moves_on", "expected"),
        [(date(2026, 11, 27), {}), (date(2026, 11, 12), {"transfer": ("running", date(2026, 11, 23))})],
    )
    def test_is_due_on_the_day_or_counted_where_notice_was_shorter(self, people, moves_on, expected):
        plan(people)
        matter = opened(people, "handover", started_on=date(2026, 11, 3), to_council="802", moves_on=moves_on)
        assert (matter.council, matter.to_council) == ("801", "802")
        assert dates(matter) == expected
        [row] = SenMatter.objects.with_due()
        assert row.due_on == (expected["transfer"][1] if expected else moves_on)

    def test_the_plan_is_the_new_council_s_and_the_parent_is_told(self, people, officer):
        plan(people)
        matter = opened(people, "handover", to_council="802", moves_on=ON)
        step(matter, "hand_over", officer)
        assert SenRecord.objects.current().get(child=people.amy).maintained_by == "802"
        assert dates(matter)["transfer_notice"] == ("running", date(2026, 12, 22))
        assert step(matter, "tell_parent", officer).state == "parent_told"

    @pytest.mark.parametrize(
        "facts",
        [
            {"to_council": "801"},
            {"to_council": ""},
            {"to_council": "999"},
            {"moves_on": None},
            {"moves_on": date(2030, 1, 1)},
        ],
    )
    def test_is_between_two_councils_on_a_day(self, people, facts):
        plan(people)
        with pytest.raises(ValidationError):
            opened(people, "handover", **({"to_council": "802", "moves_on": ON} | facts))


class TestConsultation:
    def test_is_answered_by_the_school_in_time(self, people, officer):
        plan(people)
        beside = opened(people, "review")
        asked = consult(beside=beside, school=people.other_school, reason="Its unit", on=ON, by=officer)
        assert (asked.about, dates(asked)) == (beside.key, {"consultation_reply": ("running", date(2026, 11, 25))})
        assert consult(beside=beside, school=people.other_school, reason="Again", on=ON, by=officer) == asked
        other = opened(people, "handover", to_council="802", moves_on=ON)
        with pytest.raises(ValidationError, match="asked already beside another matter, since 10 November 2026"):
            consult(beside=other, school=people.other_school, reason="Moves there", on=ON, by=officer)
        assert step(asked, "decline", officer, words="It is full").state == "declined"

    def test_is_not_begun_beside_what_is_closed(self, people):
        plan(people)
        beside = step(opened(people, "review"), "close", people.coordinator)
        with pytest.raises(Conflict):
            consult(beside=beside, school=people.school, reason="Why", on=ON, by=people.vsh)


class TestPlanThatEnded:
    def need(self, people, status) -> None:
        known = SenRecord.objects.get(child=people.amy, end=None)
        facts = replace(needs.facts_of(known), plan_on=None, maintained_by="", status=status)
        needs.record_need(child=people.amy, start=today(), facts=facts, seen=needs.seen_of(known), by=people.data)
        events.deliver_pending()

    def test_takes_its_matters_and_the_officers_reach_with_it_but_no_notice(self, people, officer):
        plan(people)
        review = opened(people, "review")
        asked = consult(beside=review, school=people.other_school, reason="Its unit", on=ON, by=officer)
        opened(people, "handover", to_council="802", moves_on=ON)
        notice = tell_of_move(child=people.amy, matter="referrals.SchoolMove:one", reason="A move", by=people.vsh)
        self.need(people, "K")
        assert set(SenMatter.objects.open()) == {notice}
        assert set(AccessGrant.objects.filter(closes_at=None, role="sen").values_list("matter")) == {(notice.key,)}
        assert {state for one in (review, asked) for state, _ in dates(one).values()} == {"cancelled"}
        assert review.steps.last().words == "No plan is recorded any more."

    def test_leaves_them_where_a_plan_still_holds(self, people):
        plan(people)
        review = opened(people, "review")
        self.need(people, "E")
        assert set(SenMatter.objects.open()) == {review}


class TestWho:
    @pytest.mark.parametrize(
        "role", ["socialworker", "manager", "iro", "teacher", "sen", "admissions", "data", "support"]
    )
    def test_opens_none(self, people, role):
        plan(people)
        with pytest.raises(Refused, match="opened by the Virtual School Head"):
            opened(people, "review", by=people[role])

    @pytest.mark.parametrize("role", ["ala", "coordinator", "socialworker"])
    def test_records_no_decision_of_a_council(self, people, role):
        plan(people)
        with pytest.raises(Refused, match="SEN team’s to record"):
            step(opened(people, "review"), "hold", people[role])

    @pytest.mark.parametrize("role", ["sen", "ala"])
    def test_sets_no_pep_beside_it(self, people, role):
        plan(people)
        with pytest.raises(Refused, match="coordinators"):
            step(opened(people, "review"), "pep_beside", people[role], pep_on=ON)

    def test_an_officer_whose_grant_ended_records_nothing(self, people, officer):
        plan(people)
        matter = opened(people, "review")
        AccessGrant.objects.filter(matter=matter.key).update(
            closes_at=AccessGrant.objects.get(matter=matter.key).opened_at
        )
        with pytest.raises(Refused, match="not open to you"):
            step(matter, "hold", officer)


class TestSentTwice:
    def test_an_opening_is_one(self, people):
        plan(people)
        assert opened(people, "review") == opened(people, "review")
        assert (SenMatter.objects.count(), AccessGrant.objects.filter(role="sen").count()) == (1, 1)

    def test_a_second_person_is_told_of_the_first(self, people):
        plan(people)
        opened(people, "review")
        with pytest.raises(ValidationError, match="There is an open one already"):
            opened(people, "review", by=people.ala)

    def test_a_step_is_one_and_a_stale_page_changes_nothing(self, people, officer):
        plan(people)
        matter = opened(people, "review")
        for _ in range(2):
            step(matter, "hold", officer)
        assert SenStep.objects.filter(matter=matter, event="hold").count() == 1
        with pytest.raises(Conflict):
            step(matter, "plan_meeting", officer, meeting_on=ON)

    @pytest.mark.parametrize(
        ("event", "facts"),
        [
            ("hold", {"on": ON + timedelta(days=1)}),
            ("hold", {"on": BACK - timedelta(days=1)}),
            ("close", {"words": " "}),
            ("plan_meeting", {"meeting_on": date(1900, 1, 1)}),
            ("plan_meeting", {}),
        ],
    )
    def test_what_does_not_fit_is_said(self, people, officer, event, facts):
        plan(people)
        with pytest.raises(ValidationError):
            step(opened(people, "review"), event, officer, **facts)
