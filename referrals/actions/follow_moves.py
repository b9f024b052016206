"""What the roll, a care placement, an approved PEP and the end of care do to school moves. The service itself acts."""

from datetime import date

from django.db import transaction

from children.enums import EducationAnswer
from children.models import Child, Enrolment
from peps.enums import PepState
from peps.models import Pep
from referrals import workflow
from referrals.actions.move_decisions import arrived
from referrals.actions.moves import FIRST_YEAR, LAST_YEAR, MoveFacts, emergency, end, held, open_move
from referrals.enums import Destination, MoveState
from referrals.models import SchoolMove
from virtualschool.rulebook import schoolyear

NEEDS_SCHOOL = "A new care placement needs another school."
EMERGENCY = "The child had to move to another care placement at once."


@transaction.atomic
def close_for_leaver(*, child_id: int) -> int:
    """The child left care.

    Returns:
        how many cases were open.
    """
    found = list(SchoolMove.objects.open().filter(child_id=child_id))
    for move in found:
        case = held(move)
        event = "complete" if case.state == MoveState.ON_ROLL else "withdraw"
        end(case, event, "The child left care.", None)
    return len(found)


@transaction.atomic
def arrived_by_roll(*, enrolment_id: int) -> SchoolMove | None:
    """A place began at a school that the child's open and permitted case proposes; what the case's own page did already stays."""
    place = Enrolment.objects.main().select_related("child", "school").filter(pk=enrolment_id).first()
    if place is None:
        return None
    found = SchoolMove.objects.filter(
        child=place.child, state__in=workflow.MOVE_PERMITTED, schools__school=place.school_id
    ).first()
    if found is None:
        return None
    case = held(found)
    if case.state in workflow.MOVE_PERMITTED:
        arrived(case, place, by=None)
    return case


@transaction.atomic
def complete_by_pep(*, pep_id: int) -> SchoolMove | None:
    """The PEP at the new school is approved: nothing of the move is left to do, but an account that is still due."""
    pep = Pep.objects.filter(pk=pep_id, state=PepState.COMPLETE).first()
    if pep is None or pep.school_id is None:
        return None
    found = SchoolMove.objects.filter(
        child=pep.child_id, state=MoveState.ON_ROLL, new_place__school=pep.school_id
    ).first()
    if found is None:
        return None
    case = held(found)
    if case.state == MoveState.ON_ROLL and (case.accounted_on or not case.emergency):
        end(case, "complete", "The PEP at the new school was approved.", None)
    return case


@transaction.atomic
def open_for_placement(*, child_id: int, education: str, on: str) -> SchoolMove | None:
    """A care placement that needs another school, or an emergency, has a case of its own from the first day.

    In an emergency an open draft becomes the emergency's case; whatever is further on stays as it is.
    """
    if education not in (EducationAnswer.MOVES, EducationAnswer.EMERGENCY):
        return None
    child = Child.objects.select_for_update(of=("self",)).get(pk=child_id)
    day = date.fromisoformat(on)
    if not FIRST_YEAR <= schoolyear.curriculum_year(child.date_of_birth, day) <= LAST_YEAR:
        return None
    urgent = education == EducationAnswer.EMERGENCY
    found = SchoolMove.objects.open().filter(child=child).first()
    if found is None:
        reason = EMERGENCY if urgent else NEEDS_SCHOOL
        facts = MoveFacts(destination=Destination.SCHOOL, changes_care=True, wanted_on=day, reason=reason)
        found = open_move(child=child, facts=facts, by=None)
    if urgent and found.state == MoveState.DRAFT:
        return emergency(held(found), why=EMERGENCY, by=None)
    return found
