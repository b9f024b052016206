"""The financial year of a date."""

from datetime import date


def financial_year(on: date) -> int:
    """The financial year of a date, 1 April to 31 March, by the year it starts in."""
    return on.year if (on.month, on.day) >= (4, 1) else on.year - 1


def year_words(year: int) -> str:
    """2026 → "2026-27"."""
    return f"{year}-{(year + 1) % 100:02d}"
