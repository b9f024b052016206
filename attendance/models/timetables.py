"""Reduced timetables: a child at school for less than full time, for a short while, agreed by all, with the way back.

"Working together to improve school attendance" (DfE, statutory since August 2024): only in very exceptional circumstances, for as
short a time as possible, with a date by which the child is back full time. A full register of such a child still hides what was never
offered; that is why the hours stand here.
"""

import uuid
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from attendance.enums import Party, ReviewOutcome, TimetableReason, TimetableState
from attendance.querysets import TimetableQuerySet
from children.models import Child, Clock, Enrolment
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history
from virtualschool.kernel import periods
from virtualschool.kernel.numbers import plain
from virtualschool.rulebook.schoolyear import words


class Step(NamedTuple):
    """A step on the way back: so many hours a week from a day on."""

    on: date
    hours: Decimal


class ReducedTimetable(models.Model):
    """A reduced timetable at one school. ``end`` is the first day on which the child is there full time again: it always has one.

    ``hours`` and ``full_time_hours`` are those of a week; the full-time ones as the council's rule had them when it began. A
    ``round`` is a time for which it was agreed: going on for a new reason begins another, which is agreed anew.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="reduced_timetables")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="reduced_timetables")
    start = models.DateField()
    end = models.DateField()
    hours = models.DecimalField(max_digits=4, decimal_places=1)
    full_time_hours = models.DecimalField(max_digits=4, decimal_places=1)
    pattern = models.CharField(
        max_length=10, help_text="Half days from Monday morning; 1 where the child is at school."
    )
    reason = models.CharField(max_length=12, choices=TimetableReason)
    why = models.TextField()
    way_back = models.JSONField(help_text="Steps to full time: a day and hours a week each.")
    review_on = models.DateField()
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=7, choices=TimetableState, default=TimetableState.RUNNING)
    clock = models.OneToOneField(Clock, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = TimetableQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "-pk"]
        constraints = [
            periods.ends_after_start("timetable_ends_after_start"),
            ExclusionConstraint(
                name="one_reduced_timetable_at_a_time",
                expressions=periods.no_overlap("enrolment"),
                violation_error_message="There is a reduced timetable at this school in that time already.",
            ),
            models.CheckConstraint(
                condition=Q(hours__gte=0, hours__lt=F("full_time_hours")),
                name="timetable_is_reduced",
                violation_error_message="A reduced timetable has fewer hours than full time.",
            ),
            models.CheckConstraint(
                condition=Q(pattern__regex=r"^[01]{10}$"),
                name="timetable_has_ten_half_days",
                violation_error_message="Say for each half day of the week whether the child is at school.",
            ),
            models.CheckConstraint(
                condition=~Q(why=""), name="timetable_has_a_reason", violation_error_message="Say why."
            ),
        ]
        indexes = [models.Index(fields=["child"], condition=Q(state="running"), name="timetable_running")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.hours_words} from {words(self.start)}"

    def get_absolute_url(self) -> str:
        return reverse("attendance:timetable", args=[self.uuid])

    @property
    def hours_words(self) -> str:
        return f"{plain(self.hours)} of {plain(self.full_time_hours)} hours a week"

    @property
    def running(self) -> bool:
        return self.state == TimetableState.RUNNING

    @property
    def steps(self) -> list[Step]:
        """The way back, in the order of its days."""
        return [Step(date.fromisoformat(one["on"]), Decimal(one["hours"])) for one in self.way_back]


class TimetableAgreement(models.Model):
    """What somebody said when they were asked. Of one round and one party the last word counts."""

    append_only = True

    timetable = models.ForeignKey(ReducedTimetable, models.CASCADE, related_name="agreements")
    round = models.PositiveSmallIntegerField()
    party = models.CharField(max_length=14, choices=Party)
    agrees = models.BooleanField()
    on = models.DateField(help_text="The day on which they said so.")
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agrees=True) | ~Q(words=""),
                name="timetable_refusal_has_words",
                violation_error_message="Say why not.",
            ),
        ]
        indexes = [models.Index(fields=["timetable", "party", "round"], name="timetable_agreement")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_party_display()}: {'agrees' if self.agrees else 'does not agree'}"


class TimetableReview(models.Model):
    """A review: what came of it, why, and what was before. The review that ends a timetable says when and how."""

    append_only = True

    timetable = models.ForeignKey(ReducedTimetable, models.CASCADE, related_name="reviews")
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=ReviewOutcome)
    words = models.TextField()
    hours_were = models.DecimalField(max_digits=4, decimal_places=1)
    hours = models.DecimalField(max_digits=4, decimal_places=1)
    end_was = models.DateField()
    end = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} on {words(self.on)}"
