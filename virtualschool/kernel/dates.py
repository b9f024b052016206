"""The one clock. Dates are London dates; nothing else in the project asks the machine what day it is."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The present moment, aware."""
    return timezone.now()


def today() -> date:
    """The date in London. A day begins and ends at London midnight, in summer time too."""
    return timezone.localdate(timezone=LONDON)
