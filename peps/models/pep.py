"""A PEP as a whole: its occasion, its state, and what is due next."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.models import Child, Clock, Enrolment, PeriodOfCare, School
from peps import workflow
from peps.enums import Grade, PepKind, PepPhase, PepState
from peps.querysets import PepQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history


class Pep(models.Model):
    """One PEP of a child for one occasion: coming into care, a term, a new school.

    ``occasion`` is its natural key (``initial:<period>``, ``term:2026:autumn``, ``school:<enrolment>``): while one is not cancelled
    there is no second, however often it is opened.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="peps")
    kind = models.CharField(max_length=12, choices=PepKind)
    occasion = models.CharField(max_length=60)
    phase = models.CharField(max_length=2, choices=PepPhase)
    year_group = models.SmallIntegerField(
        null=True,
        blank=True,
        help_text="The national curriculum year the child was taught in when it opened: some questions are for some years.",
    )
    form_why = models.CharField(
        max_length=200, blank=True, help_text="Why the year group was set by hand; empty where it is the record's."
    )
    academic_year = models.PositiveSmallIntegerField(help_text="The year in which it starts, as 2026 for 2026/27.")
    term = models.CharField(max_length=6)
    state = models.CharField(max_length=12, choices=PepState, default=PepState.PLANNED)
    period = models.ForeignKey(PeriodOfCare, models.PROTECT, related_name="peps")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="peps")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="peps")
    layout = models.CharField(max_length=20, help_text="The version of the field list it is written in.")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="following")
    clock = models.OneToOneField(Clock, models.PROTECT, null=True, blank=True, related_name="pep")
    opened_on = models.DateField()
    opened_why = models.CharField(max_length=200)
    due_on = models.DateField(help_text="When the next step is due: the meeting, the sending in, the answer.")
    version = models.PositiveIntegerField(default=1, help_text="Rises with each completed change.")
    submission = models.PositiveIntegerField(default=0, help_text="How often it has been submitted.")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    completed_on = models.DateField(null=True, blank=True)
    grade = models.CharField(max_length=6, choices=Grade, blank=True)
    amended_why = models.CharField(
        max_length=200, blank=True, help_text="Why it was opened again, until that is complete."
    )
    cancelled_on = models.DateField(null=True, blank=True)
    cancelled_why = models.CharField(max_length=200, blank=True)

    objects = PepQuerySet.as_manager()

    class Meta:
        verbose_name = "PEP"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "occasion"], condition=~Q(state="cancelled"), name="one_pep_for_an_occasion"
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_why=""),
                name="pep_cancelled_with_a_reason",
                violation_error_message="Say why the PEP is cancelled.",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(completed_on__isnull=False), name="pep_complete_on_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["academic_year", "term", "child"], name="pep_by_term"),
            models.Index(fields=["due_on"], condition=Q(state__in=workflow.OPEN), name="pep_open_by_due"),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.child}"

    def get_absolute_url(self) -> str:
        return reverse("peps:detail", args=[self.uuid])

    @property
    def is_open(self) -> bool:
        return self.state in workflow.OPEN
