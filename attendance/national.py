"""What is published of England, as dated data with its source; what is not there is not known."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from virtualschool.rulebook import schoolyear

_LIST = Path(__file__).resolve().parent / "data" / "national.csv"
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class National:
    """One published figure, in per cent as it was printed."""

    year: int
    group: str
    measure: str
    value: str
    source: str

    @property
    def words(self) -> str:
        return f"{self.value}% in {schoolyear.year_words(self.year)}"


@cache
def published() -> tuple[National, ...]:
    """All figures, in the order of the file."""
    with _LIST.open(encoding="utf-8", newline="") as file:
        return tuple(National(int(row.pop("year")), **row) for row in csv.DictReader(file))


def figure(group: str, measure: str, on: date) -> National | None:
    """The newest figure of a year that had begun by the day."""
    begun = schoolyear.academic_year(on)
    found = [one for one in published() if (one.group, one.measure) == (group, measure) and one.year <= begun]
    return max(found, key=lambda one: one.year, default=None)
