"""What the roll, a care placement, an approved PEP and the end of care do to school moves. The service itself acts."""

from datetime import date

from django.db import transaction
from django.db.models import F, Q

from children.actions.common import locked
from children.closures import carried_from, carried_to, names_of
from children.enums import EducationAnswer
from children.models import Child, Enrolment
from peps.enums import PepState
from peps.models import Pep
from referrals import workflow
from referrals.actions.emergencies import declare, emergency
from referrals.actions.move_decisions import arrived
from referrals.actions.moves import (
    EDUCATION,
    FIRST_YEAR,
    LAST_YEAR,
    MoveFacts,
    ask,
    end,
    held,
    open_move,
    start,
    step,
    tell_sen,
)
from referrals.enums import Destination, MoveState
from referrals.models import SchoolMove
from referrals.moving.gathering import has_plan, outlook_of
from referrals.notifications import moves as notifications
from virtualschool.audit import log
from virtualschool.kernel.dates import today
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
    """A place began at a school that the child's open and permitted case proposes; what the case's own page did already stays.

    One that is over already is no arrival. One that carries on from the place that the case leaves is the same school under another name.
    """
    going_on = Q(end__isnull=True) | Q(end__gt=today()) & Q(end__gt=F("start"))
    place = Enrolment.objects.main().filter(going_on, pk=enrolment_id).select_related("child", "school").first()
    found = SchoolMove.objects.open().filter(child=place.child).first() if place else None
    if place is None or found is None:
        return None
    case = held(found)
    if case.state not in workflow.MOVE_PERMITTED:
        return case
    before = carried_from(place)
    if before is not None and before.pk == case.from_place_id:
        case.from_place = place
        case.save(update_fields=["from_place"])
    elif case.schools.filter(school__in=names_of(place.school, place.start)).exists():
        arrived(case, place, by=None)
    return case


@transaction.atomic
def left_by_roll(*, enrolment_id: int) -> SchoolMove | None:
    """The place that a case led to has ended. If it never began, what was permitted still is; if it did, the case is over."""
    place = Enrolment.objects.select_related("child").filter(pk=enrolment_id, end__isnull=False).first()
    found = SchoolMove.objects.filter(new_place=place, state=MoveState.ON_ROLL).first() if place else None
    if place is None or found is None:
        return None
    case = held(found)
    if case.state != MoveState.ON_ROLL:
        return case
    after = carried_to(place)
    if after is not None:  # the same school under another name
        case.new_place = after
        case.save(update_fields=["new_place"])
        return case
    if place.end > place.start:
        over = place.end <= today()
        return end(case, "complete", "The place at the new school has ended.", None) if over else None
    case.new_place = None
    step(case, "fall_back" if case.emergency else "fall_through", "new_place")
    log.record("move.fell_through", by=None, subject=case)
    if case.emergency and case.changes_school:
        start(case, EDUCATION, None)
    notifications.tell_fallen_through(case, place.pk)
    return case


@transaction.atomic
def plan_recorded(*, child_id: int) -> SchoolMove | None:
    """A plan was recorded while a case is under way: the SEN officers are asked now, not when it is proposed the next time."""
    found = SchoolMove.objects.open().filter(child=child_id).exclude(state=MoveState.DRAFT).first()
    if found is None:
        return None
    case = held(found)
    if case.state in (MoveState.PROPOSED, *workflow.MOVE_PERMITTED) and has_plan(case.child, case.wanted_on):
        ask(case, outlook_of(case))
        tell_sen(case, None)
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
    if case.state == MoveState.ON_ROLL and not case.owes_account:
        end(case, "complete", "The PEP at the new school was approved.", None)
    return case


@transaction.atomic
def open_for_placement(*, child_id: int, education: str, on: str) -> SchoolMove | None:
    """A care placement that needs another school, or an emergency, has a case of its own from the first day.

    In an emergency an open draft becomes the emergency's case. A case that is further on is told of it, with the clocks of an emergency,
    and goes on as it stands: an emergency at home takes nothing past those who decide. One whose child is on the new roll already is over
    then, and another begins.
    """
    if education not in (EducationAnswer.MOVES, EducationAnswer.EMERGENCY):
        return None
    child = locked(Child.objects.get(pk=child_id))
    day = date.fromisoformat(on)
    if not FIRST_YEAR <= schoolyear.curriculum_year(child.date_of_birth, day) <= LAST_YEAR:
        return None
    urgent = education == EducationAnswer.EMERGENCY
    found = SchoolMove.objects.open().filter(child=child).first()
    if found is not None and _arrived_before(found, day):
        end(held(found), "complete", "The child had to move again.", None)
        found = None
    if found is None:
        found = _opened(child, day, urgent)
    if urgent and found.acted_on is None:
        _hurry(held(found), min(day, today()))
    return found


def _arrived_before(case: SchoolMove, day: date) -> bool:
    """Whether the child had begun at the new school before the day: what happens then is no part of this move."""
    return case.state == MoveState.ON_ROLL and case.new_place is not None and case.new_place.start < day


def _opened(child: Child, day: date, urgent: bool) -> SchoolMove:
    reason = EMERGENCY if urgent else NEEDS_SCHOOL
    facts = MoveFacts(destination=Destination.SCHOOL, changes_care=True, wanted_on=day, reason=reason)
    case = open_move(child=child, facts=facts, by=None)
    if not urgent:
        tell_sen(case, None)
        notifications.tell_opened(case)
    return case


def _hurry(case: SchoolMove, on: date) -> None:
    """A draft goes on as an emergency, unless it asks for home education; what is further on keeps its state."""
    if case.state == MoveState.DRAFT and case.destination != Destination.HOME:
        emergency(case, why=EMERGENCY, by=None, on=on)
    else:
        declare(case, why=EMERGENCY, by=None, on=on)
