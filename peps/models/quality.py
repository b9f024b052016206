"""The Virtual School's decisions on a PEP, and the PEP as it stood when it was completed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from peps.enums import Decision, Grade
from peps.models.pep import Pep
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history


class PepReview(models.Model):
    """The Virtual School's decision on one submission: the rubric's version with a mark for each question, a grade, a reason.

    ``marks`` is ``{question: {"band", "note"}}``; the database lets in bands and ``na`` alone. ``computed`` is the formula's grade; another
    stands in ``grade`` only with ``departed_why``. All three are empty for a decision from before rubrics were kept.
    """

    pep = models.ForeignKey(Pep, models.CASCADE, related_name="reviews")
    submission = models.PositiveIntegerField()
    decision = models.CharField(max_length=8, choices=Decision)
    grade = models.CharField(max_length=6, choices=Grade)
    reason = models.TextField()
    rubric = models.CharField(max_length=40, blank=True, help_text="The version it was graded by.")
    marks = models.JSONField(default=dict, blank=True)
    computed = models.CharField("the formula’s grade", max_length=6, choices=Grade, blank=True)
    working = models.TextField("how the formula came to it", blank=True)
    departed_why = models.TextField("why the grade is another than the formula’s", blank=True)
    praise = models.TextField(blank=True)
    must_fix = models.TextField("what must be mended", blank=True)
    next_time = models.TextField("what to do next time", blank=True)
    coach_notes = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="The kinds of notes of the coach that stood when it was graded.",
    )
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
            models.CheckConstraint(
                condition=Q(decision="returned") | ~Q(computed="red"),
                name="red_by_the_formula_is_never_approved",
                violation_error_message="A PEP that the formula grades red goes back.",
            ),
            models.CheckConstraint(
                condition=Q(computed="") | Q(computed=F("grade")) | ~Q(departed_why=""),
                name="another_grade_than_the_formulas_has_a_reason",
                violation_error_message="Say why the grade is another than the formula’s.",
            ),
            models.CheckConstraint(
                condition=Q(rubric="", marks={}, computed="") | (~Q(rubric="") & ~Q(marks={}) & ~Q(computed="")),
                name="graded_by_a_rubric_with_its_marks",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} {self.pep}"


class GradingDraft(models.Model):
    """A grading that is not finished, kept for one sending in. ``version`` rises with each save: a second grader sees both."""

    class Kind(models.TextChoices):
        FIRST = "first", "the Virtual School’s answer"
        SECOND = "second", "second marking"

    pep = models.ForeignKey(Pep, models.CASCADE, related_name="grading_drafts")
    submission = models.PositiveIntegerField()
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.FIRST)
    content = models.JSONField(help_text="What the form held.")
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pep", "submission", "kind"], name="one_draft_of_a_grading"),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"draft for {self.pep}"


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
