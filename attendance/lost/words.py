"""The ledger in words: hours to a tenth, and the days of a full-time week that they are."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from attendance.lost.reckoning import Amount
from virtualschool.rulebook import schoolyear

TENTH = Decimal("0.1")


def number(value: Fraction) -> str:
    """To a tenth, without a nought behind the point, as 1,250.5."""
    exact = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(TENTH, ROUND_HALF_UP)
    return f"{exact:,.1f}".removesuffix(".0")


def days(amount: Amount) -> str:
    said = number(amount.days)
    return f"{said} {'day' if said == '1' else 'days'}"


def share(part: Amount, of: Amount) -> str:
    """In per cent to a tenth; a dash where nothing was expected."""
    return f"{number(100 * part.hours / of.hours)}%" if of.hours else "–"


def when(first: date, last: date) -> str:
    """One day, or from a day to a day, with no month or year said twice."""
    if first == last:
        return schoolyear.words(first)
    if first.year != last.year:
        return f"{schoolyear.words(first)} to {schoolyear.words(last)}"
    month = "" if first.month == last.month else f" {first:%B}"
    return f"{first.day}{month} to {schoolyear.words(last)}"
