"""The night's watch over reduced timetables: reviewed in time, over when they should be, agreed by all, and none unrecorded."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Sum, Value, When
from django.urls import reverse

from attendance import arrangements
from attendance.codes import CODES
from attendance.models import AttendanceDay, ReducedTimetable
from children.checks.registry import Finding, check
from children.checks.signals import signal
from children.evidence import evidence, fact
from virtualschool.accounts.roles import FieldGroup
from virtualschool.rulebook import rules
from virtualschool.rulebook.schoolyear import words

GROUP = FieldGroup.ATTENDANCE
PART_TIME = CODES["C2"].stored


@check(
    "attendance.timetable.late",
    words="Reduced timetable past its review or end",
    rule="attendance.reduced_timetable.review",
    group=GROUP,
)
def timetable_late(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Running, and not looked at when it should have been; or the day of full time has come and nobody said that it came."""
    for one in _running(on, children).late(on):
        over = one.end <= on
        due = one.end if over else one.review_on
        told = "was to be full time again on" if over else "was to be reviewed by"
        facts = [fact(one.start, "It began", one.get_absolute_url()), fact(due, "Due", one.get_absolute_url())]
        yield Finding(
            one.child_id, f"timetable:{one.pk}", evidence(f"On {one.hours_words}, {told} {words(due)}", *facts)
        )


@check(
    "attendance.timetable.not_agreed",
    words="Reduced timetable that is not agreed",
    rule="attendance.reduced_timetable.agreed_by",
    group=GROUP,
)
def timetable_not_agreed(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Begun, without the word of everybody whom the rule asks."""
    parties = arrangements.parties(on)
    begun = ReducedTimetable.objects.filter(child__in=children, start__lte=on)
    for one in begun.not_agreed(parties, on).order_by("pk"):
        lacking = ", ".join(party.label for party in parties if getattr(one, f"agrees_{party.value}") is not True)
        told = f"On {one.hours_words} without the word of {lacking}"
        yield Finding(
            one.child_id,
            f"timetable:{one.pk}:{one.round}",
            evidence(told, fact(one.start, "It began", one.get_absolute_url())),
        )


@check(
    "attendance.timetable.unrecorded",
    words="Marked part-time (C2) without a recorded timetable",
    rule="attendance.reduced_timetable.unrecorded",
    group=GROUP,
)
def timetable_unrecorded(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Part-time marks of the last weeks on days that no reduced timetable holds for."""
    rule = rules.get("attendance.reduced_timetable.unrecorded", on=on)
    first = on - timedelta(weeks=rule.value["weeks"])
    held = ReducedTimetable.objects.covering(OuterRef("child"), OuterRef("date"))
    days = AttendanceDay.objects.filter(child__in=children, date__gt=first, date__lte=on)
    days = days.filter(~Exists(held), Q(am=PART_TIME) | Q(pm=PART_TIME)).order_by()
    rows = days.values("child_id", "child__uuid").annotate(number=Sum(_half("am") + _half("pm")), last=Max("date"))
    for row in rows.filter(number__gte=rule.value["sessions"]).order_by("child_id"):
        told = f"{row['number']} sessions marked part-time (C2), and no reduced timetable is recorded"
        href = reverse("attendance:child", args=[row["child__uuid"]])
        basis = f"{row['last']}"
        yield Finding(
            row["child_id"], f"{row['child_id']}:c2", evidence(told, fact(row["last"], "The last", href), basis=basis)
        )


@signal("reduced_timetable", group=GROUP)
def on_reduced_timetable(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """One is running."""
    for one in _running(on, children):
        told = evidence(f"On {one.hours_words}", fact(one.start, "It began", one.get_absolute_url()))
        yield Finding(one.child_id, f"{one.child_id}:{one.pk}", told)


def _running(on: date, children: QuerySet[Any]) -> QuerySet[ReducedTimetable]:
    return ReducedTimetable.objects.running().filter(child__in=children, start__lte=on).order_by("pk")


def _half(name: str) -> Case:
    return Case(When(**{name: PART_TIME}, then=Value(1)), default=Value(0), output_field=IntegerField())
