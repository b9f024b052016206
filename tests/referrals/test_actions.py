"""A report of risk lands at once, is planned for in time, and is closed with what became of it."""

from datetime import date, timedelta

import pytest

from children import access
from children.checks import engine
from children.checks.registry import CHECKS
from children.enums import AlertState, ClockState
from children.models import Alert, Clock
from referrals import evidence, workflow
from referrals.actions import risk as actions
from referrals.checks.risk import reported_at_risk
from referrals.enums import AtRisk, HowSoon, RiskOutcome, RiskState
from referrals.models import RiskAddition, RiskReport
from referrals.notifications import risk as notifications
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory
from tests.factories.referrals import RiskReportFactory
from tests.factories.rulebook import set_rule
from virtualschool.accounts.models import User
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import events
from virtualschool.jobs.models import Delivery, Event, Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WITHOUT_PLAN = CHECKS[evidence.WITHOUT_PLAN]


@pytest.fixture
def people():
    return personas.cast()


def tell(people, **fields):
    facts = {"child": people.amy, "at_risk": AtRisk.CARE_PLACEMENT, "why": "Notice was given", "how_soon": HowSoon.WEEK}
    return actions.report_risk(**{**facts, "by": people.socialworker, **fields})


class TestReport:
    def test_stands_at_once_with_the_advocate_and_the_head(self, people):
        report = tell(people).report
        assert (report.state, report.reported_on, report.reported_by) == ("reported", today(), people.socialworker)
        alert = Alert.objects.open().get()
        assert (alert.check_name, alert.child, alert.field_group) == ("placement.reported_at_risk", people.amy, "legal")
        assert alert.evidence["sentence"] == "The care placement was reported to be at risk: within a week"
        told = Message.objects.filter(kind=notifications.REPORTED)
        assert {(message.to, message.urgent) for message in told} == {(people.ala, True), (people.vsh, True)}
        assert Event.objects.get(kind="risk.reported").data == {"child": people.amy.pk, "report": report.pk}
        assert AuditEvent.objects.get(verb="risk.reported").by == str(people.socialworker.pk)

    def test_never_repeats_what_was_told_in_the_alert(self, people):
        tell(people, why="SECRET-WORDS", would_help="SECRET-HELP")
        assert "SECRET" not in str(Alert.objects.values())

    def test_starts_the_clock_for_a_plan(self, people):
        report = tell(people).report
        clock = actions.plan_clock(report)
        assert (clock.due_on, clock.started_on, clock.state) == (date(2026, 11, 17), today(), "running")

    def test_goes_to_every_advocate_where_none_is_allocated(self, people):
        people.amy.relationships.filter(kind="advocate").delete()
        second = UserFactory(role="ala")
        UserFactory(role="ala", is_active=False)
        assert set(notifications.recipients(people.amy)) == {people.vsh, people.ala, second}

    def test_the_head_hears_at_once_by_rule_and_always_where_there_is_no_advocate(self, people):
        assert notifications.recipients(people.amy) == [people.ala, people.vsh]
        set_rule(notifications.TOLD, "advocate")
        assert notifications.recipients(people.amy) == [people.ala]
        tell(people)
        assert [told.to for told in Message.objects.filter(kind=notifications.REPORTED)] == [people.ala]
        User.objects.filter(role="ala").update(is_active=False)
        assert notifications.recipients(people.amy) == [people.vsh]

    def test_of_the_same_place_is_added_to_the_open_one(self, people):
        first = tell(people)
        second = tell(people, why="It is tomorrow", how_soon=HowSoon.TODAY, by=people.manager)
        assert (first.added, second.added, second.report.pk) == (False, True, first.report.pk)
        assert RiskAddition.objects.values_list("words", "by").get() == ("It is tomorrow", people.manager.pk)
        assert RiskReport.objects.get().how_soon == HowSoon.TODAY
        assert Alert.objects.open().get().evidence["sentence"].endswith("today or already")
        assert Message.objects.filter(kind=notifications.REPORTED).count() == 4

    def test_of_the_other_place_stands_beside_it(self, people):
        tell(people)
        assert not tell(people, at_risk=AtRisk.SCHOOL_PLACE).added
        assert Alert.objects.open().count() == 2

    def test_after_the_first_was_closed_is_a_new_one(self, people):
        report = tell(people).report
        actions.close_report(report=report, outcome=RiskOutcome.HELD, words="", by=people.ala)
        assert not tell(people).added
        assert RiskReport.objects.count() == 2

    @pytest.mark.parametrize("role", ["socialworker", "manager"])
    def test_is_refused_for_a_child_of_somebody_else(self, people, role):
        with pytest.raises(Refused, match="You do not work with this child"):
            tell(people, by=people.outsiders[role])

    def test_is_refused_behind_a_broken_glass(self, people):
        manager = people.outsiders["manager"]
        access.break_glass(child_uuid=people.amy.uuid, reason="Police are with the child at the station", by=manager)
        with pytest.raises(Refused, match="You do not work with this child"):
            tell(people, by=manager)
        assert RiskReport.objects.count() == 0

    @pytest.mark.parametrize("role", ["teacher", "coordinator", "iro", "data", "sen"])
    def test_is_refused_to_other_roles(self, people, role):
        with pytest.raises(Refused) as refused:
            tell(people, by=people[role])
        assert refused.value.verdict.source == "Devon Virtual School: information for IROs and social workers"


class TestTwice:
    def test_the_same_words_a_moment_later_are_one(self, people):
        for by, words in ((people.socialworker, "Notice"), (people.manager, "More"), (people.socialworker, "More")):
            assert tell(people, by=by, why=words).report == tell(people, by=by, why=words).report
        assert (RiskReport.objects.count(), RiskAddition.objects.count()) == (1, 2)
        assert Message.objects.filter(kind=notifications.REPORTED).count() == 6

    def test_other_words_or_the_same_of_another_day_are_more(self, people, clock):
        tell(people)
        tell(people, would_help="Respite")
        clock.shift(DAY)
        tell(people, would_help="Respite")
        assert RiskAddition.objects.count() == 2


class TestWorse:
    def planned(self, people):
        report = tell(people, how_soon=HowSoon.WEEK).report
        return actions.make_plan(report=report, plan="Respite", by=people.ala)

    def test_after_a_plan_it_needs_another_in_time(self, people, clock):
        report = self.planned(people)
        clock.shift(DAY)
        tell(people, why="It breaks today", how_soon=HowSoon.TODAY)
        report.refresh_from_db()
        assert (report.state, report.plan, Alert.objects.open().get().answer) == ("reported", "Respite", "")
        runs = actions.plan_clock(report)
        assert (runs.state, runs.started_on) == (ClockState.RUNNING, today())
        assert engine.run_check(WITHOUT_PLAN, runs.due_on + DAY).opened == 1
        actions.make_plan(report=report, plan="Another home", by=people.ala)
        assert actions.plan_clock(report).state == ClockState.MET
        assert Alert.objects.open().get().answer == "plan_made"
        assert Message.objects.filter(kind=notifications.PLANNED, to=people.socialworker).count() == 2

    @pytest.mark.parametrize("how_soon", [HowSoon.WEEK, HowSoon.MONTH, HowSoon.LATER])
    def test_no_sooner_leaves_the_plan_as_it_is(self, people, how_soon):
        report = self.planned(people)
        tell(people, why="More of it", how_soon=how_soon)
        report.refresh_from_db()
        assert (report.state, Clock.objects.get().state, Alert.objects.get().answer) == (
            "plan_made",
            "met",
            "plan_made",
        )


def test_of_a_plan_hears_who_works_with_the_child_today(people):
    report = tell(people).report
    new = UserFactory(role="socialworker")
    people.amy.relationships.filter(kind="social_worker").update(user=new)
    actions.make_plan(report=report, plan="Respite", by=people.ala)
    assert Message.objects.get(kind=notifications.PLANNED).to == new


class TestPlan:
    def test_meets_the_clock_and_answers_the_alert(self, people):
        report = tell(people).report
        actions.make_plan(report=report, plan="Meet the carer on Thursday", by=people.ala)
        report.refresh_from_db()
        assert (report.state, report.planned_by, report.planned_on) == ("plan_made", people.ala, today())
        assert Clock.objects.get().state == ClockState.MET
        alert = Alert.objects.open().get()
        assert (alert.answer, alert.answered_by) == ("plan_made", people.ala)
        assert Message.objects.get(kind=notifications.PLANNED).to == people.socialworker

    def test_may_be_changed(self, people):
        report = tell(people).report
        for words in ("First", "Second"):
            actions.make_plan(report=report, plan=words, by=people.ala)
        report.refresh_from_db()
        assert report.plan == "Second"

    def test_is_refused_to_who_reported_it(self, people):
        with pytest.raises(Refused, match="The plan is made by"):
            actions.make_plan(report=tell(people).report, plan="x", by=people.socialworker)

    def test_without_words_is_no_plan(self, people):
        with pytest.raises(ValueError, match="words"):
            actions.make_plan(report=tell(people).report, plan="  ", by=people.ala)


class TestClose:
    def test_resolves_what_stood_open(self, people):
        report = tell(people).report
        actions.close_report(report=report, outcome=RiskOutcome.MOVED_CARE, words="Moved near school", by=people.vsh)
        report.refresh_from_db()
        assert (report.state, report.outcome, report.closed_on) == ("closed", "moved_care", today())
        assert (Alert.objects.get().state, Clock.objects.get().state) == (AlertState.RESOLVED, ClockState.CANCELLED)

    def test_twice_is_a_conflict(self, people):
        report = tell(people).report
        actions.close_report(report=report, outcome=RiskOutcome.HELD, words="", by=people.vsh)
        with pytest.raises(Conflict):
            actions.close_report(report=report, outcome=RiskOutcome.HELD, words="", by=people.vsh)


class TestLeaver:
    def leave(self, people, **fields):
        people.amy.periods_of_care.update(**fields)
        period = people.amy.periods_of_care.get()
        data = {"child": people.amy.pk, "period": period.pk, "end": today().isoformat()}
        events.emit("care.ended", key=f"care.ended:{period.pk}", data=data)
        events.deliver_pending()
        mine = Delivery.objects.get(consumer="referrals.close_for_leaver")
        assert (mine.state, mine.error) == ("done", "")

    def test_closes_what_was_open(self, people):
        report = tell(people).report
        self.leave(people, end=today())
        report.refresh_from_db()
        assert (report.state, report.outcome, report.closed_on, report.closed_by) == (
            "closed",
            "left_care",
            today(),
            None,
        )
        assert (Alert.objects.get().state, Clock.objects.get().state) == (AlertState.RESOLVED, ClockState.CANCELLED)

    def test_going_into_short_breaks_closes_nothing(self, people):
        report = tell(people).report
        self.leave(people, short_breaks=True)
        report.refresh_from_db()
        assert report.state == "reported"


@pytest.mark.parametrize("state", RiskState.values)
@pytest.mark.parametrize(("event", "target"), [("plan", "plan_made"), ("close", "closed")])
def test_workflow(state, event, target):
    assert workflow.RISK.allows(state, event) == (state != "closed")
    if state != "closed":
        assert workflow.RISK.target(state, event) == target


class TestNight:
    def test_finds_the_same_fact_as_the_report_did(self, people):
        report = tell(people).report
        assert engine.run_check(CHECKS[evidence.REPORTED], today()) == engine.Counts(unchanged=1)
        [found] = reported_at_risk(on=today(), children=type(people.amy).objects.all())
        assert found.natural_key == f"referrals.RiskReport:{report.uuid}"

    def test_leaves_a_report_alone_that_was_made_after_its_date(self, people):
        tell(people)
        assert engine.run_check(CHECKS[evidence.REPORTED], today() - DAY) == engine.Counts()
        assert Alert.objects.open().count() == 1

    @pytest.mark.parametrize(
        ("on", "late"), [(date(2026, 11, 17), False), (date(2026, 11, 18), True), (date(2026, 11, 30), True)]
    )
    def test_a_plan_is_late_from_the_day_after_it_is_due(self, people, on, late):
        tell(people)
        assert engine.run_check(WITHOUT_PLAN, on).opened == late

    def test_a_late_plan_resolves_its_alert_when_it_comes(self, people, clock):
        report = tell(people).report
        clock.shift(timedelta(days=10))
        engine.run_check(WITHOUT_PLAN, today())
        alert = Alert.objects.open().get(check_name=evidence.WITHOUT_PLAN)
        assert (alert.rule.key, [fact["words"] for fact in alert.evidence["facts"]]) == (
            "placement.risk_without_plan",
            ["Reported", "A plan was due"],
        )
        actions.make_plan(report=report, plan="x", by=people.ala)
        alert.refresh_from_db()
        assert alert.state == AlertState.RESOLVED
        assert engine.run_check(WITHOUT_PLAN, today()) == engine.Counts()

    def test_nights_on_which_nothing_happens_change_no_alert(self, people):
        tell(people)
        night = today() + timedelta(days=14)
        checks = [CHECKS["placement.reported_at_risk"], WITHOUT_PLAN, CHECKS["placement.signals"]]
        for check in checks:
            engine.run_check(check, night)
        stood = list(Alert.objects.order_by("pk").values())
        assert len(stood) == 3
        again = [engine.run_check(check, night + timedelta(days=days)) for days in (1, 2) for check in checks]
        assert again == [engine.Counts(unchanged=1)] * 6
        assert list(Alert.objects.order_by("pk").values()) == stood

    def test_an_open_report_is_one_of_the_signs(self, people):
        report = tell(people).report
        engine.run_check(CHECKS["placement.signals"], today())
        sign = Alert.objects.open().get(check_name="placement.signals")
        assert sign.natural_key == f"warning:{people.amy.pk}:{report.pk}"

    def test_asks_as_often_for_one_report_as_for_many(self, django_assert_num_queries):
        children = type(ChildFactory()).objects.all()
        for more in (1, 9):
            for report in RiskReportFactory.create_batch(more):
                actions._stand(report, report.reported_by)
            with django_assert_num_queries(2):
                assert len(list(WITHOUT_PLAN.find(on=today() + 30 * DAY, children=children))) in (1, 10)
