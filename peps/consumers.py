"""What PEPs do when something happens on the roll. Each reaction may come twice and does its work once."""

from datetime import date
from typing import Any

from children.enums import RelationKind
from children.models import Enrolment, PeriodOfCare, Relationship
from peps import workflow
from peps.actions import concerns, delegating, ending, leaving, opening, seats
from peps.models import Pep
from peps.people import SEAT_OF_TIE
from virtualschool.jobs.registry import consumer


@consumer("care.started", name="peps.open_initial")
def open_initial(event: Any) -> None:
    """A child came into care, or out of a series of short breaks: the initial PEP opens with its clock."""
    period = PeriodOfCare.objects.select_related("child").filter(pk=event.data["period"]).first()
    start = event.data.get("start")
    if period is not None:
        opening.open_initial(period=period, start=date.fromisoformat(start) if start else None)


@consumer("care.reopened", name="peps.open_again")
def open_again(event: Any) -> None:
    """The child had not left care after all: the PEP that is due opens anew."""
    period = PeriodOfCare.objects.select_related("child").filter(pk=event.data["period"]).first()
    if period is not None:
        opening.open_again(period=period)


@consumer("care.ended", name="peps.cancel")
def cancel(event: Any) -> None:
    """Care ended, or became a series of short breaks: open PEPs are cancelled. Told late, of an end that was undone, it does nothing."""
    period = PeriodOfCare.objects.filter(pk=event.data["period"]).first()
    if period is not None and (period.end is not None or period.short_breaks):
        ending.end_peps_of(period, on=date.fromisoformat(event.data["end"]))


@consumer("care.ended", name="peps.close_concerns")
def close_concerns(event: Any) -> None:
    """Care ended: what a reviewing officer raised is closed. Told late, of an end that was undone, it does nothing."""
    period = PeriodOfCare.objects.filter(pk=event.data["period"]).first()
    if period is not None and period.end is not None:
        concerns.close_concerns_of(period, on=date.fromisoformat(event.data["end"]))


@consumer("enrolment.started", name="peps.new_school")
def new_school(event: Any) -> None:
    """The child is on a school's roll: PEPs go along, or one opens for the new school."""
    enrolment = Enrolment.objects.select_related("child", "school").filter(pk=event.data["enrolment"]).first()
    if enrolment is not None:
        opening.open_for_new_school(enrolment=enrolment)


@consumer("enrolment.ended", name="peps.end_delegations")
def end_delegations(event: Any) -> None:
    """The child left a school: its colleagues reach nothing of the PEP any more. A day still to come is the night's."""
    delegating.end_at_school_left(child=event.data["child"])


@consumer("enrolment.ended", name="peps.leave_school")
def leave_school(event: Any) -> None:
    """The child left a school and is at no other: what is written in has no school. A day still to come is the night's."""
    leaving.leave_schools(child=event.data["child"])


@consumer("relationship.changed", name="peps.seat_worker")
def seat_worker(event: Any) -> None:
    """Another social worker, advocate or coordinator: the invitation to a planned meeting goes to them, on their first day."""
    tie = Relationship.objects.filter(pk=event.data["relationship"]).first()
    if tie is None or RelationKind(tie.kind) not in SEAT_OF_TIE:
        return
    for pep in Pep.objects.filter(child=tie.child_id, state__in=workflow.BEFORE_MEETING):
        seats.reseat(pep)


@consumer("school.teachers_changed", name="peps.seat_teacher")
def seat_teacher(event: Any) -> None:
    """Another designated teacher, or none: the school's seat at planned meetings is today's, with one letter to each."""
    seats.reseat_school(event.data["organisation"])
