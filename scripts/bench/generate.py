"""Makes a size's data from a seed: the roll by set-based SQL, the marks with arrays and COPY. Every name is made up."""

import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

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
    """Make the parts that are not there yet; one that is broken off leaves nothing behind.

    Returns:
        seconds by part; those of the run that made it.
    """
    days = calendar()
    spent = place.parts() or {}
    with owner() as cursor:
        works = {"roll": partial(roll.build, cursor, place.children, days.on, SEED)}
        works |= {f"marks of {year}": partial(_year, cursor, place, days, year) for year in (*EARLIER, YEAR)}
        for words in [words for words in works if words not in spent]:
            began = time.monotonic()
            cursor.execute("BEGIN")
            works[words]()
            cursor.execute("COMMIT")
            spent[words] = time.monotonic() - began
            place.keep(spent)
            print(f"  made: {words} ({spent[words]:.1f} s)", flush=True)
        if "tidied" not in spent:
            for table in (*roll.TABLES, "attendance_year", "bench_year", "attendance_day"):
                cursor.execute(f"VACUUM ANALYZE {table}")
            place.keep(spent | {"tidied": 0})
    return spent


def _year(cursor: Any, place: Place, days: Calendar, year: int) -> None:
    made = marks.draw(place.children, days.days[year], SEED + year)
    kept = made.until(days.on) if year == YEAR else made
    marks.load(cursor, kept, aside=year in EARLIER)
    if year == YEAR:
        marks.write_files(made, place.file("marks.parquet"), place.file("marks.csv"))
        marks.write_day(made, place.file("day.npz"))


def at(on: date) -> Any:
    """The clock stands in the early morning after the day."""
    return standing_at(moment(on + DAY, 4))
