"""Reporting that a care placement or a school place is at risk, making the plan, and saying what became of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from children import alerts, clocks
from children.enums import AlertState, Answer
from children.models import Alert, Child, Clock
from referrals import evidence, workflow
from referrals.enums import AtRisk, HowSoon, RiskOutcome
from referrals.models import RiskAddition, RiskReport
from referrals.notifications import risk as notifications
from referrals.policies import risk as policies
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs import events
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require

SOONEST = HowSoon.values  # the soonest first
MOMENT = timedelta(minutes=10)


@dataclass(frozen=True)
class Reported:
    """The open report, and whether this was added to one that stood already."""

    report: RiskReport
    added: bool


@transaction.atomic
def report_risk(
    *,
    child: Child,
    at_risk: AtRisk | str,
    why: str,
    how_soon: HowSoon | str,
    by: User,
    would_help: str = "",
    on: date | None = None,
) -> Reported:
    """Report a place at risk. It stands with the advocate and the head at once; with an open report of the place, it is added to that.

    Raises:
        Refused: when ``by`` may not report, or does not work with the child.
    """
    Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    require(policies.can_report_on(by, child))
    standing = RiskReport.objects.open().filter(child=child, at_risk=at_risk).first()
    if standing is not None and _said_already(standing, by, why, how_soon, would_help):
        return Reported(standing, added=False)
    if standing is not None:
        return Reported(
            add_to_report(report=standing, words=why, how_soon=how_soon, would_help=would_help, by=by), added=True
        )
    report = RiskReport.objects.create(
        child=child,
        at_risk=AtRisk(at_risk),
        why=why,
        how_soon=HowSoon(how_soon),
        would_help=would_help,
        reported_by=by,
        reported_on=on or today(),
    )
    _stand(report, by)
    log.record("risk.reported", by=by, subject=report, data={"at_risk": report.at_risk, "how_soon": report.how_soon})
    events.emit("risk.reported", key=f"risk.reported:{report.pk}", data={"child": child.pk, "report": report.pk})
    notifications.tell_virtual_school(report, str(report.uuid))
    return Reported(report, added=False)


@transaction.atomic
def add_to_report(
    *, report: RiskReport, words: str, how_soon: HowSoon | str, by: User, would_help: str = ""
) -> RiskReport:
    """Add to an open report; how soon it may break down is as last told. Sooner than the plan knew, it needs a plan anew."""
    locked = _locked(report)
    require(policies.can_add_to(by, locked))
    sooner = SOONEST.index(how_soon) < SOONEST.index(locked.how_soon)
    added = RiskAddition.objects.create(
        report=locked, words=words, how_soon=HowSoon(how_soon), would_help=would_help, by=by
    )
    locked.how_soon = added.how_soon
    locked.save(update_fields=["how_soon"])
    if sooner:
        _worsen(locked, by)
    open_alerts = Alert.objects.open().filter(check_name=evidence.REPORTED, natural_key=evidence.natural_key(locked))
    open_alerts.update(evidence=evidence.reported(locked), evidence_on=today())
    log.record("risk.added", by=by, subject=locked, data={"how_soon": locked.how_soon})
    notifications.tell_virtual_school(locked, f"{locked.uuid}:{added.pk}")
    return locked


@transaction.atomic
def make_plan(*, report: RiskReport, plan: str, by: User) -> RiskReport:
    """Say what will be done. A later plan replaces the one before, which stays in the history.

    Raises:
        Refused: for anybody but the Virtual School.
        Conflict: when the report is closed.
        ValueError: without a plan.
    """
    locked = _locked(report)
    require(policies.can_answer(by, locked))
    locked.state = workflow.RISK.target(locked.state, "plan")
    if not plan.strip():
        raise ValueError("A plan has words.")
    locked.plan, locked.planned_by, locked.planned_on = plan, by, today()
    locked.save(update_fields=["state", "plan", "planned_by", "planned_on"])
    for clock in _clocks(locked):
        clocks.meet_clock(clock, today(), by=by)
    alerts.resolve(check_name=evidence.WITHOUT_PLAN, natural_key=evidence.natural_key(locked))
    _answer(locked, by)
    turn = log.record("risk.planned", by=by, subject=locked).pk
    notifications.tell_reporter(locked, turn)
    return locked


@transaction.atomic
def close_report(*, report: RiskReport, outcome: RiskOutcome | str, words: str, by: User) -> RiskReport:
    """Say what became of it; what stood open about it is resolved.

    Raises:
        Refused: for anybody but the Virtual School.
        Conflict: when it is closed already.
    """
    locked = _locked(report)
    require(policies.can_answer(by, locked))
    return _close(locked, RiskOutcome(outcome), words, today(), by)


@transaction.atomic
def close_for_leaver(*, child_id: int, on: date) -> int:
    """A child left care: nothing is at risk any more that this service could plan for.

    Returns:
        how many reports were open.
    """
    open_reports = RiskReport.objects.open().filter(child_id=child_id).select_for_update(of=("self",))
    for report in open_reports:
        _close(report, RiskOutcome.LEFT_CARE, "", on, None)
    return len(open_reports)


def plan_clock(report: RiskReport) -> Clock | None:
    """The clock for a plan, for the report's page."""
    return _clocks(report).select_related("rule").first()


def _close(report: RiskReport, outcome: RiskOutcome, words: str, on: date, by: User | None) -> RiskReport:
    report.state = workflow.RISK.target(report.state, "close")
    report.outcome, report.outcome_words = outcome, words
    report.closed_by, report.closed_on = by, on
    report.save(update_fields=["state", "outcome", "outcome_words", "closed_by", "closed_on"])
    for clock in _clocks(report):
        clocks.cancel_clock(clock, on, "The report was closed", by=by)
    for check_name in (evidence.REPORTED, evidence.WITHOUT_PLAN):
        alerts.resolve(check_name=check_name, natural_key=evidence.natural_key(report), on=on)
    log.record("risk.closed", by=by, subject=report, data={"outcome": report.outcome})
    data = {"child": report.child_id, "report": report.pk, "outcome": report.outcome}
    events.emit("risk.closed", key=f"risk.closed:{report.pk}", data=data)
    return report


def _stand(report: RiskReport, by: User) -> None:
    """Its clock for a plan, and its alert beside the night's."""
    _start(report, report.reported_on, "reported to be at risk", by)
    alerts.report(
        child=report.child,
        check_name=evidence.REPORTED,
        natural_key=evidence.natural_key(report),
        evidence=evidence.reported(report),
        on=report.reported_on,
        group=evidence.GROUP,
    )


def _start(report: RiskReport, on: date, because: str, by: User) -> None:
    clocks.start_clock(
        child=report.child,
        rule_key=evidence.WITHOUT_PLAN,
        about=f"Plan for the {AtRisk(report.at_risk).label} at risk",
        matter=evidence.natural_key(report),
        started_on=on,
        started_by=because,
        by=by,
        group=evidence.GROUP,
        again=True,
    )


def _worsen(report: RiskReport, by: User) -> None:
    """What was planned or answered was of a place that might last longer."""
    alerts.take_back_answer(
        check_name=evidence.REPORTED, natural_key=evidence.natural_key(report), why="It may break down sooner", by=by
    )
    if workflow.RISK.allows(report.state, "worsen"):
        report.state = workflow.RISK.target(report.state, "worsen")
        report.save(update_fields=["state"])
        _start(report, today(), "it may break down sooner than was planned for", by)


def _said_already(report: RiskReport, by: User, why: str, how_soon: HowSoon | str, would_help: str) -> bool:
    """Whether this person said just this a moment ago: the button was pressed twice."""
    last = report.additions.filter(by=by).last()
    if last is None and report.reported_by_id != by.pk:
        return False
    said = (last.words, last.at) if last else (report.why, report.reported_at)
    help_said, soon_said = (last.would_help, last.how_soon) if last else (report.would_help, report.how_soon)
    same = (said[0], help_said, soon_said) == (why, would_help, str(how_soon))
    return same and now() - said[1] < MOMENT


def _answer(report: RiskReport, by: User) -> None:
    key = {"check_name": evidence.REPORTED, "natural_key": evidence.natural_key(report), "state": AlertState.OPEN}
    alert = Alert.objects.filter(**key).first()
    if alert is not None:
        alerts.answer_alert(
            alert=alert, answer=Answer.PLAN_MADE, reason="A plan was made; it stands with the report.", by=by
        )


def _clocks(report: RiskReport) -> QuerySet[Clock]:
    return Clock.objects.filter(matter=evidence.natural_key(report))


def _locked(report: RiskReport) -> RiskReport:
    rows = RiskReport.objects.select_for_update(of=("self",)).select_related("child", "reported_by")
    locked = rows.filter(pk=report.pk).first()
    if locked is None:
        raise Conflict("This report is not there any more.")
    return locked
