"""Attendance week by week of an academic year, counted from the years of bits: in one query, or two for one school."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from attendance.models import AttendanceYear
from attendance.rates import Sessions, count_of, years_of
from attendance.yearbits import Window
from children.models import Enrolment, School
from virtualschool.rulebook.schoolyear import words

ONE_DAY, SUNDAY = timedelta(days=1), 6
# In units of the drawing: as wide as a phone, a column for each week that a year can have.
WIDTH, HEIGHT, STEP, BAR = 400, 120, 7.4, 6


def weeks(year: int, on: date) -> list[Window]:
    """Monday to Sunday of each week of the academic year up to the day, cut where the year begins and ends."""
    first, last = date(year, 9, 1), min(date(year + 1, 8, 31), on)
    found = []
    while first <= last:
        sunday = first + (SUNDAY - first.weekday()) * ONE_DAY
        found.append(Window(first, min(sunday, last)))
        first = sunday + ONE_DAY
    return found


def of_children(children: QuerySet[Any], windows: Sequence[Window]) -> list[Sessions]:
    """The sessions of all of them together in each window. One query."""
    rows = AttendanceYear.objects.filter(child__in=children, year__in=years_of(*windows))
    kinds = ("possible", "absent", "unauthorised")
    counts = {f"w{n}_{kind}": count_of(kind, window) for n, window in enumerate(windows) for kind in kinds}
    found = rows.aggregate(**counts)
    return [Sessions(*(found[f"w{n}_{kind}"] or 0 for kind in kinds)) for n in range(len(windows))]


def of_school(children: QuerySet[Any], school: School, windows: Sequence[Window]) -> list[Sessions]:
    """The same of days on which each child was on this school's roll as its main place. Two queries."""
    if not windows:
        return []
    span = Window(windows[0].first, windows[-1].last)
    rolls = Enrolment.objects.main().filter(
        Q(end__isnull=True) | Q(end__gt=span.first), school=school, child__in=children, start__lte=span.last
    )
    held: dict[int, list[Window]] = {}
    for child, start, end in rolls.values_list("child_id", "start", "end"):
        held.setdefault(child, []).append(Window(start, end - ONE_DAY if end else date.max))
    rows = AttendanceYear.objects.filter(child__in=list(held), year__in=years_of(span))
    found = [Sessions() for _ in windows]
    for child, year, *bits in rows.values_list("child_id", "year", "possible", "absent", "unauthorised"):
        on_roll = sum(_ones(_within(window, span), year) for window in held[child])
        kinds = [int(each, 2) & on_roll for each in bits]
        for place, window in enumerate(windows):
            mask = _ones(window, year)
            found[place] += Sessions(*((kind & mask).bit_count() for kind in kinds))
    return found


def _within(window: Window, span: Window) -> Window:
    return Window(max(window.first, span.first), min(window.last, span.last))


def _ones(window: Window, year: int) -> int:
    return int(window.mask(year), 2)


@dataclass(frozen=True)
class Bar:
    """A week with possible sessions, as a column of the picture and a row of the table."""

    week: str
    words: str
    sessions: Sessions
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Trend:
    """Weeks on one scale from nothing to all sessions attended; a gap is a week without a possible session."""

    title: str
    bars: tuple[Bar, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT
    bar_width: int = BAR


def trend(title: str, windows: Sequence[Window], counted: Sequence[Sessions]) -> Trend:
    """The picture of the weeks' sessions."""
    bars = tuple(_bars(windows, counted))
    summary = "; ".join(f"{bar.week} {bar.words}" for bar in bars) or "no marks"
    return Trend(title, bars, f"{title}: {summary}")


def _bars(windows: Sequence[Window], counted: Sequence[Sessions]) -> Iterator[Bar]:
    for place, (window, one) in enumerate(zip(windows, counted, strict=True)):
        if one.possible:
            height = round(HEIGHT * one.attended / one.possible, 1)
            share = f"{100 * one.attended / one.possible:.1f}%"
            x = round(place * STEP, 1)
            yield Bar(words(window.first), share, one, x, round(HEIGHT - height, 1), height)
