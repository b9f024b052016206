"""Targets, and the costed lines asked of Pupil Premium Plus for them."""

import uuid

from django.db import models
from django.db.models import F, Q

from peps.models.pep import Pep
from peps.querysets import OfPepQuerySet, OfTargetQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history


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
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    exception_reason = models.TextField(blank=True)
    exception_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="The second person, who agreed to it."
    )
    agreed = models.BooleanField(null=True, blank=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfTargetQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sessions_a_week__gte=1, weeks__gte=1, price_pence__gte=1),
                name="cost_is_something",
                violation_error_message="Sessions, weeks and price must each be at least 1.",
            ),
            models.CheckConstraint(
                condition=Q(excluded_as="") | ~Q(exception_reason=""),
                name="excluded_cost_has_a_reason",
                violation_error_message="Say why an exception is asked for.",
            ),
            models.CheckConstraint(
                condition=Q(exception_by__isnull=True) | ~Q(exception_by=F("asked_by")),
                name="exception_by_a_second_person",
                violation_error_message="Somebody else must agree to the exception.",
            ),
            models.CheckConstraint(
                condition=~Q(agreed=True) | Q(excluded_as="") | Q(exception_by__isnull=False),
                name="excluded_cost_agreed_by_exception",
                violation_error_message="This line is on the council's list of what is not paid for.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return self.item

    @property
    def child_id(self) -> int:
        """For the access log: whose line it is."""
        return self.target.pep.child_id

    @property
    def total_pence(self) -> int:
        return self.sessions_a_week * self.weeks * self.price_pence
