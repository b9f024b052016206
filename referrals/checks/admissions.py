"""The night's watch over applications for school places: every date of one that ran out, each in its own words."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from children.models import Clock
from referrals.models import Application, ApplicationStep
from virtualschool.rulebook import calendars, rules
from virtualschool.rulebook.schoolyear import words

OVERDUE = "admissions.answer_overdue"
DRIFTING = "admissions.drifting"
MATTER = "referrals.Application:"


@check(OVERDUE, words="An answer to an application for a school place is overdue")
def answer_overdue(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Clocks of applications that had run out by the day and were not stopped by then. Two queries."""
    rows = _open(on, children)
    found = {one.matter: one for one in rows}
    matters = rows.order_by().annotate(key=Concat(Value(MATTER), Cast("uuid", CharField()))).values("key")
    late = _running(on).filter(due_on__lt=on, matter__in=matters).select_related("rule")
    for clock in late.order_by("pk"):
        one = found[clock.matter]
        told = f"{clock.about}: it was due by {words(clock.due_on)}, from {one.school.name}"
        facts = [
            fact(clock.started_on, f"Because {clock.started_by}", one.get_absolute_url()),
            fact(clock.due_on, "Due", clock.get_absolute_url()),
        ]
        yield Finding(one.child_id, f"clock:{clock.uuid}", evidence(told, *facts), rule_id=clock.rule_id)


@check(DRIFTING, words="An application for a school place that drifts", rule=DRIFTING)
def drifting(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Applications for which no date runs, and in which nothing has happened for longer than the rule lets them. One query more than the rule's."""
    rule = rules.get(DRIFTING, on=on)
    latest = calendars.load().working_days().latest_start(rule.value, due_before=on + timedelta(days=1))
    last = ApplicationStep.objects.filter(application=OuterRef("pk"), on__lte=on).order_by("-pk").values("on")[:1]
    clock = _running(on).filter(matter=Concat(Value(MATTER), Cast(OuterRef("uuid"), CharField())))
    rows = _open(on, children).annotate(since=Coalesce(Subquery(last), "applied_on"))
    for one in rows.filter(~Exists(clock), since__lte=latest).order_by("pk") if latest else ():
        sentence = f"Nothing was recorded since {words(one.since)} of the application to {one.school.name}: “{one.get_state_display()}”"
        facts = [
            fact(one.applied_on, "Applied", one.get_absolute_url()),
            fact(one.since, "Last step", one.get_absolute_url()),
        ]
        yield Finding(one.child_id, f"{one.matter}:{one.since}", evidence(sentence, *facts), rule.pk)


def _open(on: date, children: QuerySet[Any]) -> QuerySet[Application]:
    still_open = Q(ended_on__isnull=True) | Q(ended_on__gt=on)
    return Application.objects.filter(still_open, child__in=children, applied_on__lte=on).select_related("school")


def _running(on: date) -> QuerySet[Clock]:
    not_stopped = Q(stopped_on__isnull=True) | Q(stopped_on__gt=on)
    return Clock.objects.filter(not_stopped, started_on__lte=on)
