"""How many hours a week are full time.

No law says it in a number; councils do, by year group, and the rulebook keeps theirs with its dates.
"""

from datetime import date
from decimal import Decimal

from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import Book


def load() -> Book:
    """The rules for full-time hours, every version. One query."""
    return rules.load("attendance.full_time_hours")


def full_time(year: int, on: date, book: Book | None = None) -> Decimal:
    """The hours of a full-time week of a curriculum year on a day. One query, or none with a ``book``."""
    known = book or load()
    rule = known.variant("attendance.full_time_hours", by="year", code=str(year), on=on)
    value = rule.value if rule else known.value("attendance.full_time_hours", on=on)
    return Decimal(str(value))
