"""Matters that the SEN team works on for a child in care: plans, reviews, transfers, consultations, and notices of a move.

"Where a child has an education, health and care plan, the SEN 0-25 team is told of a move at the earliest opportunity" ("Devon Virtual
School: information for IROs and social workers"). The times are those of the Special Educational Needs and Disability Regulations
2014 and the SEND Code of Practice (2015).
"""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child, School
from referrals import sen_workflow
from referrals.enums import SEN_STATE_CHOICES, SEN_STATES, CanMeet, ReviewOutcome, SenEvent, SenKind
from referrals.querysets import SenMatterQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history
from virtualschool.kernel.dates import LONDON
from virtualschool.rulebook.schoolyear import words

ONE_OF_A_KIND = (SenKind.ASSESSMENT, SenKind.REVIEW, SenKind.PHASE, SenKind.HANDOVER)


class SenMatter(models.Model):
    """One matter of one kind, from the day it started to the day it closed; an open one lets SEN officers reach the child.

    ``council`` is the council that holds the plan, or is asked for one; a transfer goes from it to ``to_council``. Both are recorded,
    because which of two councils maintains the plan of a child placed away from home is not for this service to say.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="sen_matters")
    kind = models.CharField(max_length=12, choices=SenKind)
    state = models.CharField(max_length=12, choices=SEN_STATE_CHOICES)
    about = models.CharField(
        max_length=80,
        blank=True,
        help_text="The record that it belongs to, as app.Model:uuid; blank when it stands alone.",
    )
    reason = models.TextField()
    started_on = models.DateField(help_text="When it was asked for, told or known: the day its dates are counted from.")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    council = models.CharField(max_length=3, blank=True)
    to_council = models.CharField(max_length=3, blank=True)
    moves_on = models.DateField(null=True, blank=True)
    meeting_on = models.DateField(null=True, blank=True)
    pep_on = models.DateField("day of the PEP meeting beside the review", null=True, blank=True)
    can_meet = models.CharField(max_length=6, choices=CanMeet, blank=True)
    outcome = models.CharField(max_length=6, choices=ReviewOutcome, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_on = models.DateField(null=True, blank=True)

    objects = SenMatterQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "kind"],
                condition=Q(closed_on__isnull=True, kind__in=ONE_OF_A_KIND),
                name="one_open_sen_matter_of_a_kind",
                violation_error_message="There is an open one already: add to it.",
            ),
            models.UniqueConstraint(
                fields=["child", "school"],
                condition=Q(closed_on__isnull=True, kind=SenKind.CONSULTATION),
                name="one_open_consultation_of_a_school",
                violation_error_message="This school is asked already.",
            ),
            models.UniqueConstraint(
                fields=["about"],
                condition=Q(kind=SenKind.MOVE, closed_on__isnull=True),
                name="one_open_notice_of_a_move",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=sen_workflow.LAST) & Q(closed_on__isnull=False))
                | (~Q(state__in=sen_workflow.LAST) & Q(closed_on__isnull=True)),
                name="sen_matter_closed_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(kind=SenKind.CONSULTATION) | Q(school__isnull=False), name="consultation_asks_a_school"
            ),
            models.CheckConstraint(
                condition=~Q(kind=SenKind.HANDOVER) | (Q(moves_on__isnull=False) & ~Q(to_council="")),
                name="handover_has_a_day_and_a_council",
            ),
        ]
        indexes = [models.Index(fields=["child", "kind"], name="sen_matter_of_child")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {words(self.started_on)}"

    def get_absolute_url(self) -> str:
        return reverse("sen:matter", args=[self.uuid])

    @property
    def key(self) -> str:
        """Its name for clocks, grants and alerts."""
        return f"referrals.SenMatter:{self.uuid}"

    @property
    def open(self) -> bool:
        return self.closed_on is None

    @property
    def state_words(self) -> str:
        return capfirst(str(SEN_STATES[self.kind](self.state).label))


class SenStep(models.Model):
    """One step of a matter: who did what, on which day, in which words. ``by`` is empty for the service itself."""

    append_only = True

    matter = models.ForeignKey(SenMatter, models.CASCADE, related_name="steps")
    event = models.CharField(max_length=12, choices=SenEvent)
    on = models.DateField()
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_event_display()} on {words(self.at.astimezone(LONDON).date())}"
