"""A PEP that was approved and is marked by somebody else once more: it changes no decision."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from peps.enums import Grade
from peps.models.pep import Pep
from peps.models.quality import PepReview
from peps.querysets import SecondMarkQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history


class SecondMark(models.Model):
    """One approval that was drawn, or added by hand with a reason, for a second marking by the rubric of the first.

    It waits while ``by`` is empty. Once marked, its marks and grade never change, and ``note`` says what the two agreed. The database
    refuses a marker who wrote in the PEP or who marked it first.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="second_marks")
    review = models.OneToOneField(PepReview, models.CASCADE, related_name="second_mark")
    drawn_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    added_why = models.TextField(blank=True)
    marks = models.JSONField(default=dict, blank=True, help_text="As those of the first decision.")
    grade = models.CharField("the formula’s grade", max_length=6, choices=Grade, blank=True)
    working = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    note = models.TextField("what was agreed", blank=True)
    note_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    note_at = models.DateTimeField(null=True, blank=True)

    objects = SecondMarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(added_by__isnull=True, added_why="") | (Q(added_by__isnull=False) & ~Q(added_why="")),
                name="second_marking_added_with_a_reason",
                violation_error_message="Say why it is to be marked a second time.",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=True, at__isnull=True, marks={}, grade="", working="", reason="")
                | (Q(by__isnull=False, at__isnull=False) & ~Q(marks={}) & ~Q(grade="") & ~Q(reason="")),
                name="second_marking_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(note="", note_by__isnull=True, note_at__isnull=True)
                | (Q(note_by__isnull=False, note_at__isnull=False, by__isnull=False) & ~Q(note="")),
                name="second_marking_note_is_somebodys",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"second marking of {self.pep}"

    def get_absolute_url(self) -> str:
        return reverse("peps:second", args=[self.uuid])

    @property
    def child_id(self) -> int:
        """The child whose PEP it is."""
        return int(self.pep.child_id)

    @property
    def waits(self) -> bool:
        return self.by_id is None
