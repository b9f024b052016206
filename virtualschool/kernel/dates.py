"""The one clock. Dates are London dates; nothing else in the project asks the machine what day it is."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

LONDON = ZoneInfo("Europe/London")
_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """The present moment, aware."""
    return _standing.get() or timezone.now()


def today() -> date:
    """The date in London. A day begins and ends at London midnight, in summer time too."""
    return timezone.localdate(now(), timezone=LONDON)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """The clock stands at ``moment`` inside: for making up a past through the same actions that the present uses."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A time of day in London."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def as_argument(text: str) -> date:
    """The date of a command's option, for ``type=``; ArgumentTypeError says how one is written."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-21") from wrong
