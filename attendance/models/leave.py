"""Leave in term time: asked for, seen by the social worker, supported or not by the Virtual School, and decided by the school alone.

"The Virtual School does not authorise holidays in term time unless there are truly exceptional circumstances", and children "cannot be
allowed extended periods out of school", moves into adoption included ("Devon Virtual School: information for IROs and social
workers"). Only a school grants leave: School Attendance (Pupil Registration) (England) Regulations 2024, reg 11.
"""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance import workflow
from attendance.enums import LeaveEvent, LeaveKind, LeaveState
from attendance.querysets import LeaveQuerySet
from children.models import Child, Clock, Enrolment
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history
from virtualschool.kernel import periods
from virtualschool.kernel.dates import LONDON
from virtualschool.rulebook.schoolyear import words


class LeaveRequest(models.Model):
    """Leave from a day to a day: ``end`` is the first day back at school. ``school_days`` as counted when it was asked for.

    What the Virtual School thinks of it and what the head decided stand apart: ``supported`` and ``state`` with its ``code``.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="leave_requests")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="+")
    start = models.DateField()
    end = models.DateField()
    school_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty where the terms are not known."
    )
    kind = models.CharField(max_length=12, choices=LeaveKind)
    purpose = models.TextField()
    exceptional = models.TextField(blank=True, help_text="What makes it exceptional, in the words of who asked.")
    state = models.CharField(max_length=11, choices=LeaveState, default=LeaveState.ASKED)
    worker_supports = models.BooleanField(null=True, blank=True)
    supported = models.BooleanField(null=True, blank=True)
    code = models.CharField(max_length=2, blank=True, help_text="The register's code of leave that was granted.")
    decided_on = models.DateField(null=True, blank=True)
    clock = models.OneToOneField(Clock, models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=models.F("start")),
                name="leave_has_days",
                violation_error_message="The first day back must be after the first day away.",
            ),
            ExclusionConstraint(
                name="one_leave_at_a_time",
                expressions=periods.no_overlap("child"),
                condition=Q(state__in=workflow.LEAVE_STANDING),
                violation_error_message="Leave in that time was asked for already.",
            ),
            models.CheckConstraint(
                condition=(Q(state="granted") & ~Q(code="")) | (~Q(state="granted") & Q(code="")),
                name="granted_leave_has_a_code",
                violation_error_message="Leave that is granted has a code.",
            ),
            models.CheckConstraint(
                condition=~Q(purpose=""), name="leave_has_a_purpose", violation_error_message="Say what it is for."
            ),
        ]
        indexes = [models.Index(fields=["child", "start"], name="leave_of_child")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {words(self.start)}"

    def get_absolute_url(self) -> str:
        return reverse("attendance:leave", args=[self.uuid])

    @property
    def open(self) -> bool:
        """Whether the school has yet to decide."""
        return self.state in workflow.LEAVE_OPEN


class LeaveStep(models.Model):
    """One step of a request: who did what, when, in which words. ``by`` is empty for the service itself."""

    append_only = True

    leave = models.ForeignKey(LeaveRequest, models.CASCADE, related_name="steps")
    event = models.CharField(max_length=11, choices=LeaveEvent)
    supports = models.BooleanField(null=True, blank=True, help_text="Of a view or an answer.")
    code = models.CharField(max_length=2, blank=True)
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_event_display()} on {words(self.at.astimezone(LONDON).date())}"
