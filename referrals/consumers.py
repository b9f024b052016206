"""What happens on the roll, in care and to PEPs, and what it does to reports of risk and school moves. Each may come twice."""

from datetime import date
from typing import Any

from children.closures import carried_from
from children.enums import MAIN_SCHOOL
from children.models import Child, Enrolment
from referrals.actions import admissions, sen
from referrals.actions import follow_moves as follow
from referrals.actions.risk import close_for_leaver
from referrals.enums import MoveState
from virtualschool.jobs.registry import consumer
from virtualschool.kernel.dates import today


@consumer("care.ended", name="referrals.close_for_leaver")
def close_reports(event: Any) -> None:
    """Close the open ones, unless the child is in care all the same (in a series of short breaks, or again)."""
    if _has_left(event):
        close_for_leaver(child_id=event.data["child"], on=date.fromisoformat(event.data["end"]))


@consumer("care.ended", name="referrals.close_sen_for_leaver")
def close_sen_matters(event: Any) -> None:
    """The SEN officers' reach ends with them."""
    if _has_left(event):
        sen.close_for_leaver(child_id=event.data["child"], on=date.fromisoformat(event.data["end"]))


@consumer("care.ended", name="referrals.close_moves")
def close_moves(event: Any) -> None:
    """The child left care: no move of ours goes on. Told late, of an end that was undone, it does nothing."""
    if _has_left(event):
        follow.close_for_leaver(child_id=event.data["child"])


@consumer("enrolment.started", name="referrals.arrived")
def arrived(event: Any) -> None:
    """The child has a place at a school that an open case proposes, through the case's own page or beside it."""
    follow.arrived_by_roll(enrolment_id=event.data["enrolment"])


@consumer("enrolment.ended", name="referrals.place_ended")
def place_ended(event: Any) -> None:
    """The place that a case led to ended, or never began."""
    follow.left_by_roll(enrolment_id=event.data["enrolment"])


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


@consumer("care.ended", name="referrals.end_applications_of_leaver")
def end_applications(event: Any) -> None:
    """The admissions officers' reach ends with them."""
    if _has_left(event):
        on = date.fromisoformat(event.data["end"])
        admissions.end_for_child(child_id=event.data["child"], on=on, why="The child left care.")


@consumer("enrolment.started", name="referrals.end_applications_on_roll")
def take_up_place(event: Any) -> None:
    """A main place at a school ends what is applied for: there it is taken up, elsewhere it is not needed any more."""
    place = Enrolment.objects.filter(pk=event.data["enrolment"], kind__in=MAIN_SCHOOL).select_related("school").first()
    if place is None or (place.end is not None and place.end <= today()) or carried_from(place) is not None:
        return  # it is over, or the same school under another name
    admissions.end_for_child(
        child_id=place.child_id,
        on=today(),
        why=f"The child was put on the roll of {place.school.name}.",
        school_id=place.school_id,
    )


@consumer("move.ended", name="referrals.end_applications_of_move")
def end_applications_of_move(event: Any) -> None:
    """A case that was withdrawn applies for nothing any more."""
    if event.data["state"] == MoveState.WITHDRAWN:
        admissions.end_for_move(move_id=event.data["move"], why="The school move was withdrawn.")


@consumer("move.taken_back", name="referrals.end_applications_of_draft")
def end_applications_of_draft(event: Any) -> None:
    """A case that was taken back is not approved, so nothing is applied for under it."""
    admissions.end_for_move(move_id=event.data["move"], why="The school move was taken back.")


@consumer("need.recorded", name="referrals.close_sen_without_plan")
def close_sen_without_plan(event: Any) -> None:
    """A plan that ended takes its matters with it. Told late, of a plan that was recorded again, it does nothing."""
    sen.close_without_plan(child_id=event.data["child"], on=today())


@consumer("need.recorded", name="referrals.plan_of_moved")
def plan_of_moved(event: Any) -> None:
    """A plan was recorded while a school move is under way: the SEN officers are asked at once."""
    follow.plan_recorded(child_id=event.data["child"])


def _has_left(event: Any) -> bool:
    """Whether the child is out of care: not if it goes on all the same (in a series of short breaks), nor if it began again meanwhile."""
    on = max(date.fromisoformat(event.data["end"]), today())
    return not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists()
