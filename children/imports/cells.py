"""One row of a file and the report it answers to: cells read as dates, codes and texts, with what is wrong said in place."""

import re
from collections.abc import Sequence
from datetime import date

from children.imports.report import Report
from virtualschool.kernel.csvfiles import Row

_DAY_FIRST = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII)
_DAY_FIRST_DASHES = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
EARLIEST = date(1900, 1, 1)


def day_first(text: str, *, dashes: bool = False) -> date | None:
    """A ``dd/mm/yyyy`` date, zero-padded (``dd-mm-yyyy`` too when told so); None for anything else."""
    found = _DAY_FIRST.fullmatch(text) or (_DAY_FIRST_DASHES.fullmatch(text) if dashes else None)
    return _real(*reversed(found.groups())) if found else None


def year_first(text: str) -> date | None:
    """A ``yyyy-mm-dd`` date; None for anything else."""
    found = _YEAR_FIRST.fullmatch(text)
    return _real(*found.groups()) if found else None


def _real(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found >= EARLIEST else None


class Cells:
    """A row of ``file``. What it says of a cell goes to the report with the file, the line, the column and the value.

    ``whom``: the columns that say which child the row is about; the first that is filled does.
    """

    def __init__(self, row: Row, *, file: str, report: Report, whom: Sequence[str] = ()) -> None:
        self.row = row
        self.file = file
        self.report = report
        self.child = next((row[column] for column in whom if row[column]), "")

    def __getitem__(self, column: str) -> str:
        return self.row[column]

    @property
    def line(self) -> int:
        return self.row.line

    def flag(self, column: str, reason: str) -> None:
        """The row is loaded, this cell is set aside or doubted."""
        self.report.flag(self.file, self.line, column, self.row[column], reason, self.child)

    def refuse(self, column: str, reason: str) -> None:
        """The row is not loaded."""
        self.report.refuse(self.file, self.line, column, self.row[column], reason, self.child)

    def text(self, column: str, longest: int) -> str:
        """The cell on one line; flagged and set aside when it is longer than can be kept."""
        found = " ".join(self.row[column].split())
        if len(found) > longest:
            self.flag(column, f"Longer than {longest} characters; set aside.")
            return ""
        return found

    def day(self, column: str, *, day_month_year_only: bool = False) -> date | None:
        """The cell's date; flagged and None when it is filled and no date."""
        text = self.row[column]
        if not text:
            return None
        found = day_first(text) if day_month_year_only else _either(text)
        if found is None:
            self.flag(column, "Not a date written dd/mm/yyyy.")
        return found

    def number(self, column: str, least: int, most: int) -> int | None:
        """The cell's whole number; flagged and None when it is filled and not between the two."""
        text = self.row[column]
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most:
            return int(text)
        self.flag(column, f"Not a whole number from {least} to {most}.")
        return None


def _either(text: str) -> date | None:
    return day_first(text, dashes=True) or year_first(text)
