"""Where a session stands in a child's year of bits.

A year of bits begins on 1 August and has two bits for every day of the calendar, weekends too: a mark needs no calendar to count,
and there are schools that teach on Saturdays. The database has the same arithmetic in ``attendance_year_of`` and
``attendance_place_of``; a test compares the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LENGTH = 732  # two sessions of 366 days
FIRST_MONTH = 8
ZERO = "0" * LENGTH


def year_of(on: date) -> int:
    """The year of bits that a day lies in, named by the calendar year it begins in."""
    return on.year if on.month >= FIRST_MONTH else on.year - 1


def year_began(year: int) -> date:
    """The first day of a year of bits."""
    return date(year, FIRST_MONTH, 1)


def place_of(on: date) -> int:
    """The place of the day's morning; its afternoon is the next."""
    return 2 * (on - date(year_of(on), FIRST_MONTH, 1)).days


def day_at(year: int, place: int) -> date:
    """The day whose morning or afternoon stands at the place."""
    return date(year, FIRST_MONTH, 1) + timedelta(days=place // 2)


@dataclass(frozen=True)
class Window:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def years(self) -> range:
        """The years of bits that it touches; none when it is empty."""
        return range(year_of(self.first), year_of(self.last) + 1) if self.first <= self.last else range(0)

    def mask(self, year: int) -> str:
        """Ones at the window's sessions in that year."""
        start = max(self.first, date(year, FIRST_MONTH, 1))
        end = min(self.last, date(year + 1, FIRST_MONTH, 1) - timedelta(days=1))
        if start > end:
            return ZERO
        before, ones = place_of(start), 2 * ((end - start).days + 1)
        return "0" * before + "1" * ones + "0" * (LENGTH - before - ones)


def mask_of(days: list[date]) -> Iterator[tuple[int, str]]:
    """For each year of bits that the days touch, ones at both sessions of each day."""
    for year in sorted({year_of(day) for day in days}):
        bits = bytearray(ZERO, "ascii")
        for day in days:
            if year_of(day) == year:
                bits[place_of(day) : place_of(day) + 2] = b"11"
        yield year, bits.decode()
