"""Money as people read it. It is kept in whole pence."""


def pounds(pence: int) -> str:
    """123456 → "£1,234.56"; a credit has a minus before the sign."""
    sign = "−" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"
