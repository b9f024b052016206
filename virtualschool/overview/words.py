"""How these pages say dates where room is short."""

from datetime import date, timedelta

from django.utils.formats import date_format

from virtualschool.kernel.dates import today

NEAR = timedelta(days=180)


def short_date(day: date) -> str:
    """ "5 September"; with the year when it lies half a year or more from today."""
    return date_format(day, "j F" if abs(day - today()) < NEAR else "j F Y")
