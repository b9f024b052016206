"""Marks. They have no factories of their own: every test takes them in as the service does, so that bits and history follow."""

from collections.abc import Iterable
from datetime import date, timedelta

import factory
from factory.django import DjangoModelFactory

from attendance import models
from attendance.marking import Recorded, record_marks
from children.models import Child

ONE_DAY = timedelta(days=1)


class MarkSourceFactory(DjangoModelFactory):
    class Meta:
        model = models.MarkSource
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"collector {n}")


def weekdays(first: date, last: date) -> list[date]:
    """Mondays to Fridays from ``first`` to ``last``, both included."""
    days = ((first + n * ONE_DAY) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def mark(
    child: Child, days: Iterable[date] | date, am: str | None = "/", pm: str | None = "\\", source: str = "school"
) -> Recorded:
    """The same two marks for a child on each of the days."""
    days = [days] if isinstance(days, date) else days
    return record_marks([(child.pk, day, am, pm) for day in days], source=source)
