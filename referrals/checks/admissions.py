"""The night's watch over applications for school places: every date of one that ran out, each in its own words."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from children.models import Clock
from referrals.models import Application
from virtualschool.rulebook.schoolyear import words

OVERDUE = "admissions.answer_overdue"


@check(OVERDUE, words="An answer to an application for a school place is overdue")
def answer_overdue(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Clocks of applications that had run out by the day and were not stopped by then. Two queries."""
    still_open = Q(ended_on__isnull=True) | Q(ended_on__gt=on)
    rows = Application.objects.filter(still_open, child__in=children, applied_on__lte=on).select_related("school")
    found = {one.matter: one for one in rows}
    matters = (
        rows.order_by().annotate(key=Concat(Value("referrals.Application:"), Cast("uuid", CharField()))).values("key")
    )
    not_stopped = Q(stopped_on__isnull=True) | Q(stopped_on__gt=on)
    late = Clock.objects.filter(not_stopped, due_on__lt=on, started_on__lte=on, matter__in=matters).select_related(
        "rule"
    )
    for clock in late.order_by("pk"):
        one = found[clock.matter]
        told = f"{clock.about}: it was due by {words(clock.due_on)}, from {one.school.name}"
        facts = [
            fact(clock.started_on, f"Because {clock.started_by}", one.get_absolute_url()),
            fact(clock.due_on, "Due", clock.get_absolute_url()),
        ]
        yield Finding(one.child_id, f"clock:{clock.uuid}", evidence(told, *facts), rule_id=clock.rule_id)
