"""How many school days children with an open application have been out of school."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, Max, OuterRef, Q, Subquery

from children.models import Child, Enrolment, PeriodOfCare
from virtualschool.kernel import periods
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendar


def days_out(children: Iterable[int], on: date) -> dict[int, int | None]:
    """School days since the last place ended, or care began where there was none; None where the terms are not known.

    A child with a place today is not there. Four queries, however many children, and none without any.
    """
    asked = set(children)
    if not asked:
        return {}
    place = Enrolment.objects.main().filter(periods.on(on), child=OuterRef("pk"))
    care = PeriodOfCare.objects.filter(periods.on(on), child=OuterRef("pk")).values("start")[:1]
    rows = Child.objects.filter(~Exists(place), pk__in=asked).annotate(
        care_from=Subquery(care), left_on=Max("enrolments__end", filter=Q(enrolments__end__lte=on))
    )
    days = calendars.load().school_days()
    return {
        pk: _counted(days, max(since for since in (care_from, left_on) if since), on) if care_from or left_on else None
        for pk, care_from, left_on in rows.values_list("pk", "care_from", "left_on")
    }


def _counted(days: Calendar, since: date, on: date) -> int | None:
    counted = [days.counts(since + timedelta(days=n)) for n in range((on - since).days + 1)]
    return None if None in counted else sum(map(bool, counted))
