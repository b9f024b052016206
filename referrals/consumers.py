"""What happens on the roll, in care and to PEPs, and what it does to reports of risk and school moves. Each may come twice."""

from datetime import date
from typing import Any

from children.models import Child
from referrals.actions import follow_moves as follow
from referrals.actions import sen
from referrals.actions.risk import close_for_leaver
from virtualschool.jobs.registry import consumer


@consumer("care.ended", name="referrals.close_for_leaver")
def close_reports(event: Any) -> None:
    """Close the open ones, unless the child is in care all the same (in a series of short breaks, or again)."""
    on = date.fromisoformat(event.data["end"])
    if not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists():
        close_for_leaver(child_id=event.data["child"], on=on)


@consumer("care.ended", name="referrals.close_sen_for_leaver")
def close_sen_matters(event: Any) -> None:
    """The SEN officers' reach ends with them."""
    on = date.fromisoformat(event.data["end"])
    if not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists():
        sen.close_for_leaver(child_id=event.data["child"], on=on)


@consumer("care.ended", name="referrals.close_moves")
def close_moves(event: Any) -> None:
    """The child left care: no move of ours goes on. Told late, of an end that was undone, it does nothing."""
    on = date.fromisoformat(event.data["end"])
    if not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists():
        follow.close_for_leaver(child_id=event.data["child"])


@consumer("enrolment.started", name="referrals.arrived")
def arrived(event: Any) -> None:
    """The child has a place at a school that an open case proposes, through the case's own page or beside it."""
    follow.arrived_by_roll(enrolment_id=event.data["enrolment"])


@consumer("pep.approved", name="referrals.new_pep")
def new_pep(event: Any) -> None:
    """The first PEP at the new school is approved: the case is complete."""
    follow.complete_by_pep(pep_id=event.data["pep"])


@consumer("placement.changed", name="referrals.education_of_placement")
def education_of_placement(event: Any) -> None:
    """A new care placement needs another school, or was an emergency: a case opens by itself where there is none."""
    follow.open_for_placement(
        child_id=event.data["child"], education=event.data.get("education", ""), on=event.data["on"]
    )


@consumer("placement.education_answered", name="referrals.education_answered")
def education_answered(event: Any) -> None:
    """The same, where the answer came after the placement."""
    follow.open_for_placement(child_id=event.data["child"], education=event.data["education"], on=event.data["on"])


@consumer("care.started", name="referrals.education_at_start")
def education_at_start(event: Any) -> None:
    """A child came into care and needs another school, or came in an emergency."""
    follow.open_for_placement(
        child_id=event.data["child"], education=event.data.get("education", ""), on=event.data.get("start", "")
    )
