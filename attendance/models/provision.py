"""Alternative provision: a child taught elsewhere than at their school, by whom, for how long, what was checked, and until when."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance.enums import CheckKind, Commissioner, ProvisionState
from attendance.querysets import ProvisionQuerySet
from children.models import Child, Clock, Enrolment, School
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history
from virtualschool.kernel import periods
from virtualschool.rulebook.schoolyear import words


class AlternativeProvision(models.Model):
    """A place at one provider: a registered school by its URN, or another by name. ``end`` is the first day without it, when known.

    A provider that takes a child in care full time has to be registered as a school (Education and Skills Act 2008, s 92); others
    nobody inspects, so the checks made of them stand here.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="alternative_provisions")
    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, null=True, blank=True, related_name="+", help_text="The school that the child is of."
    )
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    provider_name = models.CharField(max_length=200, blank=True)
    hours = models.DecimalField(max_digits=4, decimal_places=1)
    pattern = models.CharField(max_length=10, help_text="Half days from Monday morning; 1 where the child is there.")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    commissioner = models.CharField(max_length=14, choices=Commissioner)
    why = models.TextField()
    studies = models.TextField()
    review_on = models.DateField()
    state = models.CharField(max_length=7, choices=ProvisionState, default=ProvisionState.RUNNING)
    clock = models.OneToOneField(Clock, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = ProvisionQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-pk"]
        constraints = [
            periods.ends_after_start("provision_ends_after_start"),
            models.CheckConstraint(
                condition=Q(school__isnull=False, provider_name="") | (Q(school__isnull=True) & ~Q(provider_name="")),
                name="provision_has_one_provider",
                violation_error_message="Name the registered school, or the provider that is none.",
            ),
            models.CheckConstraint(
                condition=Q(hours__gt=0), name="provision_has_hours", violation_error_message="Say how many hours."
            ),
            models.CheckConstraint(
                condition=Q(pattern__regex=r"^[01]{10}$"),
                name="provision_has_ten_half_days",
                violation_error_message="Say for each half day of the week whether the child is there.",
            ),
        ]
        indexes = [models.Index(fields=["child"], condition=Q(state="running"), name="provision_running")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.provider} from {words(self.start)}"

    def get_absolute_url(self) -> str:
        return reverse("attendance:provision", args=[self.uuid])

    @property
    def provider(self) -> str:
        return self.school.name if self.school else self.provider_name

    @property
    def registered(self) -> bool:
        return self.school_id is not None

    @property
    def running(self) -> bool:
        return self.state == ProvisionState.RUNNING


class ProvisionCheck(models.Model):
    """A check that somebody made. Only one that satisfied counts."""

    append_only = True

    provision = models.ForeignKey(AlternativeProvision, models.CASCADE, related_name="checks")
    kind = models.CharField(max_length=18, choices=CheckKind)
    on = models.DateField()
    satisfied = models.BooleanField()
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfied=True) | ~Q(words=""),
                name="provision_check_says_what_is_wrong",
                violation_error_message="Say what is wrong.",
            )
        ]
        indexes = [models.Index(fields=["provision", "kind"], name="provision_check_of_kind")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {words(self.on)}"


class ProvisionReview(models.Model):
    """A review, with what was seen; the one that ends the provision says how it ended."""

    append_only = True

    provision = models.ForeignKey(AlternativeProvision, models.CASCADE, related_name="reviews")
    ended = models.BooleanField(default=False)
    words = models.TextField()
    next_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"review on {words(self.on)}"
