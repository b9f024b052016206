"""What the records about a child that run for a while have in common: sent once, ended together, over on a day that has come."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from attendance.models import AlternativeProvision, LeaveRequest, ReducedTimetable
from children.models import Child
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict
from virtualschool.rulebook.schoolyear import words as day_words

Kept = TypeVar("Kept", ReducedTimetable, AlternativeProvision, LeaveRequest)


def sent_before(rows: QuerySet[Kept], key: UUID, child_id: int) -> Kept | None:
    """What this form made when it was sent the first time. The child is held, so that two at once make one.

    Raises:
        Conflict: when the key is another child's.
    """
    Child.objects.select_for_update(of=("self",)).get(pk=child_id)
    known = rows.filter(uuid=key).first()
    if known is not None and known.child_id != child_id:
        raise Conflict("This could not be saved. Open the page again and write it there.")
    return known


def held_of(rows: QuerySet[Kept], child_id: int, enrolment_id: int | None) -> list[Kept]:
    """The child's rows, held: of one place, or wherever they are."""
    of_child = rows.filter(child=child_id)
    if enrolment_id is not None:
        of_child = of_child.filter(enrolment=enrolment_id)
    return list(of_child.select_for_update(of=("self",)).select_related("child", "clock").order_by("pk"))


def ended_on_fits(on: date, start: date, called: str) -> None:
    """An end is a day that has come, and not before the beginning; what never began ends on the day it was to begin.

    Raises:
        ValidationError: for the field ``on``, which the page calls ``called``.
    """
    if on > max(today(), start):
        raise ValidationError({"on": f"{called} must be today or in the past"})
    if on < start:
        raise ValidationError({"on": f"It began on {day_words(start)}. Give that day or a later one."})
