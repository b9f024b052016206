"""What attendance does when something happens on the roll. Each reaction may come twice and does its work once."""

from datetime import date
from typing import Any

from attendance.actions import leave, provision, timetables
from attendance.actions.carrying import carry_all
from attendance.actions.exclusion_clocks import stop_for_leaver
from children.closures import carried_to
from children.models import Child, Enrolment
from virtualschool.jobs.registry import consumer
from virtualschool.rulebook.schoolyear import words


@consumer("care.ended", name="attendance.end_arrangements")
def end_with_care(event: Any) -> None:
    """Care ended: nobody here keeps what was arranged. Told late, of an end that was undone, it does nothing."""
    on = date.fromisoformat(event.data["end"])
    if not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists():
        _end(event.data["child"], on, f"The child left care on {words(on)}")


@consumer("enrolment.ended", name="attendance.end_at_school")
def end_with_school(event: Any) -> None:
    """The child left the school: what was arranged there is over, unless another school took its place."""
    place = Enrolment.objects.filter(pk=event.data["enrolment"]).first()
    if place is not None and place.end is not None:
        after = carried_to(place)
        if after is not None:
            carry_all(before=place, after=after)
        _end(place.child_id, place.end, f"The child left the school on {words(place.end)}", enrolment_id=place.pk)


def _end(child_id: int, on: date, why: str, **held: int) -> None:
    timetables.end_all(child_id=child_id, on=on, why=why, **held)
    provision.end_all(child_id=child_id, on=on, why=why, **held)
    leave.withdraw_all(child_id=child_id, on=on, why=why, **held)


@consumer("care.ended", name="attendance.stop_exclusion_clocks")
def stop_clocks(event: Any) -> None:
    """The record stays; its clocks stop, unless the child is in care all the same."""
    on = date.fromisoformat(event.data["end"])
    if not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists():
        stop_for_leaver(event.data["child"], on)
