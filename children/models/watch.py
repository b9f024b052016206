"""What is watched: clocks that run, and alerts that the night opens and resolves."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.enums import AlertState, Answer, ClockState
from children.models.child import Child
from children.querysets import AlertQuerySet, ClockQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history
from virtualschool.rulebook.models import Rule


class Clock(models.Model):
    """A due date that can explain itself: the rule it was reckoned under, the event that started it, and its pauses.

    What is due on a day is overdue from the day after. A later change of the rule does not move a clock that runs.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="clocks")
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+")
    about = models.CharField(max_length=120, help_text="What is due, in words.")
    matter = models.CharField(max_length=80, help_text="The record it is for, as app.Model:uuid.")
    started_on = models.DateField()
    started_by = models.CharField("what started it", max_length=120)
    school_urn = models.CharField(max_length=8, blank=True, help_text="Whose term dates a school-day clock counts.")
    variant = models.CharField(
        max_length=40,
        blank=True,
        help_text="The case looked up in the rule's map, such as a legal status; blank for a plain rule.",
    )
    due_on = models.DateField(
        null=True, blank=True, help_text="Unknown while it stands still, or beyond the terms loaded."
    )
    pauses = models.JSONField(default=list, blank=True, help_text="[[first day, day it went on or null, why], …]")
    field_group = models.CharField(max_length=20, default="education", help_text="Which kind of information it tells.")
    state = models.CharField(max_length=10, choices=ClockState, default=ClockState.RUNNING)
    stopped_on = models.DateField(null=True, blank=True)
    stopped_why = models.CharField(max_length=200, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "rule"], name="one_clock_for_a_matter_and_rule"),
            models.CheckConstraint(
                condition=Q(state=ClockState.RUNNING, stopped_on__isnull=True)
                | (~Q(state=ClockState.RUNNING) & Q(stopped_on__isnull=False)),
                name="clock_stopped_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="running"), name="clock_running_by_due")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.about}, due {self.due_on}"

    def get_absolute_url(self) -> str:
        return reverse("watch:clock", args=[self.uuid])


class Alert(models.Model):
    """A fact that a nightly check found, with its evidence. Unique on check and natural key while open; a recurrence is a new row."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="alerts")
    check_name = models.CharField(max_length=60)
    natural_key = models.CharField(
        max_length=120, help_text="The thing itself (a clock, a term, an episode), never the day of looking."
    )
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.JSONField(default=dict, help_text="A sentence, and the facts behind it, each with its date.")
    field_group = models.CharField(max_length=20, default="education", help_text="Which kind of information it tells.")
    state = models.CharField(max_length=8, choices=AlertState, default=AlertState.OPEN)
    opened_on = models.DateField()
    evidence_on = models.DateField(
        help_text="The night whose facts the evidence gives; one that changed nothing leaves it."
    )
    resolved_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answer_reason = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["check_name", "natural_key"], condition=Q(state="open"), name="alert_once_while_open"
            ),
            models.CheckConstraint(
                condition=Q(state=AlertState.OPEN, resolved_on__isnull=True)
                | (Q(state=AlertState.RESOLVED) & Q(resolved_on__isnull=False)),
                name="alert_resolved_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(answer="") | (~Q(answer_reason="") & Q(answered_by__isnull=False)),
                name="alert_answer_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["child"], condition=Q(state="open"), name="alert_open_by_child"),
            models.Index(fields=["check_name", "opened_on"], name="alert_by_check"),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.check_name} for {self.child}"

    def get_absolute_url(self) -> str:
        return reverse("watch:alert", args=[self.uuid])
