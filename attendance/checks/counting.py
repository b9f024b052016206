"""Sessions of many children in one query, and how the checks tell them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from attendance.models import AttendanceYear
from attendance.rates import Sessions, count_of, years_of
from attendance.yearbits import Window
from virtualschool.accounts.roles import FieldGroup

GROUP = FieldGroup.ATTENDANCE
ONE_DAY = timedelta(days=1)
COUNTED = ("possible", "absent")


def counted(children: QuerySet[Any], windows: Mapping[str, Window], kinds: tuple[str, ...] = COUNTED) -> QuerySet[Any]:
    """A row for each child with the sessions of each kind (a column of ``AttendanceYear``) in each window."""
    rows = AttendanceYear.objects.filter(child__in=children, year__in=years_of(*windows.values()))
    counts = {f"{name}_{kind}": count_of(kind, window) for name, window in windows.items() for kind in kinds}
    return rows.values("child_id", "child__uuid").annotate(**counts).order_by("child_id")


def sessions(row: Mapping[str, Any], name: str) -> Sessions:
    return Sessions(row[f"{name}_possible"], row[f"{name}_absent"])


def href(row: Mapping[str, Any]) -> str:
    """The child's attendance."""
    return reverse("attendance:child", args=[row["child__uuid"]])


def percent(one: Sessions) -> str:
    return f"{100 * one.attended / one.possible:.1f}%"


def attended(one: Sessions) -> str:
    return f"{one.attended} of {one.possible} sessions attended"


def missed_words(one: Sessions) -> str:
    return f"{one.absent} of {one.possible} possible sessions missed ({100 * one.absent / one.possible:.1f}%)"
