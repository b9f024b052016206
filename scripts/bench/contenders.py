"""Who is too often away: the question, our answer, and the loop over children that one first thinks of. Others are in ``peers``.

The question is the night's: persistently and severely absent in the academic year, fallen against the child's own earlier weeks,
and away at their latest sessions, so many in a row, without a reason that anybody knows. Thresholds are the rulebook's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from attendance import codes
from attendance.checks import levels, unexplained
from attendance.checks import marks as checks
from attendance.models import AttendanceDay
from attendance.yearbits import Window
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
    recent: Window
    least: int
    persistent: int
    severe: int
    points: int
    in_a_row: int


def question(on: date) -> Question:
    """By the rules in force on the day."""
    in_force = rules.pack(on, "attendance.")
    value, (now, before) = in_force.value, checks.windows(in_force, on)
    limits = (
        value("attendance.persistent_absence"),
        value("attendance.severe_absence"),
        value("attendance.fall.points"),
        value(unexplained.IN_A_ROW),
    )
    first = date(schoolyear.academic_year(on), 9, 1)
    recent = Window(on - unexplained.LOOK_BACK, on)
    return Question(on, Window(first, on), now, before, recent, value("attendance.least_sessions"), *limits)


def answer(**ids: Iterable[Any]) -> Answer:
    return {name: sorted(int(pk) for pk in found) for name, found in ids.items()}


# ---------------------------------------------------------------- ours


def ours(asked: Question) -> Answer:
    """The night's own questions over the years of bits."""
    children, in_force = Child.objects.counted(asked.on), rules.pack(asked.on, "attendance.")
    absent = list(
        levels.too_absent(asked.on, children, in_force).values_list("child_id", "year_possible", "year_absent")
    )
    return answer(
        persistent=[pk for pk, _, _ in absent],
        severe=[pk for pk, possible, away in absent if 100 * away >= asked.severe * possible],
        fallen=checks.fallen(asked.on, children, in_force).values_list("child_id", flat=True),
        unexplained=[one.child_id for one in unexplained.in_a_row(on=asked.on, children=children)],
    )


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
        if latest_unexplained(pk, asked):
            found["unexplained"].append(pk)
    return answer(**found)


def sessions_of(pk: int, span: Window) -> tuple[int, int]:
    """Possible and missed sessions of a child, counted as one first thinks of it."""
    days = AttendanceDay.objects.filter(child_id=pk, date__range=(span.first, span.last))
    halves = ("am__in", "pm__in")
    possible = sum(days.filter(**{half: list(codes.POSSIBLE_LETTERS)}).count() for half in halves)
    return possible, sum(days.filter(**{half: list(codes.ABSENT_LETTERS)}).count() for half in halves)


def latest_unexplained(pk: int, asked: Question) -> bool:
    """Whether the latest possible sessions, as many as the rule asks for, are all unexplained."""
    days = AttendanceDay.objects.filter(child_id=pk, date__range=(asked.recent.first, asked.recent.last))
    halves = [half for pair in days.order_by("date").values_list("am", "pm") for half in pair if half]
    latest = [half for half in halves if half in codes.POSSIBLE_LETTERS][-asked.in_a_row :]
    return len(latest) == asked.in_a_row and all(half in codes.UNEXPLAINED_LETTERS for half in latest)


def sample(children: int) -> list[int]:
    """The children of whom the loop asks: all of a small authority, some of a larger."""
    return list(range(1, children + 1, max(1, children // SAMPLE if children > 2 * SAMPLE else 1)))


def only(found: Answer, children: Iterable[int]) -> Answer:
    """The part of an answer that is about these children."""
    those = set(children)
    return {name: [pk for pk in ids if pk in those] for name, ids in found.items()}
