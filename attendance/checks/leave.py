"""The night's watch over leave in term time: answered before it starts, marked as decided, and no holiday that nobody asked for."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse

from attendance.codes import CODES
from attendance.enums import LeaveState
from attendance.leave.marks import differing
from attendance.models import AttendanceDay, LeaveRequest
from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import LONDON
from virtualschool.rulebook import calendars, rules
from virtualschool.rulebook.schoolyear import words

GROUP = FieldGroup.ATTENDANCE
HOLIDAY = CODES["G"].stored


@check(
    "attendance.leave.waiting",
    words="Leave about to start without an answer",
    rule="attendance.leave.soon",
    group=GROUP,
)
def leave_waiting(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Nobody has decided, and fewer school days are left than the rule gives; by the school's own days."""
    rule, known = rules.get("attendance.leave.soon", on=on), calendars.load()
    rows = LeaveRequest.objects.open().filter(child__in=children, end__gt=on, asked_at__date__lte=on)
    rows = rows.filter(start__lte=on + timedelta(weeks=2 * rule.value)).select_related("enrolment__school")
    for leave in rows.order_by("pk"):
        last = known.school_days(leave.enrolment.school.urn).add(leave.start, -rule.value).due_on
        if last is not None and on > last:
            told = f"Leave from {words(leave.start)} is {leave.get_state_display()}"
            facts = [
                fact(leave.asked_at.astimezone(LONDON).date(), "Asked for", leave.get_absolute_url()),
                fact(leave.start, "First day away", leave.get_absolute_url()),
            ]
            yield Finding(leave.child_id, f"leave:{leave.pk}", evidence(told, *facts))


@check(
    "attendance.leave.differs",
    words="Leave marked otherwise than decided",
    rule="attendance.leave.unasked",
    group=GROUP,
)
def leave_differs(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """The register says something else of the days than the head decided."""
    weeks = rules.value("attendance.leave.unasked", on=on)
    rows = LeaveRequest.objects.standing().filter(child__in=children, start__lte=on)
    leaves = list(rows.filter(end__gt=on - timedelta(weeks=weeks)).order_by("pk"))
    found = differing(leaves, on)
    for leave in leaves:
        if leave.pk in found:
            rows_of = found[leave.pk]
            told = f"{len(rows_of)} sessions of leave {_decided(leave)} are marked {', '.join(sorted({one.code for one in rows_of}))}"
            facts = [
                fact(one.on, f"{one.session.label.capitalize()} marked {one.code}", leave.get_absolute_url())
                for one in rows_of[:10]
            ]
            yield Finding(leave.child_id, f"leave:{leave.pk}", evidence(told, *facts))


@check(
    "attendance.leave.unasked",
    words="Holiday in term time that nobody asked for",
    rule="attendance.leave.unasked",
    group=GROUP,
)
def leave_unasked(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Marked as a holiday that was not granted (G) on days for which there is no request."""
    first = on - timedelta(weeks=rules.value("attendance.leave.unasked", on=on))
    asked = LeaveRequest.objects.covering(OuterRef("child"), OuterRef("date"))
    days = AttendanceDay.objects.filter(child__in=children, date__gt=first, date__lte=on)
    days = days.filter(~Exists(asked), Q(am=HOLIDAY) | Q(pm=HOLIDAY)).order_by()
    for row in days.values("child_id", "child__uuid").annotate(last=Max("date")).order_by("child_id"):
        href = reverse("attendance:child", args=[row["child__uuid"]])
        told = f"Marked as a holiday (G), the last time on {words(row['last'])}, and nobody asked for leave"
        yield Finding(
            row["child_id"], f"{row['child_id']}:holiday", evidence(told, fact(row["last"], "The last", href))
        )


def _decided(leave: LeaveRequest) -> str:
    if leave.state == LeaveState.GRANTED:
        return f"granted as {leave.code}"
    return "not granted" if leave.state == LeaveState.NOT_GRANTED else "not decided yet"
