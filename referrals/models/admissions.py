"""In-year applications for school places, and what became of each: the school's answer, a direction to admit, the place taken up.

Children in care come first where a school has more applications than places (School Admissions Code, September 2021).
"""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.models import Child, School
from referrals import admissions_workflow
from referrals.enums import ApplicationEvent, ApplicationState, RefusalGround
from referrals.models.moves import SchoolMove
from referrals.querysets import ApplicationQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history


class Application(models.Model):
    """An application for a child's place at one school; of a school move, or of a child without a school.

    ``challenge``: the school gave challenging behaviour as its ground, which for a child in care is none.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="applications")
    move = models.ForeignKey(SchoolMove, models.PROTECT, null=True, blank=True, related_name="applications")
    school = models.ForeignKey(School, models.PROTECT, related_name="applications")
    state = models.CharField(max_length=15, choices=ApplicationState, default=ApplicationState.SENT)
    emergency = models.BooleanField(default=False)
    facts = models.TextField(blank=True, help_text="What the admissions officer and the school should know.")
    applied_on = models.DateField()
    applied_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    with_worker = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_on = models.DateField(null=True, blank=True)
    challenge = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["applied_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "school"],
                condition=Q(state__in=admissions_workflow.OPEN),
                name="one_open_application_at_a_school",
                violation_error_message="A place at this school is applied for already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=admissions_workflow.OPEN, ended_on__isnull=True)
                | (~Q(state__in=admissions_workflow.OPEN) & Q(ended_on__isnull=False)),
                name="application_ended_on_a_day",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"application for {self.school}"

    @property
    def matter(self) -> str:
        """What clocks and grants call it."""
        return f"referrals.Application:{self.uuid}"

    @property
    def open(self) -> bool:
        return self.state in admissions_workflow.OPEN

    def get_absolute_url(self) -> str:
        return reverse("admissions:detail", args=[self.uuid])


class ApplicationStep(models.Model):
    """One step: what happened on which day, who recorded it, in which words. ``by`` is empty for the service itself."""

    append_only = True

    application = models.ForeignKey(Application, models.CASCADE, related_name="steps")
    event = models.CharField(max_length=11, choices=ApplicationEvent)
    on = models.DateField()
    ground = models.CharField(max_length=9, choices=RefusalGround, blank=True)
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.application}"
