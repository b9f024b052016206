"""Due dates that nobody knows, because the terms or bank holidays that they count are not loaded."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from children.checks.registry import Finding, check
from children.clocks import rule_of
from children.evidence import evidence, fact
from children.models import Clock
from virtualschool.accounts.roles import FieldGroup
from virtualschool.rulebook.enums import Unit

UNKNOWN = "record.date_not_known"


@check(UNKNOWN, words="A due date is not known: the terms or bank holidays are not loaded")
def date_not_known(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Clocks without a date, from the first day on which they might have run out had every day counted. One query."""
    running = Q(stopped_on__isnull=True) | Q(stopped_on__gt=on)
    waiting = Clock.objects.filter(running, due_on__isnull=True, started_on__lte=on, child__in=children)
    for clock in waiting.select_related("rule").order_by("pk"):
        if _stands_still(clock) or on <= clock.started_on + timedelta(days=_at_least(clock)):
            continue
        sentence = f"{clock.about}: by when is not known. Load the terms and bank holidays that it counts"
        told = fact(clock.started_on, f"Because {clock.started_by}", clock.get_absolute_url())
        yield Finding(
            clock.child_id,
            f"clock:{clock.uuid}",
            evidence(sentence, told),
            rule_id=clock.rule_id,
            group=FieldGroup(clock.field_group),
        )


def _stands_still(clock: Clock) -> bool:
    return any(end is None for _, end, _ in clock.pauses)


def _at_least(clock: Clock) -> int:
    """The days that must go by whatever counts; a month is four weeks or more."""
    rule = rule_of(clock)
    days = {Unit.WEEKS: 7, Unit.MONTHS: 28}.get(rule.unit, 1)
    return days * rule.value if isinstance(rule.value, int) else 0
