"""Rates as the Department reckons them: of possible sessions only, as exact ratios, each child by their own.

``of_marks`` counts the marks themselves, with the codes; ``sessions`` counts bits, for many children and many windows in one query.
Persistent absence includes severe absence; a child with no possible session is in neither and in no figure.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Case, F, Func, IntegerField, Max, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import MD5, Concat

from attendance import codes
from attendance.models import AttendanceYear
from attendance.yearbits import Window, year_began
from virtualschool.rulebook import rules

PERSISTENT, SEVERE = "attendance.persistent_absence", "attendance.severe_absence"


@dataclass(frozen=True)
class Sessions:
    """Sessions of one child, or of several as if they attended a single school."""

    possible: int = 0
    absent: int = 0
    unauthorised: int = 0

    @property
    def attended(self) -> int:
        return self.possible - self.absent

    @property
    def authorised(self) -> int:
        return self.absent - self.unauthorised

    def __add__(self, other: "Sessions") -> "Sessions":
        return Sessions(
            self.possible + other.possible, self.absent + other.absent, self.unauthorised + other.unauthorised
        )

    def missed(self, percent: int) -> bool:
        """Whether at least so many per cent of the possible sessions were missed."""
        return self.possible > 0 and 100 * self.absent >= percent * self.possible


@dataclass(frozen=True)
class Rates:
    """What ``manage.py attendance_rates`` answers."""

    possible: int = 0
    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    children: int = 0
    persistently_absent: int = 0
    severely_absent: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Thresholds:
    """The shares of possible sessions, in per cent, from which a child is persistently and severely absent."""

    persistent: int
    severe: int


def thresholds(on: date) -> Thresholds:
    """Those in force on the day."""
    in_force = rules.pack(on, "attendance.")
    return Thresholds(in_force.value(PERSISTENT), in_force.value(SEVERE))


_OF_MARKS = """
    WITH counted AS MATERIALIZED (
        SELECT d.child_id, half.code::text AS code, count(*) AS n
        FROM attendance_day d CROSS JOIN LATERAL (VALUES (d.am), (d.pm)) half (code)
        WHERE d.date BETWEEN %(first)s AND %(last)s AND half.code IS NOT NULL
          AND (%(child)s::bigint IS NULL OR d.child_id = %(child)s::bigint)
          AND (%(school)s::bigint IS NULL OR EXISTS (
              SELECT FROM children_enrolment e
              WHERE e.child_id = d.child_id AND e.school_id = %(school)s::bigint
                AND e.start <= d.date AND (e."end" IS NULL OR e."end" > d.date)))
        GROUP BY d.child_id, half.code
    ), of_child AS (
        SELECT coalesce(sum(n) FILTER (WHERE strpos(%(possible)s, code) > 0), 0) AS possible,
               coalesce(sum(n) FILTER (WHERE strpos(%(absent)s, code) > 0), 0) AS absent,
               coalesce(sum(n) FILTER (WHERE strpos(%(unauthorised)s, code) > 0), 0) AS unauthorised
        FROM counted GROUP BY child_id
    )
    SELECT (SELECT json_object_agg(code, n)::text FROM (SELECT code, sum(n) AS n FROM counted GROUP BY code) each_code),
           coalesce(sum(possible), 0)::bigint, coalesce(sum(absent), 0)::bigint, coalesce(sum(unauthorised), 0)::bigint,
           count(*) FILTER (WHERE possible > 0),
           count(*) FILTER (WHERE possible > 0 AND 100 * absent >= %(persistent)s * possible),
           count(*) FILTER (WHERE possible > 0 AND 100 * absent >= %(severe)s * possible)
    FROM of_child
"""


def of_marks(first: date, last: date, *, child: int | None = None, school: int | None = None) -> Rates:
    """Every accepted mark from ``first`` to ``last``, both included.

    Args:
        child: this child's alone, by primary key.
        school: those of days on which the child was on this school's roll, by primary key.
    """
    limits = thresholds(last)
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_MARKS,
            {
                "first": first,
                "last": last,
                "child": child,
                "school": school,
                "possible": codes.POSSIBLE_LETTERS,
                "absent": codes.ABSENT_LETTERS,
                "unauthorised": codes.UNAUTHORISED_LETTERS,
                "persistent": limits.persistent,
                "severe": limits.severe,
            },
        )
        marks, possible, absent, unauthorised, *counted = cursor.fetchone()
    return Rates(possible, possible - absent, absent - unauthorised, unauthorised, _by_code(marks), *counted)


def _by_code(marks: str | None) -> dict[str, int]:
    """How often each code of the register was marked, in the order of the list."""
    found = json.loads(marks or "{}")
    return {code.code: found[code.stored] for code in codes.CODES.values() if code.stored in found}


class _Count(Func):
    """How many ones the first string of bits has where the second has them too. As integers, whose sums are no numerics."""

    function = "bit_count"
    template = "%(function)s(%(expressions)s)::integer"
    arg_joiner = " & "
    output_field = IntegerField()


def count_of(kind: str, window: Window) -> Sum:
    """Sessions of a kind (a column of ``AttendanceYear``) within the window; for a query grouped by child."""
    in_each = [When(year=year, then=_Count(F(kind), Value(window.mask(year)))) for year in window.years()]
    return Sum(Case(*in_each, default=0))


class _Told(Func):
    """The bits that the second string has, as text."""

    template = "(%(expressions)s)::text"
    arg_joiner = " & "
    output_field = TextField()


def told_by(on: date, years: Iterable[int]) -> Max:
    """What a child's latest marks up to a day say, as a digest that stays the same while nobody marks or corrects anything."""
    in_each = []
    for year in years:
        known = Value(Window(year_began(year), on).mask(year))
        said = MD5(Concat(_Told(F("possible"), known), _Told(F("absent"), known)))
        in_each.append(When(year=year, then=Concat(Value(f"{year}:"), said)))
    return Max(Case(*in_each, output_field=TextField()))


def years_of(*windows: Window) -> list[int]:
    """The years of bits that the windows touch."""
    return sorted({year for window in windows for year in window.years()})


def by_child(children: QuerySet[Any], windows: Mapping[str, Window]) -> dict[int, dict[str, Sessions]]:
    """For each child, by primary key, the sessions in each window. One query; children without marks are not in it."""
    rows = AttendanceYear.objects.filter(child__in=children, year__in=years_of(*windows.values())).values("child_id")
    kinds = ("possible", "absent", "unauthorised")
    counts = {f"{name}_{kind}": count_of(kind, window) for name, window in windows.items() for kind in kinds}
    return {
        row["child_id"]: {name: Sessions(*(row[f"{name}_{kind}"] for kind in kinds)) for name in windows}
        for row in rows.annotate(**counts).order_by()
    }
