"""Who sits at a planned meeting, kept as the child's people and school are today."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q

from children.models import Relationship
from peps import notifications, workflow
from peps.actions.attendees import attendees
from peps.actions.stepping import locked
from peps.enums import MeetingState, Response, Seat
from peps.models import MeetingInvitation, Pep, PepMeeting
from peps.people import SEAT_OF_TIE, people_of
from virtualschool.accounts.models import Membership, User
from virtualschool.audit import log
from virtualschool.kernel.dates import LONDON, today

# Seats that belong to whoever has that part in the child's life today. A seat taken by a name, or any other, stays as it was given.
FOLLOWING = (*SEAT_OF_TIE.values(), Seat.DESIGNATED_TEACHER)


@transaction.atomic
def reseat(pep: Pep) -> int:
    """Give the seats of the PEP's planned meeting to today's people; whoever is new on a seat has yet to answer.

    No seat is ever taken away, and a person with two parts sits once, on the seat that is required first. A school that the
    meeting was planned without gets its seat.

    Returns:
        how many seats changed hands or are new.
    """
    pep = locked(pep)
    meeting = PepMeeting.objects.filter(pep=pep, state=MeetingState.PLANNED).first()
    if meeting is None:
        return 0
    people = people_of(pep.child, pep.school, today())
    invitations = list(meeting.invitations.select_related("user").order_by("-required", "pk"))
    following = [one for one in invitations if one.seat in FOLLOWING and not one.name]
    others = {one.user_id for one in invitations if one not in following and one.user_id}
    changes = _changes(following, {seat: people.at(seat) for seat in FOLLOWING}, others)
    leaving = {one.user for one, _ in changes if one.user} - {user for _, user in changes}
    # Emptied first, so that two people may change places.
    MeetingInvitation.objects.filter(pk__in=[one.pk for one, _ in changes]).update(user=None)
    for invitation, user in changes:
        _seat(invitation, user)
    added = _school_seat(meeting, pep, {one.seat for one in invitations})
    if changes:
        meeting.calendar_sequence += 1
        meeting.save(update_fields=["calendar_sequence"])
    for one, _ in changes:
        one.meeting = meeting
    notifications.off(meeting, leaving)
    notifications.invited([*(one for one, _ in changes), *added])
    return len(changes) + len(added)


def unseat(meeting: PepMeeting, gone: Iterable[MeetingInvitation]) -> None:
    """Take seats of a meeting, held, away. Whoever has an account is told, and their calendar; the change history keeps the seat."""
    gone = list(gone)
    told = [one.user for one in gone if one.user is not None]
    MeetingInvitation.objects.filter(pk__in=[one.pk for one in gone]).delete()
    if told:
        meeting.calendar_sequence += 1
        meeting.save(update_fields=["calendar_sequence"])
        notifications.off(meeting, told)


def without_school(pep: Pep) -> None:
    """A PEP, held, has no school any more: nor has its planned meeting a seat for one. Who is there already stays."""
    meeting = PepMeeting.objects.filter(pep=pep, state=MeetingState.PLANNED).first()
    if meeting is None:
        return
    seats = meeting.invitations.filter(seat=Seat.DESIGNATED_TEACHER, attendance="").select_related("user")
    for seat in seats:
        log.record("pep.seat_taken_away", by=None, subject=seat, data={"seat": seat.seat})
    unseat(meeting, seats)


def reseat_changed(since: date) -> int:
    """Reseat the meetings of children whose ties, or whose school's teachers, began or ended between a day and today."""
    days = (since, today())
    changed = Q(start__range=days) | Q(end__range=days)
    ties = Relationship.objects.filter(changed, kind__in=SEAT_OF_TIE)
    teachers = Membership.objects.filter(changed, position__in=Membership.TEACHING)
    concerned = Q(child__in=ties.values("child")) | Q(school__organisation__in=teachers.values("organisation"))
    return _reseat_each(concerned)


def reseat_school(organisation: int) -> int:
    """Reseat the planned meetings of a school, whose teachers changed; what changes on a later day is the night's of that day."""
    return _reseat_each(Q(school__organisation=organisation))


def _reseat_each(concerned: Q) -> int:
    planned = Pep.objects.filter(state__in=workflow.BEFORE_MEETING, meetings__state=MeetingState.PLANNED)
    return sum(reseat(pep) for pep in planned.filter(concerned).order_by("pk").distinct())


def _changes(
    following: list[MeetingInvitation], now_theirs: dict[str, User | None], others: set[int | None]
) -> list[tuple[MeetingInvitation, User | None]]:
    seated, changes = set(others), []
    for invitation in following:
        user = now_theirs[invitation.seat]
        if user is not None and user.pk in seated:
            user = None
        if user is not None:
            seated.add(user.pk)
        if invitation.user != user:
            changes.append((invitation, user))
    return changes


def _seat(invitation: MeetingInvitation, user: User | None) -> None:
    invitation.user, invitation.response = user, Response.WAITING
    invitation.declined_why, invitation.responded_at = "", None
    invitation.save(update_fields=["user", "response", "declined_why", "responded_at"])
    log.record("pep.seat_changed", by=None, subject=invitation, data={"seat": invitation.seat})


def _school_seat(meeting: PepMeeting, pep: Pep, seats: set[str]) -> list[MeetingInvitation]:
    """A child who had no school when the meeting was planned has one now: its designated teacher is asked."""
    if Seat.DESIGNATED_TEACHER in seats or pep.school is None:
        return []
    people, on = people_of(pep.child, pep.school, today()), meeting.starts_at.astimezone(LONDON).date()
    asked = [one for one in attendees(pep, people, on) if one.seat == Seat.DESIGNATED_TEACHER]
    free = [one for one in asked if one.user is None or not meeting.invitations.filter(user=one.user).exists()]
    return [
        MeetingInvitation.objects.create(
            meeting=meeting, seat=one.seat, user=one.user, required=bool(one.because), required_because=one.because
        )
        for one in free
    ]
