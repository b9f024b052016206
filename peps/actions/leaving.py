"""A PEP that is written in follows the child's place at a school: to the next one, or to none while the child is on no roll."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from children.models import Enrolment
from peps import notifications, workflow
from peps.actions import occasions, seats
from peps.actions.delegating import CHILD_LEFT, end_delegations
from peps.actions.following import add_sections
from peps.actions.moving import AT_SCHOOL, go
from peps.actions.stepping import locked
from peps.enums import Owner, PepPhase, PepState, SectionState
from peps.layouts import Circumstance
from peps.models import Pep
from peps.people import people_of
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today

WHY = "The child is on no school's roll"


def follow_child(pep: Pep, by: User | None) -> None:
    """A PEP, held, is to be written in again: by the school where the child is today, or without one by the social worker."""
    enrolment = occasions.enrolments([pep.child_id], today()).get(pep.child_id)
    if enrolment is not None:
        go(pep, enrolment, by)
    elif _left(Pep.objects.filter(pk=pep.pk)).exists():
        _leave(pep, by)


def leave_schools(*, child: int | None = None) -> int:
    """PEPs that are written in, of children whose place at their school ended and who have no other, have no school. What was written
    stays. Asked again it finds none.

    Args:
        child: of this child alone.

    Returns:
        how many left their school.
    """
    written = Pep.objects.filter(state__in=workflow.WRITABLE)
    found = _left(written if child is None else written.filter(child=child))
    return sum(_leave_one(pep) for pep in found.order_by("pk"))


def _left(peps: QuerySet[Pep]) -> QuerySet[Pep]:
    """Those of a school at which the child's place has ended, while there is no other. A place of which nothing is known ends nothing."""
    places = Enrolment.objects.main().filter(child=OuterRef("child"))
    had = places.filter(school=OuterRef("school"), end__lte=today())
    return peps.filter(Exists(had), ~Exists(places.current(today())))


@transaction.atomic
def _leave_one(pep: Pep) -> bool:
    pep = locked(pep)
    if pep.state not in workflow.WRITABLE or not _left(Pep.objects.filter(pk=pep.pk)).exists():
        return False
    _leave(pep, None)
    if pep.state != PepState.RETURNED and pep.phase != PepPhase.EARLY_YEARS:
        _why_no_place(pep)
    notifications.left_school(pep, people_of(pep.child, None, today()))
    return True


def _why_no_place(pep: Pep) -> None:
    """The section that says so comes in; after the meeting it is due with the PEP."""
    add_sections(pep, Circumstance.NOT_ON_ROLL, WHY, None)
    if pep.state not in workflow.BEFORE_MEETING:
        pep.sections.filter(due_on=None, state=SectionState.NOT_STARTED).update(due_on=pep.due_on)


def _leave(pep: Pep, by: User | None) -> None:
    """Its school sections are asked of the social worker, the school's seat goes, and what was given to colleagues ends."""
    pep.school = None
    pep.save(update_fields=["school"])
    pep.sections.filter(owner__in=AT_SCHOOL).update(owner=Owner.SOCIAL_WORKER)
    end_delegations(pep, why=CHILD_LEFT, by=by)
    seats.without_school(pep)
    log.record("pep.left_school", by=by, subject=pep, why=WHY, data={"enrolment": pep.enrolment_id})
