"""Lines that a council draws through a number and that a question waits for: dated rules, asked for by name in the field list."""

from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Self

from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import Book


class Line(StrEnum):
    """The rule behind a line."""

    GOOD_ATTENDANCE = "attendance.good"
    SDQ_CONCERN = "health.sdq.concern"


class Lines:
    """The lines as they were drawn on a day: for a PEP the day on which it was opened. One query, and none when none is asked for."""

    def __init__(self, on: date, book: Book | None = None) -> None:
        self.on, self._given = on, book

    @classmethod
    def read(cls, on: date) -> Self:
        """Read at once, for a page that asks as often for an empty PEP as for a full one."""
        return cls(on, rules.named(*Line, on=on))

    def at(self, line: Line) -> float:
        return float(self._book.value(line, on=self.on))

    @cached_property
    def _book(self) -> Book:
        return self._given or rules.named(*Line, on=self.on)
