"""The meeting of a PEP and who is asked to it."""

import uuid
from uuid import UUID

from django.db import models
from django.db.models import Q

from peps.enums import Attendance, ChildThere, MeetingState, Response, Seat
from peps.models.pep import Pep
from peps.querysets import OfMeetingQuerySet, OfPepQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history


class PepMeeting(models.Model):
    """A meeting of a PEP. A meeting that cannot be held is rearranged: it stays, with its reason, and a new one is planned."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="meetings")
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=200, help_text="Where, or how to join.")
    chair = models.CharField(max_length=20, choices=Seat, help_text="Who chairs is a council rule.")
    state = models.CharField(max_length=10, choices=MeetingState, default=MeetingState.PLANNED)
    arranged_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_why = models.TextField("why it was rearranged or cancelled", blank=True)
    without_social_worker_why = models.TextField(
        blank=True, help_text="Why it went on without the social worker, where the council's rule lets it."
    )
    key_points = models.TextField(blank=True)
    next_meeting_on = models.DateField(null=True, blank=True)
    child_there = models.CharField(max_length=4, choices=ChildThere, blank=True)
    for_child = models.TextField(
        "what was talked about, for the child",
        blank=True,
        help_text="In plain words; the child takes it away on paper.",
    )
    calendar_id = models.UUIDField(
        null=True,
        blank=True,
        help_text="Of the meeting whose place in people's calendars it took; without one, its own.",
    )
    calendar_sequence = models.PositiveSmallIntegerField(
        default=0, help_text="Rises whenever a calendar has to be told something new."
    )

    objects = OfPepQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pep"], condition=Q(state="planned"), name="one_planned_meeting_for_a_pep"),
            models.UniqueConstraint(fields=["pep"], condition=Q(state="held"), name="one_held_meeting_for_a_pep"),
            models.CheckConstraint(
                condition=~Q(state__in=["rearranged", "cancelled"]) | ~Q(ended_why=""),
                name="meeting_rearranged_with_a_reason",
                violation_error_message="Say why the meeting is rearranged.",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"meeting of {self.pep}"

    @property
    def child_id(self) -> int:
        """For the access log: whose meeting it is."""
        return self.pep.child_id

    @property
    def calendar_key(self) -> UUID:
        """What it is called in people's calendars."""
        return self.calendar_id or self.uuid


class MeetingInvitation(models.Model):
    """Somebody asked to a meeting, why they must come, what they answered, and whether they came."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(PepMeeting, models.CASCADE, related_name="invitations")
    seat = models.CharField(max_length=20, choices=Seat)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="pep_invitations")
    name = models.CharField(max_length=200, blank=True, help_text="For somebody without an account.")
    required = models.BooleanField(default=False)
    required_because = models.CharField(max_length=400, blank=True)
    response = models.CharField(max_length=8, choices=Response, default=Response.WAITING)
    responded_at = models.DateTimeField(null=True, blank=True)
    declined_why = models.TextField(blank=True)
    attendance = models.CharField(max_length=10, choices=Attendance, blank=True)
    added_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who asked them by hand; empty for those whom the rules ask for.",
    )

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "user"], condition=Q(user__isnull=False), name="invited_once_to_a_meeting"
            ),
            models.CheckConstraint(
                condition=~Q(response="declined") | ~Q(declined_why=""),
                name="invitation_declined_with_a_reason",
                violation_error_message="Say why you cannot come.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.get_seat_display()} at {self.meeting}"

    @property
    def child_id(self) -> int:
        """For the access log: whose meeting it is."""
        return self.meeting.pep.child_id

    @property
    def by_hand(self) -> bool:
        """A guest: asked by somebody, not by the rules. From before that was kept it is whoever was given a name."""
        return bool(self.added_by_id or self.name)


class MeetingAction(models.Model):
    """Something that was decided at a meeting: what is done, who sees to it, by when; ticked when it is done."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(PepMeeting, models.CASCADE, related_name="actions")
    what = models.CharField(max_length=400)
    named_person = models.CharField(max_length=120)
    by_when = models.DateField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(named_person=""),
                name="meeting_action_has_what_and_who",
                violation_error_message="Say what is done and who sees to it.",
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, done_by__isnull=True)
                | Q(done_on__isnull=False, done_by__isnull=False),
                name="meeting_action_done_by_somebody",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return self.what

    @property
    def child_id(self) -> int:
        """For the access log: whose meeting it was decided at."""
        return self.meeting.pep.child_id
