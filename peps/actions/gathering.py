"""The hour itself: who is here, what is said and when the next one is, each saved as it comes; then the meeting is ended.

Several people may have the page open. A thing is saved by whoever changed it; where two changed the same, nothing is written
over: the second is told what stands, and saves again to put theirs in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from peps import policies
from peps.actions.meetings import held_fast, hold_meeting, sit_by_name
from peps.actions.stepping import wrote
from peps.actions.writing import digest, tidy
from peps.enums import Attendance, MeetingState, Seat
from peps.models import MeetingInvitation, PepMeeting
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.verdicts import Conflict, refuse, require

NOTES = ("key_points", "for_child", "next_meeting_on", "child_there")
WRITING = ("key_points", "for_child")


@dataclass(frozen=True)
class Given:
    """What somebody gave, and the fingerprint of what they were shown."""

    value: Any
    seen: str = ""


@dataclass
class Kept:
    """What was written, and what was not because somebody else had changed it meanwhile: what stands, by its name."""

    written: list[str] = field(default_factory=list)
    clashes: dict[str, Any] = field(default_factory=dict)

    def takes(self, name: str, given: Given, standing: Any) -> bool:
        """Whether ``given`` is to be written over ``standing``."""
        value = digest(_plain(given.value))
        if value in (given.seen, digest(_plain(standing))):
            return False
        if digest(_plain(standing)) != given.seen:
            self.clashes[name] = standing
            return False
        self.written.append(name)
        return True


def fingerprint(value: Any) -> str:
    """What a page carries of a value that it shows; empty for none."""
    return digest(_plain(value))


@transaction.atomic
def record_people(*, meeting: PepMeeting, given: Mapping[int, Given], by: User) -> Kept:
    """Who is here, by the key of the invitation; an empty value takes an answer back. The meeting is not over by it.

    Raises:
        Refused: when ``by`` does not work at the meeting.
        Conflict: when the meeting is over.
    """
    meeting = held_fast(meeting)
    require(policies.can_run(by, meeting))
    _refuse_over(meeting)
    kept = Kept()
    for invitation in meeting.invitations.filter(pk__in=given):
        asked = given[invitation.pk]
        if kept.takes(str(invitation.pk), asked, invitation.attendance):
            invitation.attendance = Attendance(asked.value) if asked.value else ""
            invitation.save(update_fields=["attendance"])
    if kept.written:
        log.record("pep.people_recorded", by=by, subject=meeting, data={"seats": len(kept.written)})
    return kept


@transaction.atomic
def add_person(*, meeting: PepMeeting, seat: Seat | str, by: User, name: str = "") -> MeetingInvitation:
    """Somebody is here who was not asked. Named twice, they sit once.

    Raises:
        Refused: when ``by`` may not, or gives a name that their role does not read, or a seat that is for people with accounts.
    """
    meeting = held_fast(meeting)
    require(policies.can_run(by, meeting))
    _refuse_over(meeting)
    require(policies.can_take_by_name(by, seat))
    if name:
        require(policies.can_name(by, seat))
    invitation, new = sit_by_name(meeting, seat, name, by, Attendance.CAME)
    if new:
        log.record("pep.person_added", by=by, subject=invitation, data={"seat": str(seat)})
    return invitation


@transaction.atomic
def write_notes(*, meeting: PepMeeting, given: Mapping[str, Given], by: User) -> Kept:
    """Key points, the words for the child, how much of it the child was there, and the next date. Whoever writes is an author.

    Raises:
        Refused: when ``by`` does not work at the meeting, or the PEP was sent in.
    """
    meeting = held_fast(meeting)
    require(policies.can_run(by, meeting))
    kept = Kept()
    for name in NOTES:
        if name in given and kept.takes(name, given[name], getattr(meeting, name)):
            value = given[name].value
            setattr(meeting, name, tidy(value) if isinstance(value, str) else value)
    if kept.written:
        meeting.save(update_fields=kept.written)
        log.record("pep.meeting_written", by=by, subject=meeting, data={"fields": kept.written})
    if set(kept.written) & set(WRITING):
        wrote(meeting.pep, by)
    return kept


@transaction.atomic
def end_meeting(*, meeting: PepMeeting, by: User, without_social_worker_why: str = "") -> PepMeeting:
    """The meeting is over: it was held by those who were recorded as here.

    Raises:
        Refused: when somebody is not recorded as here or not, or those here do not make it a PEP meeting.
    """
    meeting = held_fast(meeting)
    require(policies.can_hold(by, meeting))
    asked = {one.pk: one.attendance for one in meeting.invitations.all()}
    if not all(asked.values()):
        require(refuse("Say of everybody first whether they came.", policies.CONTENT))
    return hold_meeting(meeting=meeting, attendance=asked, by=by, without_social_worker_why=without_social_worker_why)


def _refuse_over(meeting: PepMeeting) -> None:
    if meeting.state != MeetingState.PLANNED:
        raise Conflict("The meeting has been ended. Who came is recorded.")


def _plain(value: Any) -> Any:
    """As a fingerprint is taken of it: dates as they are written."""
    return value if value is None or isinstance(value, str) else str(value)
