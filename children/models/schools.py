"""Schools and settings, and a child's dated place on their rolls."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from children import inspection
from children.enums import MAIN_SCHOOL, EnrolmentKind, SenStatus
from children.models.child import Child
from children.querysets import EnrolmentQuerySet, OfChildQuerySet, OfSchoolQuerySet, SchoolQuerySet
from virtualschool.accounts.models import Organisation
from virtualschool.audit.triggers import history
from virtualschool.kernel import periods


class School(models.Model):
    """A school or setting as the national register (GIAS) has it, with what the Virtual School knows beside it."""

    class Status(models.TextChoices):
        OPEN = "1", "open"
        CLOSED = "2", "closed"
        CLOSING = "3", "open, proposed to close"
        PROPOSED = "4", "proposed to open"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    urn = models.CharField("URN", max_length=8, unique=True)
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="school")
    name = models.CharField(max_length=200)
    la_code = models.CharField(max_length=3, blank=True)
    establishment_number = models.CharField(max_length=4, blank=True)
    type_name = models.CharField(max_length=100, blank=True)
    type_group = models.CharField(max_length=100, blank=True)
    phase_name = models.CharField(max_length=60, blank=True)
    low_age = models.PositiveSmallIntegerField(null=True, blank=True)
    high_age = models.PositiveSmallIntegerField(null=True, blank=True)
    status = models.CharField(max_length=1, choices=Status, default=Status.OPEN)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    ukprn = models.CharField(max_length=8, blank=True)
    street = models.CharField(max_length=120, blank=True)
    town = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    website = models.CharField(max_length=200, blank=True)
    head_name = models.CharField(max_length=120, blank=True)
    successors = models.ManyToManyField("self", through="SchoolLink", symmetrical=False, related_name="predecessors")

    objects = SchoolQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="school_name_like")]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.status in {self.Status.OPEN, self.Status.CLOSING}

    def get_absolute_url(self) -> str:
        return reverse("children:school", args=[self.uuid])


class SchoolLink(models.Model):
    """The register's links file: ``successor`` carries on from ``predecessor`` (a merger has several of one, a split of the other)."""

    predecessor = models.ForeignKey(School, models.CASCADE, related_name="successor_links")
    successor = models.ForeignKey(School, models.CASCADE, related_name="predecessor_links")
    link_type = models.CharField(max_length=60, blank=True)
    established_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="school_link_unique")]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class SchoolJudgement(models.Model):
    """An inspection outcome, dated: an old overall grade, or a report card (from 10 November 2025, with no overall grade)."""

    Kind = inspection.Kind

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="judgements")
    kind = models.CharField(max_length=12, choices=inspection.Kind)
    on = models.DateField()
    outcome = models.JSONField(
        help_text="A grade as {'overall': …}; a report card as {area: scale point}, and safeguarding."
    )
    source = models.CharField(max_length=120)

    objects = OfSchoolQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "on"],
                name="school_judgement_unique",
                violation_error_message="An outcome of this kind and day is recorded already. Correct that one.",
            ),
            models.CheckConstraint(
                condition=Q(kind="grade", on__lt=inspection.FIRST_REPORT_CARD)
                | Q(kind="report_card", on__gte=inspection.FIRST_REPORT_CARD),
                name="school_judgement_of_its_time",
                violation_error_message="Overall grades end, and report cards begin, on 10 November 2025.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="grade") | Q(outcome__overall__in=inspection.Grade.values),
                name="school_judgement_known_grade",
                violation_error_message="An overall grade is one of the four.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.school} on {self.on}"


class Enrolment(models.Model):
    """A child's time on a school's roll. A future ``start`` is a planned start; a gap between two is time without a school."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="enrolments")
    school = models.ForeignKey(School, models.PROTECT, related_name="enrolments")
    kind = models.CharField(max_length=10, choices=EnrolmentKind, default=EnrolmentKind.SINGLE)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=120, blank=True)
    year_group = models.SmallIntegerField(
        null=True, blank=True, help_text="Only when taught outside the year group of the child's age."
    )
    hours_offered = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True, help_text="A week.")

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            periods.ends_after_start("enrolment_ends_after_start"),
            ExclusionConstraint(
                name="one_main_school_at_a_time",
                expressions=periods.no_overlap("child"),
                condition=Q(kind__in=list(MAIN_SCHOOL)),
                violation_error_message="The child is already on the roll of a school in that time.",
            ),
            ExclusionConstraint(
                name="once_on_a_schools_roll",
                expressions=periods.no_overlap("child", "school"),
                violation_error_message="The child is already on this school's roll in that time.",
            ),
        ]
        indexes = [models.Index(fields=["school", "start"], name="enrolment_by_school")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.child} at {self.school} from {self.start}"


class SenRecord(models.Model):
    """What is known of a child's special educational needs, dated. The open row is today's."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="sen_records")
    status = models.CharField(max_length=1, choices=SenStatus)
    primary_need = models.CharField(max_length=4, blank=True)
    secondary_need = models.CharField(max_length=4, blank=True)
    plan_on = models.DateField("date of the plan", null=True, blank=True)
    annual_review_due = models.DateField(null=True, blank=True)
    maintained_by = models.CharField("council that holds the plan", max_length=3, blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [
            periods.ends_after_start("sen_record_ends_after_start"),
            ExclusionConstraint(
                name="one_sen_record_at_a_time",
                expressions=periods.no_overlap("child"),
                violation_error_message="There is already a record of need in that time.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_status_display()} of {self.child} from {self.start}"
