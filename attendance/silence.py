"""Children on a school's roll of whom nobody has marked anything on the last school days.

School days are those of the child's own school, or of the council where the school has given no terms. Days that no loaded
calendar knows are not asked for, nor days before the child came on the roll, into care, or was known here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from attendance.models import AttendanceYear
from attendance.yearbits import day_at, place_of, year_of
from children.models import Enrolment, PeriodOfCare
from virtualschool.kernel import periods
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendars

Days = tuple[date, ...]


@dataclass(frozen=True)
class Silence:
    """A child without any mark on the last school days. ``last_mark`` is None when there is none since ``start``."""

    child_id: int
    school: str
    start: date
    last_mark: date | None = None


def silent(children: QuerySet[Any], on: date, days: int) -> Iterator[Silence]:
    """Those of ``children`` of whom the last ``days`` school days up to ``on`` have no mark. Six queries."""
    asked_of: dict[str, Days] = {}
    known = calendars.load()
    waiting: list[tuple[Silence, Days]] = []
    for urn, place in _places(children, on):
        own = known.own(urn)
        if own not in asked_of:
            asked_of[own] = last_school_days(known, own, on, days)
        if asked_of[own] and place.start <= asked_of[own][0]:
            waiting.append((place, asked_of[own]))
    marked = _marked(children, {day for asked in asked_of.values() for day in asked})
    found = [place for place, asked in waiting if not any(_has_mark(marked, place.child_id, day) for day in asked)]
    last = _last_marks([place.child_id for place in found], on)
    for place in found:
        mark = last.get(place.child_id)
        yield Silence(place.child_id, place.school, place.start, mark if mark and mark >= place.start else None)


def last_school_days(known: Calendars, urn: str, on: date, days: int) -> Days:
    """The last school days up to ``on``, oldest first; none when that cannot be known."""
    count = known.school_days(urn).add(on + timedelta(days=1), -days)
    return () if count.due_on is None else tuple(sorted(count.counted))


def _places(children: QuerySet[Any], on: date) -> Iterator[tuple[str, Silence]]:
    """The main place of each child on the day, with the first day on which marks are asked for."""
    care = PeriodOfCare.objects.filter(periods.on(on), child=OuterRef("child")).values("start")[:1]
    places = Enrolment.objects.main().filter(periods.on(on), child__in=children).annotate(care_from=Subquery(care))
    rows = places.order_by("child_id").values_list(
        "child_id", "school__urn", "school__name", "start", "care_from", "child__known_from"
    )
    for child_id, urn, name, *starts in rows:
        yield urn, Silence(child_id, name, max(start for start in starts if start))


def _marked(children: QuerySet[Any], days: set[date]) -> dict[tuple[int, int], str]:
    """The bits of marked sessions by year and child."""
    years = {year_of(day) for day in days}
    rows = AttendanceYear.objects.filter(child__in=children, year__in=years)
    return {(year, child_id): bits for year, child_id, bits in rows.values_list("year", "child_id", "marked")}


def _has_mark(marked: dict[tuple[int, int], str], child_id: int, on: date) -> bool:
    bits = marked.get((year_of(on), child_id), "")
    return "1" in bits[place_of(on) : place_of(on) + 2]


def _last_marks(child_ids: list[int], on: date) -> dict[int, date]:
    """The last day with a mark up to ``on``, from the years of bits: the marks themselves lie in a table for each month there ever was."""
    rows = AttendanceYear.objects.filter(child_id__in=child_ids, year__lte=year_of(on)).order_by("year")
    found = {}
    for child_id, year, marked in rows.values_list("child_id", "year", "marked"):
        known = marked[: place_of(on) + 2] if year == year_of(on) else marked
        if "1" in known:
            found[child_id] = day_at(year, known.rindex("1"))
    return found
