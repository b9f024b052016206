"""The Virtual School's decisions on a PEP, and the PEP as it stood when it was completed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from peps.enums import Decision, Grade
from peps.models.pep import Pep
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history


class PepReview(models.Model):
    """The Virtual School's decision on one submission: a grade, a reason, and which sections go back."""

    pep = models.ForeignKey(Pep, models.CASCADE, related_name="reviews")
    submission = models.PositiveIntegerField()
    decision = models.CharField(max_length=8, choices=Decision)
    grade = models.CharField(max_length=6, choices=Grade)
    reason = models.TextField()
    returned_sections = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["submission"]
        constraints = [
            models.UniqueConstraint(fields=["pep", "submission"], name="one_decision_for_a_submission"),
            models.CheckConstraint(
                condition=~Q(reason=""), name="decision_has_a_reason", violation_error_message="Give the reason."
            ),
            models.CheckConstraint(
                condition=Q(decision="returned") | ~Q(grade="red"),
                name="red_is_never_approved",
                violation_error_message="A PEP graded red goes back.",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} {self.pep}"


class PepVersion(models.Model):
    """A completed PEP as it stood: numbered, never changed."""

    append_only = True

    pep = models.ForeignKey(Pep, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    content = models.JSONField()
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pep", "number"], name="version_number_once_in_a_pep"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(why=""), name="later_version_has_a_reason"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"version {self.number} of {self.pep}"
