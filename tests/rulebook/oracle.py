"""England's bank holidays, worked out from the calendar and the proclamations: shares no code with what it checks."""

from datetime import date, timedelta

# Days that were moved or added by proclamation.
ADDED = {
    2002: [date(2002, 6, 3)],
    2011: [date(2011, 4, 29)],
    2012: [date(2012, 6, 5)],
    2022: [date(2022, 6, 3), date(2022, 9, 19)],
    2023: [date(2023, 5, 8)],
}
MAY_DAY = {2020: date(2020, 5, 8)}
SPRING = {2002: date(2002, 6, 4), 2012: date(2012, 6, 4), 2022: date(2022, 6, 2)}


def easter(year: int) -> date:
    """Gregorian Easter Sunday (Meeus, Jones, Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def monday(year: int, month: int, *, last: bool = False) -> date:
    """The first or the last Monday of a month."""
    day = date(year, month, 1) + timedelta(days=(7 - date(year, month, 1).weekday()) % 7)
    while last and (day + timedelta(days=7)).month == month:
        day += timedelta(days=7)
    return day


def substitute(day: date, taken: set[date]) -> date:
    """A holiday at a weekend is kept on the next weekday that is free."""
    while day.weekday() > 4 or day in taken:
        day += timedelta(days=1)
    return day


def england_bank_holidays(year: int) -> set[date]:
    """The days themselves when on weekdays, else the days kept instead."""
    sunday = easter(year)
    found = {sunday - timedelta(days=2), sunday + timedelta(days=1)}
    found |= {
        MAY_DAY.get(year, monday(year, 5)),
        SPRING.get(year, monday(year, 5, last=True)),
        monday(year, 8, last=True),
    }
    found |= set(ADDED.get(year, []))
    found.add(substitute(date(year, 1, 1), set()))
    christmas, boxing = date(year, 12, 25), date(year, 12, 26)
    weekdays = {day for day in (christmas, boxing) if day.weekday() < 5}
    kept = set(weekdays)
    for day in (christmas, boxing):
        if day not in weekdays:
            kept.add(substitute(day, kept))
    return found | kept
