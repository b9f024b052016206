"""Who is nudged about a PEP, and for what. A nudge names no child: the list on the person's own page does."""

from collections.abc import Iterable

from peps.enums import Owner, Response, Seat
from peps.models import MeetingInvitation, Pep, PepMeeting, PepReview
from peps.people import People
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox

KINDS = {
    "pep.opened": "PEPs to plan",
    "pep.invited": "PEP meetings to answer",
    "pep.declined": "PEP meetings to rearrange",
    "pep.sections": "PEP sections to write",
    "pep.submitted": "PEPs to quality-assure",
    "pep.returned": "PEPs that came back",
    "pep.approved": "PEPs that were approved",
}
for _kind, _words in KINDS.items():
    outbox.register_kind(_kind, _words)


def opened(pep: Pep, people: People) -> None:
    """The coordinator plans the meeting; the social worker knows that a first PEP has begun."""
    for seat in (Seat.COORDINATOR, Seat.SOCIAL_WORKER):
        _post("pep.opened", pep.uuid.hex, people.at(seat))


def invited(invitations: Iterable[MeetingInvitation]) -> None:
    for invitation in invitations:
        if invitation.user and invitation.response == Response.WAITING:
            _post("pep.invited", invitation.uuid.hex, invitation.user)


def sections_to_write(meeting: PepMeeting, people: People, owners: Iterable[str]) -> None:
    """Those who fill a section before the meeting."""
    for owner in set(owners):
        _post("pep.sections", meeting.uuid.hex, people.owning(Owner(owner)))


def declined(invitation: MeetingInvitation, people: People) -> None:
    """A required person cannot come: whoever arranged the meeting and the coordinator hear of it at once."""
    for user in {invitation.meeting.arranged_by, people.at(Seat.COORDINATOR)}:
        _post("pep.declined", invitation.uuid.hex, user, urgent=True)


def submitted(pep: Pep, people: People) -> None:
    _post("pep.submitted", f"{pep.uuid.hex}:{pep.submission}", people.at(Seat.ADVOCATE))


def answered(review: PepReview, people: People, owners: Iterable[str]) -> None:
    """The sender, and whoever's section goes back."""
    kind = f"pep.{review.decision}"
    about = f"{review.pep.uuid.hex}:{review.submission}"
    for user in {review.pep.submitted_by, *(people.owning(owner) for owner in owners)}:
        _post(kind, about, user)


def _post(kind: str, about: str, to: User | None, *, urgent: bool = False) -> None:
    if to is not None and to.is_active:
        outbox.post(key=f"{kind}:{about}:{to.pk}", to=to, kind=kind, urgent=urgent)
