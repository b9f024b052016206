"""Who answers an invitation, records a meeting and books the next; and whether those who came make it one."""

from collections.abc import Collection

from peps import workflow
from peps.enums import MeetingState, PepState, Response, Seat
from peps.models import MeetingAction, MeetingInvitation, PepMeeting
from peps.people import SEATS
from peps.policies.planning import arranges
from peps.policies.reach import AT_THE_MEETING, ROLES, Standing, reaches
from peps.policies.reading import can_read
from virtualschool.accounts.models import Cover, User
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules


def can_answer(user: User, invitation: MeetingInvitation) -> Verdict:
    """The person invited, or who covers for them; for somebody without an account, whoever arranges meetings."""
    if invitation.meeting.state != MeetingState.PLANNED:
        return refuse(f"This meeting is {invitation.meeting.get_state_display()}.", ROLES)
    if invitation.user is None:
        return arranges(user, own=reaches(user, invitation.meeting.pep))
    if invitation.user == user or _covers(user, invitation.user):
        return ALLOW
    return refuse("An invitation is answered by the person it was sent to.", ROLES)


def can_hold(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """Anybody who works at the meeting records that it was held, on its day or later, unless the social worker cannot come."""
    if meeting.state != MeetingState.PLANNED:
        return refuse(f"This meeting is {meeting.get_state_display()}.", ROLES)
    if not reaches(user, meeting.pep, at) or not any(user.may(act) for act in AT_THE_MEETING):
        return refuse("A meeting is recorded by those who work with the child's PEP.", ROLES)
    if meeting.starts_at.astimezone(LONDON).date() > today():
        return refuse("This meeting has not been held yet: it is recorded on its day or later.", ROLES)
    return _social_worker_comes(meeting)


def can_book_next(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """Those who work at the meeting, until the PEP is sent in."""
    if meeting.state != MeetingState.HELD or not workflow.PEP.allows(meeting.pep.state, "submit"):
        return refuse("The next meeting is booked between this one and the sending in.", ROLES)
    if reaches(user, meeting.pep, at) and any(user.may(act) for act in AT_THE_MEETING):
        return ALLOW
    return refuse("A meeting is booked by those who work with the child's PEP.", ROLES)


def can_run(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """The page for the hour itself: those who work at the meeting, from its day on, until the PEP is sent in."""
    if not reaches(user, meeting.pep, at) or not any(user.may(act) for act in AT_THE_MEETING):
        return refuse("A meeting is recorded by those who work with the child's PEP.", ROLES)
    if meeting.state == MeetingState.PLANNED and meeting.starts_at.astimezone(LONDON).date() > today():
        return refuse("This meeting is still to come: its page opens on its day.", ROLES)
    planned, tidied = meeting.state == MeetingState.PLANNED, meeting.pep.state == PepState.MEETING_HELD
    if planned or (meeting.state == MeetingState.HELD and tidied):
        return ALLOW
    return refuse(f"This meeting is {meeting.get_state_display()}, and what was decided stands.", ROLES)


def can_see_end(user: User, meeting: PepMeeting) -> Verdict:
    """What is left after a meeting is read by whoever reads the PEP."""
    if meeting.state != MeetingState.HELD:
        return refuse(f"This meeting is {meeting.get_state_display()}: it is not over.", ROLES)
    return can_read(user, meeting.pep)


def can_change_action(user: User, action: MeetingAction) -> Verdict:
    """Whoever writes at the meeting that it was decided at, while it may be written."""
    return can_run(user, action.meeting)


def can_tick(user: User, action: MeetingAction, at: Standing | None = None) -> Verdict:
    """Those who work with the child's PEP say that something was done, also between meetings."""
    if reaches(user, action.meeting.pep, at) and any(user.may(act) for act in AT_THE_MEETING):
        return ALLOW
    return refuse("This is ticked by those who work with the child's PEP.", ROLES)


def can_count_as_held(meeting: PepMeeting, came: Collection[str], *, without_social_worker_why: str = "") -> Verdict:
    """Whether those who came make it a PEP meeting: the council's quorum, and its rule on an absent social worker.

    Args:
        came: the seats of those who were there.
        without_social_worker_why: counts only where the council's rule is ``allow_with_reason``.
    """
    pack = rules.pack(today(), "pep.")
    for role in pack.value("pep.quorum"):
        seat = SEATS[role]
        if seat in came or (seat == Seat.DESIGNATED_TEACHER and meeting.pep.school_id is None):
            continue
        if seat != Seat.SOCIAL_WORKER:
            return refuse(f"Without the {seat.label} this was not a PEP meeting.", pack.get("pep.quorum").source)
        absent = _without_social_worker(pack.get("pep.social_worker_absent"), without_social_worker_why)
        if not absent:
            return absent
    return ALLOW


def _covers(user: User, other: User) -> bool:
    return bool(Cover.objects.current().filter(user=other, covered_by=user).exists())


def _social_worker_comes(meeting: PepMeeting) -> Verdict:
    """Before the meeting is recorded: a social worker who declined, or is not known, cannot have come."""
    rule = rules.get("pep.social_worker_absent", on=today())
    if rule.value != "rearrange":
        return ALLOW
    seats = [one for one in meeting.invitations.all() if one.seat == Seat.SOCIAL_WORKER]
    if any(one.user_id and one.response != Response.DECLINED for one in seats):
        return ALLOW
    why = "The social worker cannot come" if seats and seats[0].user_id else "No social worker is invited"
    return refuse(f"{why}, so the meeting has to be rearranged.", rule.source)


def _without_social_worker(rule: rules.InForce, why: str) -> Verdict:
    if rule.value == "rearrange":
        return refuse("The social worker was not there, so the meeting has to be rearranged.", rule.source)
    if not why.strip():
        return refuse("Say why the meeting went on without the social worker.", rule.source)
    return ALLOW
