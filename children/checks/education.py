"""Children of school age who are on no school's roll, from the first day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery

from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from children.models import PeriodOfCare
from children.querysets import ChildQuerySet
from virtualschool.kernel import periods
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.schoolyear import words

RULE = "education.no_school"


@check(RULE, words="No school place", rule=RULE)
def no_school(*, on: date, children: ChildQuerySet) -> Iterable[Finding]:
    """From Reception to the last day of compulsory school age, with no enrolment on the day.

    The gap begins when the last enrolment ended, the child came into care, or Reception began, whichever is latest.
    """
    rule = rules.find(RULE, on=on)
    latest = _latest_start(rule.value, on) if rule else on
    care = PeriodOfCare.objects.filter(periods.on(on), child=OuterRef("pk")).values("start")[:1]
    last_day = Max("enrolments__end", filter=Q(enrolments__end__lte=on))
    without = children.without_a_school(on).filter(known_from__lte=on)
    rows = without.annotate(care_from=Subquery(care), left_on=last_day).order_by("pk")
    for pk, born, care_from, left_on in rows.values_list("pk", "date_of_birth", "care_from", "left_on"):
        gap = _gap(born, care_from, left_on)
        if gap <= latest:
            yield Finding(pk, f"gap:{pk}:{gap.isoformat()}", _evidence(gap, care_from, left_on))


def _latest_start(school_days: int, on: date) -> date:
    """The last day on which a gap may have begun to be told now: at once when the rule says one day.

    Where the terms are not loaded every gap is told: better than a child out of school whom nobody sees.
    """
    if school_days <= 1:
        return on
    counted = calendars.load().school_days()
    return counted.latest_start(school_days - 1, due_before=on + timedelta(days=1)) or on


def _gap(born: date, care_from: date, left_on: date | None) -> date:
    """The first day without a school place, of somebody of school age."""
    reception, _ = schoolyear.school_age(born)
    return max(day for day in (reception, care_from, left_on) if day)


def _evidence(gap: date, care_from: date, left_on: date | None) -> dict[str, Any]:
    why = "Reception began"
    if gap == care_from:
        why = "Came into care with no school place recorded"
    if gap == left_on:
        why = "Left the last school's roll"
    return evidence(f"On no school's roll since {words(gap)}", fact(gap, why))
