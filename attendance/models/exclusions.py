"""Suspensions and permanent exclusions: what a school did, and what was made of it.

"Exclude" is the law's word for both, "for a fixed period or permanently" (Education Act 2002, s 51A); pages always say which.
Whatever a school did is kept, lawful or not: what breaks the law is recorded and shouted about, never refused (decision 0017).
"""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance.enums import ExclusionKind, ExclusionState
from attendance.querysets import ExclusionQuerySet
from attendance.workflow import PERMANENT, SUSPENSION
from children.models import Child, School
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history
from virtualschool.kernel import periods
from virtualschool.kernel.workflow import Workflow

MATTER = "attendance.Exclusion:"
MOST_REASONS = 3  # of the Department's return
NOT_KEPT = [ExclusionState.STRUCK, ExclusionState.WITHDRAWN]
OVER = [ExclusionState.CANCELLED, ExclusionState.REINSTATED, ExclusionState.FINAL]


class Exclusion(models.Model):
    """One suspension, lunchtime suspension or permanent exclusion of a child by a school.

    ``sessions`` are half days away from school: a whole day is two, a lunchtime one. ``end`` is the first day back. ``given_on``
    is the day the head gave notice of it, from which the governors' time runs.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="exclusions")
    school = models.ForeignKey(School, models.PROTECT, related_name="exclusions")
    kind = models.CharField(max_length=4, choices=ExclusionKind)
    state = models.CharField(max_length=10, choices=ExclusionState, default=ExclusionState.GIVEN)
    given_on = models.DateField(null=True, blank=True)
    start = models.DateField()
    from_noon = models.BooleanField(default=False)
    end = models.DateField(null=True, blank=True)
    until_noon = models.BooleanField(default=False)
    sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    reasons = ArrayField(models.CharField(max_length=8), size=MOST_REASONS, help_text="Codes, the main one first.")
    alternatives = models.TextField(blank=True, help_text="What was tried before.")
    child_says = models.TextField(blank=True)
    exam_missed = models.BooleanField(default=False)
    work_set = models.TextField(blank=True, help_text="For the days before there is education elsewhere.")
    provision = models.CharField(max_length=200, blank=True, help_text="Where the child is taught meanwhile.")
    provision_from = models.DateField(null=True, blank=True)
    told_carer_on = models.DateField(null=True, blank=True)
    told_social_worker_on = models.DateField(null=True, blank=True)
    told_virtual_school_on = models.DateField(null=True, blank=True)
    governors_on = models.DateField("governors meet on", null=True, blank=True)
    decided_on = models.DateField(
        null=True, blank=True, help_text="The day of the last decision that took it back or on."
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_on = models.DateField()

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-id"]
        constraints = [
            periods.ends_after_start("exclusion_ends_after_start"),
            models.CheckConstraint(
                condition=Q(kind=ExclusionKind.PERMANENT, end__isnull=True, sessions__isnull=True)
                | (~Q(kind=ExclusionKind.PERMANENT) & Q(end__isnull=False, sessions__gt=0)),
                name="only_a_suspension_ends",
                violation_error_message="A suspension has a last day and sessions; a permanent exclusion has none.",
            ),
            models.CheckConstraint(
                condition=Q(state=ExclusionState.PROPOSED) | Q(state__in=NOT_KEPT) | Q(given_on__isnull=False),
                name="exclusion_given_on_a_day",
                violation_error_message="Say on which day it was given.",
            ),
            models.CheckConstraint(
                condition=~Q(reasons=[]) & ~Q(reasons__len__gt=MOST_REASONS),
                name="exclusion_has_reasons",
                violation_error_message="Give one to three reasons.",
            ),
            models.CheckConstraint(
                condition=Q(provision="") | Q(provision_from__isnull=False),
                name="exclusion_provision_from_a_day",
                violation_error_message="Say from which day the child is taught there.",
            ),
            ExclusionConstraint(
                name="suspended_once_at_a_time",
                expressions=periods.no_overlap("child", "kind"),
                condition=~Q(state__in=[*NOT_KEPT, *OVER]),
                violation_error_message="There is a record of this kind for these days already. Open that one and correct it.",
            ),
        ]
        indexes = [models.Index(fields=["start"], name="exclusion_by_start")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.child} from {self.start}"

    def get_absolute_url(self) -> str:
        return reverse("attendance:exclusion", args=[self.uuid])

    @property
    def is_permanent(self) -> bool:
        return self.kind == ExclusionKind.PERMANENT

    @property
    def table(self) -> Workflow:
        """The transitions of its kind."""
        return PERMANENT if self.is_permanent else SUSPENSION

    @property
    def matter(self) -> str:
        """Its name for clocks and alerts."""
        return f"{MATTER}{self.uuid}"


class ExclusionStep(models.Model):
    """One move of it, by whom and in whose words. What was told stays as it was told."""

    append_only = True

    exclusion = models.ForeignKey(Exclusion, models.CASCADE, related_name="steps")
    event = models.CharField(max_length=16)
    became = models.CharField(max_length=10, choices=ExclusionState)
    on = models.DateField()
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "id"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_became_display()} on {self.on}"
