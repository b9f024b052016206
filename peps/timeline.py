"""What a child's timeline tells of PEPs."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child
from peps.enums import MeetingState, PepState
from peps.models import ConcernStep, Pep, PepMeeting, PepReview
from peps.policies_second import unseen_grades
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import LONDON
from virtualschool.kernel.moments import Moment

KIND = "PEP"
MEETING_WORDS = {
    MeetingState.PLANNED: "PEP meeting planned",
    MeetingState.HELD: "PEP meeting held",
    MeetingState.REARRANGED: "PEP meeting rearranged",
    MeetingState.CANCELLED: "PEP meeting cancelled",
}


def moments(child: Child, *, user: User) -> list[Moment]:
    """PEPs from opening to their end, meetings and decisions, what reviewing officers raised, for roles that read PEPs. Four queries; five for those who grade."""
    if not user.reads(FieldGroup.PEP):
        return []
    peps = list(Pep.objects.filter(child=child))
    unseen = unseen_grades(user, Pep.objects.filter(child=child))
    for pep in peps:
        pep.grade = "" if pep.pk in unseen else pep.grade
    found = [moment for pep in peps for moment in _of_pep(pep, peps)]
    for meeting in PepMeeting.objects.filter(pep__child=child):
        on, href = meeting.starts_at.astimezone(LONDON).date(), reverse("peps:meeting", args=[meeting.uuid])
        found.append(Moment(on, MEETING_WORDS[MeetingState(meeting.state)], KIND, text=meeting.ended_why, href=href))
    for review in PepReview.objects.filter(pep__child=child, decision="returned").select_related("pep", "by"):
        if review.pep_id in unseen:
            continue
        on = review.at.astimezone(LONDON).date()
        found.append(
            Moment(on, "PEP returned", KIND, by=str(review.by), text=review.reason, href=review.pep.get_absolute_url())
        )
    return [*found, *_of_concerns(child)]


def _of_concerns(child: Child) -> Iterator[Moment]:
    for step in ConcernStep.objects.filter(concern__child=child).select_related("concern", "by"):
        on, href = step.at.astimezone(LONDON).date(), step.concern.get_absolute_url()
        title = f"Reviewing officer’s {step.concern.get_kind_display()}: {step.get_event_display()}"
        yield Moment(on, title, KIND, by=str(step.by or ""), text=step.words, href=href)


def _of_pep(pep: Pep, peps: list[Pep]) -> Iterator[Moment]:
    name, href = _name(pep), pep.get_absolute_url()
    yield Moment(pep.opened_on, f"{name} opened", KIND, text=pep.opened_why, href=href)
    if pep.completed_on:
        grade = f", {pep.get_grade_display()}" if pep.grade else ""
        yield Moment(pep.completed_on, f"{name} approved{grade}", KIND, href=href)
    if pep.cancelled_on:
        yield Moment(pep.cancelled_on, f"{name} cancelled", KIND, text=pep.cancelled_why, href=href)
    later = _taken_over_by(pep, peps)
    if later is not None and later.completed_on:
        yield Moment(
            later.completed_on, f"{name} superseded", KIND, text=f"By the {later.get_kind_display()}", href=href
        )


def _taken_over_by(pep: Pep, peps: list[Pep]) -> Pep | None:
    """The first PEP that was approved after a superseded one: its approval made the other history."""
    if pep.state != PepState.SUPERSEDED or pep.completed_on is None:
        return None
    later = [one for one in peps if one.completed_on and one.opened_on >= pep.opened_on and one.pk != pep.pk]
    later = [one for one in later if one.completed_on >= pep.completed_on]
    return min(later, key=lambda one: (one.completed_on, one.pk), default=None)


def _name(pep: Pep) -> str:
    title = str(pep.get_kind_display())
    return capfirst(title)
