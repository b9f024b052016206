"""Who is nudged about a PEP, and for what. A nudge names no child: the list on the person's own page does."""

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.urls import reverse

from peps import letters
from peps.enums import Owner, Response, Seat
from peps.models import MeetingInvitation, Pep, PepChaser, PepMeeting, PepReview, SectionDelegation, VoiceConcern
from peps.people import People
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date

KINDS = {
    "pep.opened": "PEPs to plan",
    letters.INVITED: "PEP meetings to answer",
    letters.OFF: "PEP meetings that are off",
    "pep.declined": "PEP meetings to rearrange",
    "pep.sections": "PEP sections to write",
    "pep.arrived": "PEPs that came with a child to your school",
    "pep.left_school": "PEPs of a child on no school’s roll, to write the school’s part",
    "pep.asked": "PEP sections that a colleague asks you to write",
    "pep.submitted": "PEPs to quality-assure",
    "pep.returned": "PEPs that came back",
    "pep.approved": "PEPs that were approved",
    "voice.harm": "Words to read today",
}
for _kind, _words in KINDS.items():
    outbox.register_kind(_kind, _words)


def _reminder(messages: Sequence[Message]) -> list[str]:
    """The latest reminder in one line. An earlier one that never left is said by it too."""
    chaser = PepChaser.objects.filter(message__in=messages).order_by("-day").first()
    if chaser is None:
        return []
    things = "1 thing" if chaser.things == 1 else f"{chaser.things} things"
    verb = "was" if chaser.first_due_on < today() else "is"
    address = f"{settings.VS_BASE_URL}{reverse('peps:owed')}"
    return [f"You have {things} to do for PEPs, the first {verb} due on {long_date(chaser.first_due_on)}: {address}"]


CHASE = "pep.chase"
outbox.register_kind(CHASE, "Things to do for PEPs", lines=_reminder)


def opened(pep: Pep, people: People) -> None:
    """The coordinator plans the meeting; the social worker knows that a first PEP has begun."""
    _post("pep.opened", pep.uuid.hex, [people.at(seat) for seat in (Seat.COORDINATOR, Seat.SOCIAL_WORKER)])


def invited(invitations: Iterable[MeetingInvitation]) -> None:
    """Each has a letter with the meeting for their calendar."""
    waiting = [one for one in invitations if one.user and one.user.is_active and one.response == Response.WAITING]
    nudges = {letters.invitation_key(one, one.meeting.calendar_sequence): one.user for one in waiting}
    outbox.post_many(nudges, kind=letters.INVITED)


def off(meeting: PepMeeting, told: Iterable[User | None]) -> None:
    """The meeting is off, or is held without them: their calendars are told."""
    nudges = {letters.off_key(meeting, user): user for user in told if user is not None and user.is_active}
    if nudges:
        outbox.post_many(nudges, kind=letters.OFF)


def sections_to_write(meeting: PepMeeting, people: People, owners: Iterable[str]) -> None:
    """Those who fill a section before the meeting."""
    _post("pep.sections", meeting.uuid.hex, [people.owning(Owner(owner)) for owner in owners])


def arrived(pep: Pep, teacher: User | None) -> None:
    """A PEP whose meeting was held came with the child: the designated teacher finishes it and sends it in."""
    _post("pep.arrived", f"{pep.uuid.hex}:{pep.enrolment_id}", [teacher])


def left_school(pep: Pep, people: People) -> None:
    """The child left a school for none: the social worker is asked for its part."""
    _post("pep.left_school", f"{pep.uuid.hex}:{pep.enrolment_id}", [people.at(Seat.SOCIAL_WORKER)])


def asked(delegation: SectionDelegation) -> None:
    """The colleague who was asked to write a section."""
    _post("pep.asked", delegation.uuid.hex, [delegation.colleague])


def declined(invitation: MeetingInvitation, people: People, *, by: User) -> None:
    """A required person cannot come: whoever arranged the meeting and the coordinator hear of it at once, and of each later refusal."""
    told = [invitation.meeting.arranged_by, people.at(Seat.COORDINATOR)]
    at = int(invitation.responded_at.timestamp() * 1_000_000) if invitation.responded_at else 0
    _post("pep.declined", f"{invitation.uuid.hex}:{at}:{by.pk}", told, urgent=True)


def submitted(pep: Pep, people: People) -> None:
    _post("pep.submitted", f"{pep.uuid.hex}:{pep.submission}", [people.at(Seat.ADVOCATE)])


def answered(review: PepReview, back_to: Iterable[User | None] = ()) -> None:
    """The sender, and whoever's section goes back."""
    told = [review.pep.submitted_by, *back_to]
    _post(f"pep.{review.decision}", f"{review.pep.uuid.hex}:{review.submission}", told)


def to_read_today(concern: VoiceConcern, told: Iterable[User | None]) -> None:
    """Somebody wrote what an adult has to read the same day: at once, and without a word of it."""
    _post("voice.harm", concern.uuid.hex, told, urgent=True)


def opened_again(pep: Pep, writers: Iterable[User | None]) -> None:
    """A completed PEP is to be changed: whoever sent it in, and whoever writes the sections that opened."""
    _post("pep.returned", f"{pep.uuid.hex}:{pep.submission}:amended", [pep.submitted_by, *writers])


def _post(kind: str, about: str, told: Iterable[User | None], *, urgent: bool = False) -> None:
    """Each person once."""
    people = {user.pk: user for user in told if user is not None and user.is_active}
    nudges = {_key(kind, about, user): user for user in people.values()}
    if nudges:
        outbox.post_many(nudges, kind=kind, urgent=urgent)


def _key(kind: str, about: str, user: User) -> str:
    return f"{kind}:{about}:{user.pk}"


def chased(people: Mapping[str, User]) -> None:
    """A reminder of all that somebody owes, as people by the key of their message."""
    outbox.post_many(people, kind=CHASE)
