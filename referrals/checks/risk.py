"""The night's view of reported risk: what stands open, and what stands without a plan for too long."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from children.checks.registry import Finding, check
from children.checks.signals import signal
from children.evidence import evidence as told
from children.evidence import fact
from children.models import Clock
from referrals import evidence
from referrals.enums import AtRisk
from referrals.models import RiskReport
from virtualschool.rulebook.schoolyear import words


@check(evidence.REPORTED, words="Reported to be at risk", group=evidence.GROUP)
def reported_at_risk(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Reports open at the end of the day."""
    for report in _open(on, children):
        yield Finding(report.child_id, evidence.natural_key(report), evidence.reported(report))


@check(evidence.WITHOUT_PLAN, words="At risk, and no plan yet", rule=evidence.WITHOUT_PLAN, group=evidence.GROUP)
def risk_without_plan(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Reports without a plan whose clock has run out; each under the rule that held when it was reported."""
    waiting = _open(on, children)
    running = Q(stopped_on__isnull=True) | Q(stopped_on__gt=on)
    late = {clock.matter: clock for clock in Clock.objects.filter(running, due_on__lt=on, matter__in=_matters(waiting))}
    for report in waiting:
        clock = late.get(evidence.natural_key(report))
        if clock is not None:
            sentence = f"No plan for the {AtRisk(report.at_risk).label} at risk; it was due by {words(clock.due_on)}"
            facts = [
                fact(report.reported_on, "Reported", report.get_absolute_url()),
                fact(clock.due_on, "A plan was due", clock.get_absolute_url()),
            ]
            yield Finding(report.child_id, evidence.natural_key(report), told(sentence, *facts), rule_id=clock.rule_id)


@signal("warning", group=evidence.GROUP)
def warning(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """Somebody reported a risk, and it is open."""
    for report in _open(on, children):
        yield Finding(report.child_id, f"{report.child_id}:{report.pk}", evidence.reported(report))


def _open(on: date, children: QuerySet[Any]) -> QuerySet[RiskReport]:
    still_open = Q(closed_on__isnull=True) | Q(closed_on__gt=on)
    return RiskReport.objects.filter(still_open, child__in=children, reported_on__lte=on).order_by("pk")


def _matters(reports: QuerySet[RiskReport]) -> QuerySet[Any]:
    matter = Concat(Value("referrals.RiskReport:"), Cast("uuid", CharField()))
    return reports.order_by().annotate(matter_of=matter).values("matter_of")
