"""Marks, and what is arranged beside full-time school.

Marks have no factories of their own: every test takes them in as the service does, so that bits and history follow.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from attendance import models
from attendance.enums import ExclusionKind
from attendance.marking import Recorded, record_marks
from children.models import Child
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, ago
from virtualschool.kernel.dates import now, today

ONE_DAY = timedelta(days=1)


class MarkSourceFactory(DjangoModelFactory):
    class Meta:
        model = models.MarkSource
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"collector {n}")


class SourceMappingFactory(DjangoModelFactory):
    """A row for each day, with a column for the morning and one for the afternoon."""

    class Meta:
        model = models.SourceMapping

    source = factory.SubFactory(MarkSourceFactory)
    shape = "day"
    upn = "Pupil"
    date = "Day"
    date_format = "dd/mm/yyyy"
    marks = ["Morning", "Afternoon"]


class ExclusionFactory(DjangoModelFactory):
    """A suspension of two school days, as its row stands: no clock and no alert, which the action makes."""

    class Meta:
        model = models.Exclusion

    class Params:
        ago = 10  # days since it began
        permanent = factory.Trait(kind=ExclusionKind.PERMANENT, end=None, sessions=None)

    child = factory.SubFactory(ChildFactory, in_care=True)
    school = factory.SubFactory(SchoolFactory)
    kind = ExclusionKind.SUSPENSION
    start = factory.LazyAttribute(lambda one: today() - one.ago * ONE_DAY)
    end = factory.LazyAttribute(lambda one: one.start + 2 * ONE_DAY)
    sessions = 4
    given_on = factory.SelfAttribute("start")
    reasons = factory.LazyFunction(lambda: ["DB"])
    recorded_on = factory.SelfAttribute("start")


class ExclusionStepFactory(DjangoModelFactory):
    class Meta:
        model = models.ExclusionStep

    exclusion = factory.SubFactory(ExclusionFactory)
    event = "record"
    became = factory.SelfAttribute("exclusion.state")
    on = factory.SelfAttribute("exclusion.start")


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


class ReducedTimetableFactory(DjangoModelFactory):
    """Running for a week, of six; its row alone, without clock and without anybody's word."""

    class Meta:
        model = models.ReducedTimetable

    class Params:
        ended = factory.Trait(state="ended", end=ago(1))

    enrolment = factory.SubFactory(EnrolmentFactory, child=factory.SubFactory(ChildFactory, in_care=True))
    child = factory.SelfAttribute("enrolment.child")
    start = ago(7)
    end = ago(-35)
    hours = Decimal("10.0")
    full_time_hours = Decimal("25.0")
    pattern = "1010101010"
    reason = "long_absence"
    why = "Every morning until she is used to it"
    way_back = factory.LazyFunction(lambda: [{"on": (today() + 35 * ONE_DAY).isoformat(), "hours": "25"}])
    review_on = ago(-7)
    recorded_by = factory.SubFactory(UserFactory, role="teacher")
    recorded_at = factory.LazyFunction(now)


class TimetableAgreementFactory(DjangoModelFactory):
    """The social worker agreed today."""

    class Meta:
        model = models.TimetableAgreement

    timetable = factory.SubFactory(ReducedTimetableFactory)
    round = factory.SelfAttribute("timetable.round")
    party = "social_worker"
    agrees = True
    on = ago(0)
    by = factory.SubFactory(UserFactory, role="socialworker")
    at = factory.LazyFunction(now)


class TimetableReviewFactory(DjangoModelFactory):
    """It has more hours since today."""

    class Meta:
        model = models.TimetableReview

    timetable = factory.SubFactory(ReducedTimetableFactory)
    round = factory.SelfAttribute("timetable.round")
    outcome = "more_hours"
    words = "It goes well"
    hours_were = factory.SelfAttribute("timetable.hours")
    hours = Decimal("15.0")
    end_was = factory.SelfAttribute("timetable.end")
    end = factory.SelfAttribute("timetable.end")
    on = ago(0)
    at = factory.LazyFunction(now)


class AlternativeProvisionFactory(DjangoModelFactory):
    """For a week already, at a provider that is no registered school; nothing was checked."""

    class Meta:
        model = models.AlternativeProvision

    child = factory.SubFactory(ChildFactory, in_care=True)
    provider_name = "The Workshop"
    hours = Decimal("10.0")
    pattern = "1010000000"
    start = ago(7)
    commissioner = "school"
    why = "He learns by doing"
    studies = "Bricklaying level 1"
    review_on = ago(-14)
    recorded_by = factory.SubFactory(UserFactory, role="teacher")
    recorded_at = factory.LazyFunction(now)


class ProvisionCheckFactory(DjangoModelFactory):
    """A visit today that satisfied."""

    class Meta:
        model = models.ProvisionCheck

    provision = factory.SubFactory(AlternativeProvisionFactory)
    kind = "visit"
    on = ago(0)
    satisfied = True
    by = factory.SubFactory(UserFactory, role="teacher")
    at = factory.LazyFunction(now)


class ProvisionReviewFactory(DjangoModelFactory):
    class Meta:
        model = models.ProvisionReview

    provision = factory.SubFactory(AlternativeProvisionFactory)
    words = "Two adults to six children"
    on = ago(0)
    at = factory.LazyFunction(now)


class LeaveRequestFactory(DjangoModelFactory):
    """Asked for from next week on; its row alone, without clock and steps."""

    class Meta:
        model = models.LeaveRequest

    enrolment = factory.SubFactory(EnrolmentFactory, child=factory.SubFactory(ChildFactory, in_care=True))
    child = factory.SelfAttribute("enrolment.child")
    start = ago(-7)
    end = ago(-9)
    school_days = 2
    kind = "family"
    purpose = "A wedding"
    asked_by = factory.SubFactory(UserFactory, role="teacher")
    asked_at = factory.LazyFunction(now)


class LeaveStepFactory(DjangoModelFactory):
    """The social worker's view."""

    class Meta:
        model = models.LeaveStep

    leave = factory.SubFactory(LeaveRequestFactory)
    event = "viewed"
    supports = True
    words = "Her only family"
    at = factory.LazyFunction(now)
