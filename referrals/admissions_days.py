"""How many school days children with an open application have been out of school."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Subquery

from children.models import Child, Enrolment, PeriodOfCare
from referrals.moving.lost import Lost, counted, span
from virtualschool.kernel import periods
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendars


def days_out(children: Iterable[int], on: date) -> dict[int, Lost]:
    """School days since the last main place ended, or care began where there was none, the day itself among them. By the calendar of that school; a guest's or a second place that ended is no school that was left.

    A child with a place today is not there. Four queries, however many children, and none without any.
    """
    asked = set(children)
    if not asked:
        return {}
    place = Enrolment.objects.main().filter(periods.on(on), child=OuterRef("pk"))
    left = Enrolment.objects.main().filter(child=OuterRef("pk"), end__lte=on).order_by("-end", "-pk")
    care = PeriodOfCare.objects.filter(periods.on(on), child=OuterRef("pk")).values("start")[:1]
    rows = Child.objects.filter(~Exists(place), pk__in=asked).annotate(
        care_from=Subquery(care), left_on=Subquery(left.values("end")[:1]), urn=Subquery(left.values("school__urn")[:1])
    )
    known = calendars.load()
    return {
        pk: _counted(known, urn or "", [since for since in (care_from, left_on) if since], on)
        for pk, care_from, left_on, urn in rows.values_list("pk", "care_from", "left_on", "urn")
    }


def _counted(known: Calendars, urn: str, since: list[date], on: date) -> Lost:
    if not since:
        return Lost((), unknown=1)
    return counted(known.school_days(urn), span(max(since), on + timedelta(days=1)))
