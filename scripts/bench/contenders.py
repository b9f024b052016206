"""Who is too often away: the question, our answer, and the loop over children that one first thinks of. Others are in ``peers``.

The question is the night's: persistently and severely absent in the academic year, fallen against the child's own earlier weeks,
and away for days in a row without a reason that anybody knows. Thresholds are the rulebook's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from attendance import codes
from attendance.checks import marks as checks
from attendance.models import AttendanceDay
from attendance.yearbits import Window, place_of
from children.models import Child
from virtualschool.rulebook import rules, schoolyear

Answer = dict[str, list[int]]
SAMPLE = 400


@dataclass(frozen=True)
class Question:
    """What is asked, as numbers and days: everybody gets the same."""

    on: date
    year: Window
    now: Window
    before: Window
    least: int
    persistent: int
    severe: int
    points: int
    in_a_row: int = 3


def question(on: date) -> Question:
    """By the rules in force on the day."""
    in_force = rules.pack(on, "attendance.")
    value, (now, before) = in_force.value, checks.windows(in_force, on)
    limits = (
        value("attendance.persistent_absence"),
        value("attendance.severe_absence"),
        value("attendance.fall.points"),
    )
    first = date(schoolyear.academic_year(on), 9, 1)
    return Question(on, Window(first, on), now, before, value("attendance.least_sessions"), *limits)


def answer(**ids: Iterable[Any]) -> Answer:
    return {name: sorted(int(pk) for pk in found) for name, found in ids.items()}


# ---------------------------------------------------------------- ours


def ours(asked: Question) -> Answer:
    """The night's own questions over the years of bits."""
    children, in_force = Child.objects.counted(asked.on), rules.pack(asked.on, "attendance.")
    absent = list(
        checks.too_absent(asked.on, children, in_force).values_list("child_id", "year_possible", "year_absent")
    )
    return answer(
        persistent=[pk for pk, _, _ in absent],
        severe=[pk for pk, possible, away in absent if 100 * away >= asked.severe * possible],
        fallen=checks.fallen(asked.on, children, in_force).values_list("child_id", flat=True),
        unexplained=unexplained(asked, children),
    )


_IN_A_ROW = """
    SELECT child_id, marked::text, unexplained::text FROM attendance_year
    WHERE year = %s AND child_id = ANY(%s) AND bit_count(unexplained & %s::bit(732)) >= %s
"""


def unexplained(asked: Question, children: Any) -> list[int]:
    """From the bits: those with enough unexplained sessions in the last weeks are looked at day by day."""
    (year,) = asked.now.years()
    places = range(place_of(asked.now.first), place_of(asked.now.last) + 2, 2)
    found = []
    with connection.cursor() as cursor:
        known = list(children.values_list("pk", flat=True))
        cursor.execute(_IN_A_ROW, [year, known, asked.now.mask(year), 2 * asked.in_a_row])
        for pk, marked, bits in cursor:
            days = "".join("x" if bits[n : n + 2] == "11" else "." for n in places if "1" in marked[n : n + 2])
            if "x" * asked.in_a_row in days:
                found.append(pk)
    return found


# ---------------------------------------------------------------- the obvious loop


def by_loop(asked: Question, children: Iterable[int]) -> Answer:
    """A few queries for each child."""
    found: dict[str, list[int]] = {"persistent": [], "severe": [], "fallen": [], "unexplained": []}
    for pk in children:
        possible, absent = sessions_of(pk, asked.year)
        if possible >= asked.least and 100 * absent >= asked.persistent * possible:
            found["persistent"].append(pk)
            if 100 * absent >= asked.severe * possible:
                found["severe"].append(pk)
        (now, missed), (before, was) = sessions_of(pk, asked.now), sessions_of(pk, asked.before)
        falls = 100 * (missed * before - was * now) >= asked.points * now * before
        if falls and now >= asked.least and before >= asked.least:
            found["fallen"].append(pk)
        days = AttendanceDay.objects.filter(child_id=pk, date__range=(asked.now.first, asked.now.last)).order_by("date")
        letters = codes.UNEXPLAINED_LETTERS
        away = "".join(
            "x" if (am or " ") in letters and (pm or " ") in letters else "." for am, pm in days.values_list("am", "pm")
        )
        if "x" * asked.in_a_row in away:
            found["unexplained"].append(pk)
    return answer(**found)


def sessions_of(pk: int, span: Window) -> tuple[int, int]:
    """Possible and missed sessions of a child, counted as one first thinks of it."""
    days = AttendanceDay.objects.filter(child_id=pk, date__range=(span.first, span.last))
    halves = ("am__in", "pm__in")
    possible = sum(days.filter(**{half: list(codes.POSSIBLE_LETTERS)}).count() for half in halves)
    return possible, sum(days.filter(**{half: list(codes.ABSENT_LETTERS)}).count() for half in halves)


def sample(children: int) -> list[int]:
    """The children of whom the loop asks: all of a small authority, some of a larger."""
    return list(range(1, children + 1, max(1, children // SAMPLE if children > 2 * SAMPLE else 1)))


def only(found: Answer, children: Iterable[int]) -> Answer:
    """The part of an answer that is about these children."""
    those = set(children)
    return {name: [pk for pk in ids if pk in those] for name, ids in found.items()}
