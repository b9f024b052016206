"""The night's watch over alternative provision: providers that nobody inspects checked in time, and every place reviewed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from attendance.models import AlternativeProvision
from attendance.provision import standings as provisionchecks
from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from virtualschool.accounts.roles import FieldGroup
from virtualschool.rulebook.schoolyear import words

GROUP = FieldGroup.ATTENDANCE


@check(
    "attendance.provision.unchecked",
    words="Unregistered provider with checks overdue",
    rule="attendance.provision.checks",
    group=GROUP,
)
def provision_unchecked(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """A child is taught by a provider that is no registered school, and a check was not made, or too long ago."""
    asked = provisionchecks.rule(on).value
    rows = AlternativeProvision.objects.filter(child__in=children).checks_overdue(asked, on)
    for one in rows.order_by("pk"):
        late = provisionchecks.overdue(one, asked, on)
        told = f"At {one.provider}, which is no registered school; not checked: " + "; ".join(
            standing.kind.label for standing in late
        )
        href = one.get_absolute_url()
        facts = [fact(one.start, "The child began there", href)]
        facts += [fact(standing.last, f"Last: {standing.kind.label}", href) for standing in late if standing.last]
        yield Finding(one.child_id, f"provision:{one.pk}", evidence(told, *facts))


@check(
    "attendance.provision.late",
    words="Alternative provision past its review or end",
    rule="attendance.provision.review",
    group=GROUP,
)
def provision_late(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Running, and not looked at when it should have been, or beyond its last day."""
    rows = AlternativeProvision.objects.late(on).filter(child__in=children, start__lte=on)
    for one in rows.select_related("school").order_by("pk"):
        over = one.end is not None and one.end <= on
        due = one.end if over and one.end else one.review_on
        told = f"At {one.provider}, {'was to end on' if over else 'was to be reviewed by'} {words(due)}"
        href = one.get_absolute_url()
        facts = [fact(one.start, "It began", href), fact(due, "Due", href)]
        yield Finding(one.child_id, f"provision:{one.pk}", evidence(told, *facts))
