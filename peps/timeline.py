"""What a child's timeline tells of PEPs."""

from django.urls import reverse

from children.models import Child
from peps.enums import MeetingState
from peps.models import Pep, PepMeeting, PepReview
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
    """PEPs opened and completed, meetings and decisions, for roles that read PEPs. Three queries."""
    if not user.reads(FieldGroup.PEP):
        return []
    found: list[Moment] = []
    for pep in Pep.objects.filter(child=child):
        title, href = str(pep.get_kind_display()), pep.get_absolute_url()
        name = title[:1].upper() + title[1:]
        found.append(Moment(pep.opened_on, f"{name} opened", KIND, text=pep.opened_why, href=href))
        if pep.completed_on:
            found.append(Moment(pep.completed_on, f"{name} approved, {pep.get_grade_display()}", KIND, href=href))
    for meeting in PepMeeting.objects.filter(pep__child=child):
        on, href = meeting.starts_at.astimezone(LONDON).date(), reverse("peps:meeting", args=[meeting.uuid])
        found.append(Moment(on, MEETING_WORDS[MeetingState(meeting.state)], KIND, text=meeting.ended_why, href=href))
    for review in PepReview.objects.filter(pep__child=child, decision="returned").select_related("pep", "by"):
        on = review.at.astimezone(LONDON).date()
        found.append(
            Moment(on, "PEP returned", KIND, by=str(review.by), text=review.reason, href=review.pep.get_absolute_url())
        )
    return found
