"""Numbers as people write them."""

from decimal import Decimal


def plain(number: Decimal) -> str:
    """Without idle zeros: 25 and 12.5, never 25.00 nor 2.5E+1."""
    return f"{number.normalize():f}"
