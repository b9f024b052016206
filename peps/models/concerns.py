"""What an Independent Reviewing Officer raises about a child's education, and every step until it is settled."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.models import Child, Clock
from peps import workflow
from peps.enums import ConcernArea, ConcernEvent, ConcernKind, ConcernState
from peps.models.pep import Pep
from peps.querysets import ConcernQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history


class Concern(models.Model):
    """A concern or recommendation: a task of the Virtual School with a day by which it is answered.

    The reviewing officer's words are never changed. Each time it is raised again is another round, with a clock of its own.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="concerns")
    pep = models.ForeignKey(Pep, models.CASCADE, null=True, blank=True, related_name="concerns")
    section = models.CharField(max_length=40, blank=True, help_text="The section of the PEP that it is about.")
    kind = models.CharField(max_length=14, choices=ConcernKind)
    area = models.CharField(max_length=14, choices=ConcernArea)
    words = models.TextField()
    wanted_by = models.DateField(null=True, blank=True, help_text="By when the reviewing officer wants it done.")
    state = models.CharField(max_length=12, choices=ConcernState, default=ConcernState.RAISED)
    round = models.PositiveSmallIntegerField(default=1, help_text="How often it has been raised.")
    clock = models.OneToOneField(Clock, models.PROTECT, null=True, blank=True, related_name="+")
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""), name="concern_has_words", violation_error_message="Say what the concern is."
            ),
            models.CheckConstraint(
                condition=Q(section="") | Q(pep__isnull=False),
                name="concern_section_of_a_pep",
                violation_error_message="A section belongs to a PEP.",
            ),
        ]
        indexes = [models.Index(fields=["child"], condition=Q(state__in=workflow.CONCERN_OPEN), name="concern_open")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} about {self.child}"

    def get_absolute_url(self) -> str:
        return reverse("peps:concern", args=[self.uuid])

    @property
    def waits(self) -> bool:
        """Whether the Virtual School owes an answer."""
        return self.state in workflow.CONCERN_WAITING


class ConcernStep(models.Model):
    """One step of a concern: who did what, when, in which words. ``by`` is empty for the service itself."""

    append_only = True

    concern = models.ForeignKey(Concern, models.CASCADE, related_name="steps")
    event = models.CharField(max_length=12, choices=ConcernEvent)
    round = models.PositiveSmallIntegerField()
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(event__in=["accepted", "escalated"]) | ~Q(words=""),
                name="concern_step_has_words",
                violation_error_message="Say it in words.",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.concern}"
