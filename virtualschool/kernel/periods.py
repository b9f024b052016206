"""Half-open periods: ``start`` is the first day a fact holds, ``end`` the first day it no longer does (null: still holds).

A child who leaves a school on 3 March has an enrolment that ends on 3 March: the school's designated teacher reaches the
child on 2 March and not on 3 March. Every dated relationship in the project is read through these functions.
"""

from datetime import date

from django.contrib.postgres.fields import RangeOperators
from django.db.models import CheckConstraint, F, Func, Q
from django.db.models.expressions import Combinable


class DateRange(Func):
    """``daterange(start, end)`` with half-open bounds; an empty end is unbounded."""

    function = "daterange"
    template = "%(function)s(%(expressions)s, '[)')"


def on(day: date, *, prefix: str = "", start: str = "start", end: str = "end") -> Q:
    """Rows whose period holds on ``day``. ``prefix`` is a look-up path, as in ``relationships__``."""
    begun = Q(**{f"{prefix}{start}__lte": day})
    not_over = Q(**{f"{prefix}{end}__isnull": True}) | Q(**{f"{prefix}{end}__gt": day})
    return begun & not_over


def holds(start: date, end: date | None, day: date) -> bool:
    """Whether the period ``[start, end)`` holds on ``day``."""
    return start <= day and (end is None or day < end)


def ends_after_start(name: str, *, start: str = "start", end: str = "end") -> CheckConstraint:
    """A period may be empty (a mistake closed on the day it was made) but never runs backwards."""
    return CheckConstraint(
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)}),
        name=name,
        violation_error_message="The end date must not be before the start date.",
    )


def no_overlap(*fields: str) -> list[tuple[str | Combinable, str]]:
    """Expressions for an ``ExclusionConstraint``: the same ``fields``, sharing a day."""
    same: list[tuple[str | Combinable, str]] = [(field, RangeOperators.EQUAL) for field in fields]
    return [*same, (DateRange("start", "end"), RangeOperators.OVERLAPS)]
