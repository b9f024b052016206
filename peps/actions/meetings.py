"""The meeting: planned with those who must come, answered, held with its social worker, or arranged again with the reason kept."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import prefetch_related_objects

from peps import layouts, notifications, policies, workflow
from peps.actions.attendees import Attendee, attendees, chair
from peps.actions.stepping import found_a_new_time, hand_on, locked, move, wait_for_new_time
from peps.enums import Attendance, MeetingState, PepState, Response, Seat, SectionState
from peps.layouts import When
from peps.models import MeetingInvitation, Pep, PepMeeting, PepSection
from peps.people import NAMED_FOR, WRITERS, People, people_of
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import LONDON, now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import calendars, clocks, rules
from virtualschool.rulebook.rules import Pack

# The rule on when sections are ready names roles; sections name owners.
ROLE_OF_OWNER = {
    "social_worker": "socialworker",
    "designated_teacher": "teacher",
    "key_adult": "teacher",
    "carer": "carer",
    "virtual_school": "ala",
}


@transaction.atomic
def schedule_meeting(*, pep: Pep, starts_at: datetime, place: str, by: User) -> PepMeeting:
    """Plan the PEP's meeting and invite whoever the rules ask for.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when a meeting is planned already; that one is rearranged.
    """
    pep = locked(pep)
    require(policies.can_schedule(by, pep))
    if PepMeeting.objects.filter(pep=pep, state=MeetingState.PLANNED).exists():
        raise Conflict("A meeting is planned already. Rearrange it to change its time.")
    if pep.state == PepState.REARRANGED:
        found_a_new_time(pep, by)
    move(pep, "schedule")
    return _plan(pep, starts_at, place, by)


@transaction.atomic
def invite(
    *, meeting: PepMeeting, seat: Seat | str, by: User, name: str = "", user: User | None = None
) -> MeetingInvitation:
    """Ask somebody more: a person with an account, or a name.

    Raises:
        Refused: when ``by`` may not, or gives a name that their role does not read.
        Conflict: when the person is invited already.
    """
    meeting = held_fast(meeting)
    require(policies.can_rearrange(by, meeting))
    if name:
        require(policies.can_name(by, seat))
    if user is not None and meeting.invitations.filter(user=user).exists():
        raise Conflict("This person is invited already.")
    if name and user is None:
        invitation, new = sit_by_name(meeting, seat, name, by)
        if not new:
            raise Conflict("This person is invited already.")
    else:
        invitation = MeetingInvitation.objects.create(meeting=meeting, seat=seat, user=user, name=name, added_by=by)
    log.record("pep.invited", by=by, subject=invitation, data={"seat": str(seat)})
    notifications.invited([invitation])
    return invitation


@transaction.atomic
def respond_to_invitation(*, invitation: MeetingInvitation, accept: bool, by: User, why: str = "") -> MeetingInvitation:
    """Accept or decline. A later answer replaces an earlier one while the meeting is planned.

    Raises:
        Refused: when ``by`` is not the person invited.
        ValueError: for a refusal without a reason.
    """
    meeting = held_fast(invitation.meeting)
    invitation = MeetingInvitation.objects.select_for_update(of=("self",)).select_related("user").get(pk=invitation.pk)
    invitation.meeting = meeting
    require(policies.can_answer(by, invitation))
    if not accept and not why.strip():
        raise ValueError("Somebody who cannot come says why.")
    news = not accept and invitation.response != Response.DECLINED
    invitation.response = Response.ACCEPTED if accept else Response.DECLINED
    invitation.declined_why = "" if accept else why
    invitation.responded_at = now()
    invitation.save(update_fields=["response", "declined_why", "responded_at"])
    told = "" if invitation.seat in NAMED_FOR else why
    log.record("pep.invitation_answered", by=by, subject=invitation, why=told, data={"response": invitation.response})
    if news and invitation.required:
        notifications.declined(invitation, _people(meeting.pep), by=by)
    return invitation


@transaction.atomic
def rearrange_meeting(
    *, meeting: PepMeeting, why: str, by: User, starts_at: datetime | None = None, place: str = ""
) -> PepMeeting | None:
    """The meeting cannot be held: it stays with its reason, and another is planned now or later.

    Returns:
        the new meeting, or None while the PEP waits for a new time, by the clock of rule ``pep.rearrange``.

    Raises:
        Refused: when ``by`` may not.
        ValueError: without a reason.
    """
    meeting = held_fast(meeting)
    require(policies.can_rearrange(by, meeting))
    if not why.strip():
        raise ValueError("A meeting is rearranged for a reason.")
    meeting.state = workflow.MEETING.target(meeting.state, "rearrange")
    meeting.ended_why = why
    meeting.save(update_fields=["state", "ended_why"])
    log.record("pep.meeting_rearranged", by=by, subject=meeting, why=why)
    move(meeting.pep, "rearrange")
    if starts_at is None:
        call_off(meeting)
        wait_for_new_time(meeting, "A meeting could not be held", by)
        return None
    move(meeting.pep, "schedule")
    planned = _plan(meeting.pep, starts_at, place or meeting.place, by, instead_of=meeting)
    still = set(planned.invitations.values_list("user", flat=True))
    notifications.off(planned, [user for user in _asked(meeting) if user.pk not in still])
    return planned


@transaction.atomic
def hold_meeting(
    *,
    meeting: PepMeeting,
    attendance: Mapping[int, Attendance | str],
    by: User,
    next_meeting_on: date | None = None,
    without_social_worker_why: str = "",
) -> PepMeeting:
    """Record that the meeting was held and who came. The PEP is now due to be sent in.

    Args:
        attendance: an answer for each invitation, by its key; those left out gave apologies.
        without_social_worker_why: counts only where the council's rule lets a meeting go on without the social worker.

    Raises:
        Refused: when ``by`` may not, or those who came do not make it a PEP meeting (rules ``pep.quorum`` and
            ``pep.social_worker_absent``): then it has to be rearranged.
    """
    meeting = held_fast(meeting)
    prefetch_related_objects([meeting], "invitations")
    require(policies.can_hold(by, meeting))
    invitations = list(meeting.invitations.all())
    for invitation in invitations:
        invitation.attendance = Attendance(attendance.get(invitation.pk, Attendance.APOLOGIES))
    came = {
        one.seat
        for one in invitations
        if one.attendance == Attendance.CAME and (one.user_id or one.seat not in WRITERS)
    }
    require(policies.can_count_as_held(meeting, came, without_social_worker_why=without_social_worker_why))
    for answer in {invitation.attendance for invitation in invitations}:
        same = [invitation.pk for invitation in invitations if invitation.attendance == answer]
        MeetingInvitation.objects.filter(pk__in=same).update(attendance=answer)
    meeting.state = workflow.MEETING.target(meeting.state, "hold")
    meeting.next_meeting_on = next_meeting_on or meeting.next_meeting_on
    meeting.without_social_worker_why = "" if Seat.SOCIAL_WORKER in came else without_social_worker_why
    meeting.save(update_fields=["state", "next_meeting_on", "without_social_worker_why"])
    _after_meeting(meeting, by)
    log.record("pep.meeting_held", by=by, subject=meeting, data={"came": sorted(came), "next_on": next_meeting_on})
    return meeting


@transaction.atomic
def book_next(*, meeting: PepMeeting, next_meeting_on: date, by: User) -> PepMeeting:
    """Say when the next meeting is, where that was not settled at this one."""
    pep = locked(meeting.pep)
    meeting = PepMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    meeting.pep = pep
    require(policies.can_book_next(by, meeting))
    meeting.next_meeting_on = next_meeting_on
    meeting.save(update_fields=["next_meeting_on"])
    log.record("pep.next_meeting_booked", by=by, subject=meeting, data={"on": next_meeting_on})
    return meeting


def sit_by_name(
    meeting: PepMeeting, seat: Seat | str, name: str, by: User, attendance: Attendance | str = ""
) -> tuple[MeetingInvitation, bool]:
    """The seat of somebody without an account: one for a name, however it is written and by whichever page it is given.

    Returns:
        the seat, and whether it is new. The meeting is held by whoever asks.
    """
    name = " ".join(name.split())
    found = meeting.invitations.filter(seat=seat, user=None, name__iexact=name).first()
    if found is not None:
        return found, False
    facts = {"seat": seat, "name": name, "attendance": attendance, "added_by": by}
    return MeetingInvitation.objects.create(meeting=meeting, **facts), True


def call_off(meeting: PepMeeting) -> None:
    """The meeting is rearranged without a new time, or cancelled: it goes out of everybody's calendar."""
    meeting.calendar_sequence += 1
    meeting.save(update_fields=["calendar_sequence"])
    notifications.off(meeting, _asked(meeting))


def held_fast(meeting: PepMeeting) -> PepMeeting:
    """The meeting as it is now, with its PEP locked."""
    pep = locked(meeting.pep)
    found: PepMeeting = PepMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    found.pep = pep
    return found


def _people(pep: Pep) -> People:
    return people_of(pep.child, pep.school, today())


def _asked(meeting: PepMeeting) -> list[User]:
    """Those with an account who were asked to it."""
    return list(User.objects.filter(pep_invitations__meeting=meeting))


def _plan(pep: Pep, starts_at: datetime, place: str, by: User, *, instead_of: PepMeeting | None = None) -> PepMeeting:
    on, people = starts_at.astimezone(LONDON).date(), _people(pep)
    pack = rules.pack(on, "pep.")
    meeting = PepMeeting.objects.create(
        pep=pep,
        starts_at=starts_at,
        place=place,
        chair=chair(pep, pack),
        arranged_by=by,
        calendar_id=instead_of.calendar_key if instead_of else None,
        calendar_sequence=instead_of.calendar_sequence + 1 if instead_of else 0,
    )
    asked = [_invitation(meeting, attendee) for attendee in _one_seat_each(attendees(pep, people, on, pack))]
    invitations = MeetingInvitation.objects.bulk_create(asked)
    owners = _expect_sections(pep, pack)
    log.record(
        "pep.meeting_scheduled", by=by, subject=meeting, data={"on": on, "seats": [one.seat for one in invitations]}
    )
    notifications.invited(invitations)
    notifications.sections_to_write(meeting, people, owners)
    return meeting


def _one_seat_each(asked: list[Attendee]) -> list[Attendee]:
    """A person with two parts sits once, on the first seat."""
    seen: set[int] = set()
    kept = []
    for attendee in asked:
        if attendee.user is None or attendee.user.pk not in seen:
            kept.append(attendee)
        if attendee.user is not None:
            seen.add(attendee.user.pk)
    return kept


def _invitation(meeting: PepMeeting, attendee: Attendee) -> MeetingInvitation:
    return MeetingInvitation(
        meeting=meeting,
        seat=attendee.seat,
        user=attendee.user,
        required=bool(attendee.because),
        required_because=attendee.because,
    )


def _expect_sections(pep: Pep, pack: Pack) -> list[str]:
    """Set when the sections of before the meeting are due, never earlier than today, and answer who owns those that are not done."""
    layout, on, known = layouts.of_version(pep.layout), pack.on, calendars.load()
    expected = [section for section in pep.sections.all() if layout.section(section.key).when is When.BEFORE]
    for section in expected:
        rule = pack.variant("pep.section_ready", by="owner", code=ROLE_OF_OWNER[section.owner])
        section.due_on = max(clocks.reckon_back(rule, on, known).due_on or on, today()) if rule else None
    for due_on in {section.due_on for section in expected}:
        same = [section.pk for section in expected if section.due_on == due_on]
        PepSection.objects.filter(pk__in=same).update(due_on=due_on)
    return [section.owner for section in expected if section.state != SectionState.COMPLETE]


def _after_meeting(meeting: PepMeeting, by: User) -> None:
    """The PEP is to be sent in; what is agreed at the meeting is due with it."""
    pep = meeting.pep
    move(pep, "hold_meeting")
    held_on = meeting.starts_at.astimezone(LONDON).date()
    hand_on(
        pep,
        rule_key="pep.write_up",
        about="PEP to be sent in",
        started_on=held_on,
        started_by="The meeting was held",
        by=by,
    )
    later = [spec.key for spec in layouts.of_version(pep.layout) if spec.when is not When.BEFORE]
    PepSection.objects.filter(pep=pep, key__in=later).update(due_on=pep.due_on)
