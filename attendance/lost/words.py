"""The ledger in words: hours to a tenth, and the days of a full-time week that they are."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from attendance.lost.reckoning import Amount

TENTH = Decimal("0.1")


def number(value: Fraction) -> str:
    """To a tenth, without a nought behind the point, as 1,250.5."""
    exact = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(TENTH, ROUND_HALF_UP)
    return f"{exact:,.1f}".removesuffix(".0")


def hours(amount: Amount) -> str:
    return f"{number(amount.hours)} {'hour' if amount.hours == 1 else 'hours'}"


def days(amount: Amount) -> str:
    said = number(amount.days)
    return f"{said} {'day' if said == '1' else 'days'}"


def share(part: Amount, of: Amount) -> str:
    """In per cent to a tenth; a dash where nothing was expected."""
    return f"{number(100 * part.hours / of.hours)}%" if of.hours else "–"
