"""A personal education plan, its meeting, sections, targets, costed lines and quality assurance.

Statutory content: Care Planning, Placement and Case Review Regulations 2010, reg 5 and Schedule 1 paragraph 2.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.models import Child, Clock, Enrolment, PeriodOfCare, School
from peps import workflow
from peps.enums import (
    Attendance,
    Decision,
    Grade,
    MeetingState,
    Owner,
    PepKind,
    PepPhase,
    PepState,
    Response,
    Seat,
    SectionState,
)
from peps.querysets import OfMeetingQuerySet, OfPepQuerySet, PepQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history


class Pep(models.Model):
    """One PEP of a child for one occasion: coming into care, a term, a new school.

    ``occasion`` is its natural key (``initial:<period>``, ``term:2026:autumn``, ``school:<enrolment>``): while one is not cancelled
    there is no second, however often it is opened.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="peps")
    kind = models.CharField(max_length=12, choices=PepKind)
    occasion = models.CharField(max_length=60)
    phase = models.CharField(max_length=2, choices=PepPhase)
    academic_year = models.PositiveSmallIntegerField(help_text="The year in which it starts, as 2026 for 2026/27.")
    term = models.CharField(max_length=6)
    state = models.CharField(max_length=12, choices=PepState, default=PepState.PLANNED)
    period = models.ForeignKey(PeriodOfCare, models.PROTECT, related_name="peps")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="peps")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="peps")
    layout = models.CharField(max_length=20, help_text="The version of the field list it is written in.")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="following")
    clock = models.OneToOneField(Clock, models.PROTECT, null=True, blank=True, related_name="pep")
    opened_on = models.DateField()
    opened_why = models.CharField(max_length=200)
    due_on = models.DateField()
    version = models.PositiveIntegerField(default=1, help_text="Rises with each completed change.")
    submission = models.PositiveIntegerField(default=0, help_text="How often it has been submitted.")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    completed_on = models.DateField(null=True, blank=True)
    grade = models.CharField(max_length=6, choices=Grade, blank=True)
    cancelled_why = models.CharField(max_length=200, blank=True)

    objects = PepQuerySet.as_manager()

    class Meta:
        verbose_name = "PEP"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "occasion"], condition=~Q(state="cancelled"), name="one_pep_for_an_occasion"
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_why=""),
                name="pep_cancelled_with_a_reason",
                violation_error_message="Say why the PEP is cancelled.",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(completed_on__isnull=False), name="pep_complete_on_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["academic_year", "term", "child"], name="pep_by_term"),
            models.Index(fields=["due_on"], condition=Q(state__in=workflow.OPEN), name="pep_open_by_due"),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.child}"

    def get_absolute_url(self) -> str:
        return reverse("peps:detail", args=[self.uuid])

    @property
    def is_open(self) -> bool:
        return self.state in workflow.OPEN


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
    key_points = models.TextField(blank=True)
    next_meeting_on = models.DateField(null=True, blank=True)

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


class MeetingInvitation(models.Model):
    """Somebody asked to a meeting, why they must come, what they answered, and whether they came."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(PepMeeting, models.CASCADE, related_name="invitations")
    seat = models.CharField(max_length=20, choices=Seat)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="pep_invitations")
    name = models.CharField(max_length=200, blank=True, help_text="For somebody without an account.")
    required = models.BooleanField(default=False)
    required_because = models.CharField(max_length=200, blank=True)
    response = models.CharField(max_length=8, choices=Response, default=Response.WAITING)
    responded_at = models.DateTimeField(null=True, blank=True)
    declined_why = models.TextField(blank=True)
    attendance = models.CharField(max_length=10, choices=Attendance, blank=True)

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


class PepSection(models.Model):
    """A section of a PEP: who owns it and how far it is. Its fields are those of the PEP's layout."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="sections")
    key = models.CharField(max_length=40)
    owner = models.CharField(max_length=20, choices=Owner)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=SectionState, default=SectionState.NOT_STARTED)
    due_on = models.DateField(null=True, blank=True)
    completed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)
    returned_why = models.TextField(blank=True)

    objects = OfPepQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pep", "key"], name="section_once_in_a_pep")]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"{self.key} of {self.pep}"

    @property
    def child_id(self) -> int:
        """For the access log: whose section it is."""
        return self.pep.child_id


class PepAnswer(models.Model):
    """One answer. ``version`` rises with each save, so that a second writer of the same field sees both and loses nothing."""

    section = models.ForeignKey(PepSection, models.CASCADE, related_name="answers")
    field = models.CharField(max_length=60)
    value = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["section", "field"], name="answer_once_in_a_section")]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.field} in {self.section}"


class PepAuthor(models.Model):
    """Somebody who wrote any of a PEP: they never grade it, whatever their role becomes later."""

    pep = models.ForeignKey(Pep, models.CASCADE, related_name="authors")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pep", "user"], name="author_once_of_a_pep")]

    def __str__(self) -> str:
        return f"{self.user} wrote {self.pep}"


class PepTarget(models.Model):
    """A target: what, why, by when and how it is measured; who does what, where and how often; and what became of it."""

    class Outcome(models.TextChoices):
        MET = "met", "met"
        PARTLY = "partly", "partly met"
        NOT_MET = "not_met", "not met"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="targets")
    area = models.CharField(max_length=40)
    start_point = models.TextField()
    goal = models.TextField()
    measure = models.CharField(max_length=200, blank=True)
    by_when = models.DateField(null=True, blank=True)
    why = models.TextField(blank=True)
    what = models.TextField(blank=True)
    where = models.CharField(max_length=120, blank=True)
    how_often = models.CharField(max_length=120, blank=True)
    named_person = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    evidence = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = OfPepQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return self.goal

    @property
    def child_id(self) -> int:
        """For the access log: whose target it is."""
        return self.pep.child_id


class PepCost(models.Model):
    """A costed line asked of Pupil Premium Plus for a target: sessions × weeks × price, in pence."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    target = models.ForeignKey(PepTarget, models.CASCADE, related_name="costs")
    item = models.CharField(max_length=200)
    category = models.CharField("evidence category", max_length=60, blank=True)
    sessions_a_week = models.PositiveSmallIntegerField(default=1)
    weeks = models.PositiveSmallIntegerField(default=1)
    price_pence = models.PositiveIntegerField(help_text="Pence a session.")
    excluded_as = models.CharField(
        max_length=60, blank=True, help_text="The heading of the council's not-for-PP+ list that it falls under."
    )
    exception_reason = models.TextField(blank=True)
    exception_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    agreed = models.BooleanField(null=True, blank=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sessions_a_week__gte=1, weeks__gte=1, price_pence__gte=1), name="cost_is_something"
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return self.item

    @property
    def total_pence(self) -> int:
        return self.sessions_a_week * self.weeks * self.price_pence


class PepReview(models.Model):
    """The Virtual School's decision on one submission: a grade, a reason, and which sections go back."""

    pep = models.ForeignKey(Pep, models.CASCADE, related_name="reviews")
    submission = models.PositiveIntegerField()
    decision = models.CharField(max_length=8, choices=Decision)
    grade = models.CharField(max_length=6, choices=Grade)
    reason = models.TextField()
    returned_sections = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["submission"]
        constraints = [
            models.UniqueConstraint(fields=["pep", "submission"], name="one_decision_for_a_submission"),
            models.CheckConstraint(
                condition=~Q(reason=""), name="decision_has_a_reason", violation_error_message="Give the reason."
            ),
            models.CheckConstraint(
                condition=Q(decision="returned") | ~Q(grade="red"),
                name="red_is_never_approved",
                violation_error_message="A PEP graded red goes back.",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} {self.pep}"


class PepVersion(models.Model):
    """A completed PEP as it stood: numbered, never changed."""

    append_only = True

    pep = models.ForeignKey(Pep, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    content = models.JSONField()
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pep", "number"], name="version_number_once_in_a_pep"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(why=""), name="later_version_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.pep}"
