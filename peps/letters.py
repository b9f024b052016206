"""Mail with a calendar file: an invitation, another time, a meeting that is off. Each is made when it leaves, from its key.

No child is in it: when, where, and the way to the signed-in page.
"""

from django.template.loader import render_to_string

from peps.enums import MeetingState
from peps.invites import address, calendar_file
from peps.models import MeetingInvitation, PepMeeting
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox
from virtualschool.jobs.outbox import Letter
from virtualschool.kernel.dates import now
from virtualschool.kernel.formfields import long_moment

INVITED, OFF = "pep.invited", "pep.meeting_off"


def invitation_key(invitation: MeetingInvitation, sequence: int) -> str:
    """One letter for each person, invitation and state of the calendar, however often it is asked for."""
    return f"{INVITED}:{invitation.uuid.hex}:{sequence}:{invitation.user_id}"


def off_key(meeting: PepMeeting, user: User) -> str:
    return f"{OFF}:{meeting.uuid.hex}:{meeting.calendar_sequence}:{user.pk}"


def invitation(key: str) -> Letter | None:
    """Come, and say whether you can; none for a meeting that is over or off, or a seat that is somebody else's by now."""
    uuid, user_id = _parts(key)
    asked = MeetingInvitation.objects.select_related("meeting").filter(uuid=uuid, user=user_id).first()
    if asked is None or not _to_come(asked.meeting):
        return None
    moved = asked.meeting.calendar_id is not None
    subject = f"PEP meeting{', new time' if moved else ''}: {long_moment(asked.meeting.starts_at)}"
    return _letter(subject, "invited", asked.meeting, address("peps:answer", asked.uuid), because=asked.required)


def off(key: str) -> Letter | None:
    """Take it out of the calendar: the meeting is off, or is held without this person."""
    uuid, user_id = _parts(key)
    meeting = PepMeeting.objects.filter(uuid=uuid, starts_at__gt=now()).first()
    if meeting is None or (meeting.state == MeetingState.PLANNED and meeting.invitations.filter(user=user_id).exists()):
        return None
    subject = f"PEP meeting is off: {long_moment(meeting.starts_at)}"
    return _letter(subject, "off", meeting, address("peps:meeting", meeting.uuid), off=True)


def _to_come(meeting: PepMeeting) -> bool:
    return meeting.state == MeetingState.PLANNED and meeting.starts_at > now()


def _letter(
    subject: str, name: str, meeting: PepMeeting, page: str, *, off: bool = False, because: bool = False
) -> Letter:
    context = {
        "when": long_moment(meeting.starts_at),
        "place": meeting.place,
        "address": page,
        "moved": meeting.calendar_id is not None,
        "required": because,
    }
    body = render_to_string(f"peps/email/{name}.txt", context)
    return Letter(subject, body, ("pep-meeting.ics", calendar_file(meeting, off=off), "text/calendar"))


def _parts(key: str) -> tuple[str, int]:
    _, uuid, _, user_id = key.split(":")
    return uuid, int(user_id)


outbox.register_letter(INVITED, invitation)
outbox.register_letter(OFF, off)
