"""Makes a size's data from a seed: the roll by set-based SQL, the marks with arrays and COPY. Every name is made up."""

import json
import time
from dataclasses import dataclass
from datetime import date, timedelta

from scripts.bench import marks, roll
from scripts.bench.place import Place, owner
from virtualschool.kernel.dates import moment, standing_at
from virtualschool.rulebook import calendars

SEED = 4
YEAR = 2025
EARLIER = (2023, 2024)
SCHOOL_DAYS = 190
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The school days of the year that is watched, up to ``on``, and of those before it."""

    on: date
    days: dict[int, list[date]]

    @property
    def before(self) -> list[date]:
        """The year's days without the last, whose feed is measured."""
        return self.days[YEAR][:-1]


def calendar() -> Calendar:
    """The night that is measured is that of the year's 190th school day, by the terms that ship."""
    days = {year: _school_days(year)[:SCHOOL_DAYS] for year in (*EARLIER, YEAR)}
    return Calendar(days[YEAR][-1], days)


def _school_days(year: int) -> list[date]:
    counts = calendars.load().school_days().counts
    first = date(year, 9, 1)
    return [day for day in (first + DAY * n for n in range(330)) if counts(day)]


def build(place: Place) -> dict[str, float]:
    """Make what is not there yet.

    Returns:
        seconds by part; those of the run that made it.
    """
    told = place.file("made-in.json")
    if not place.is_made():
        spent = _build(place, calendar())
        told.write_text(json.dumps(spent))
        place.finish()
    found: dict[str, float] = json.loads(told.read_text())
    return found


def _build(place: Place, days: Calendar) -> dict[str, float]:
    spent: dict[str, float] = {}
    with owner() as cursor:
        _timed(spent, "roll", lambda: roll.build(cursor, place.children, days.on, SEED))
        for year in (*EARLIER, YEAR):
            _timed(spent, f"marks of {year}", lambda year=year: _year(cursor, place, days, year))
        for table in (*roll.TABLES, "attendance_year", *(f"attendance_day_{name}" for name in marks.months(days.days))):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("ANALYZE attendance_day")
    return spent


def _year(cursor: object, place: Place, days: Calendar, year: int) -> None:
    made = marks.draw(place.children, days.days[year], SEED + year)
    kept = made.until(days.on) if year == YEAR else made
    marks.load(cursor, kept, aside=year in EARLIER)
    if year == YEAR:
        marks.write_files(made, place.file("marks.parquet"), place.file("marks.csv"))
        marks.write_day(made, place.file("day.npz"))


def _timed(spent: dict[str, float], words: str, make: object) -> None:
    began = time.monotonic()
    make()  # type: ignore[operator]
    spent[words] = time.monotonic() - began
    print(f"  made: {words} ({spent[words]:.1f} s)", flush=True)


def at(on: date) -> object:
    """The clock stands in the early morning after the day."""
    return standing_at(moment(on + DAY, 4))
