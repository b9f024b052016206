"""A school closed and another took its place: what was arranged for a child at the one goes on at the other."""

from collections.abc import Iterable

from django.db import transaction

from attendance import workflow
from attendance.actions.parts import held_of
from attendance.models import AlternativeProvision, LeaveRequest, ReducedTimetable
from children.models import Enrolment
from virtualschool.audit.log import record


@transaction.atomic
def carry_all(*, before: Enrolment, after: Enrolment) -> int:
    """What runs at the place before belongs to the place after. A second reduced timetable there stays behind, to be ended.

    Returns:
        how many went along.
    """
    return sum(_carry(one, after) for one in _arranged(before))


def _arranged(before: Enrolment) -> Iterable[ReducedTimetable | AlternativeProvision | LeaveRequest]:
    child, place = before.child_id, before.pk
    yield from held_of(ReducedTimetable.objects.running(), child, place)
    yield from held_of(AlternativeProvision.objects.running(), child, place)
    yield from held_of(LeaveRequest.objects.filter(state__in=workflow.LEAVE_STANDING, end__gt=before.end), child, place)


def _carry(one: ReducedTimetable | AlternativeProvision | LeaveRequest, after: Enrolment) -> bool:
    if isinstance(one, ReducedTimetable) and ReducedTimetable.objects.filter(enrolment=after).exists():
        return False
    one.enrolment = after
    one.save(update_fields=["enrolment"])
    record("arrangement.carried_on", by=None, subject=one, data={"enrolment": after.pk})
    return True
