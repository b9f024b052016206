"""What stands beside the roll: code lists, cohorts in figures, children placed here by others, and what imports did."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime

from children.enums import Cohort
from children.querysets import EnquiryQuerySet, HostedChildQuerySet, ImportRunQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history
from virtualschool.kernel import periods


class ReferenceCode(models.Model):
    """A code of a list owned by the Department for Education, with the collection years it is valid in."""

    field = models.CharField(max_length=24)
    code = models.CharField(max_length=8)
    meaning = models.CharField(max_length=200)
    first_year = models.PositiveSmallIntegerField(null=True, blank=True)
    last_year = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "code"], name="reference_code_unique")]

    def __str__(self) -> str:
        return f"{self.field} {self.code}: {self.meaning}"


class LocalAuthority(models.Model):
    """A local authority by its three-digit code."""

    code = models.CharField(max_length=3, unique=True)
    gss_code = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=100)
    region = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "local authorities"

    def __str__(self) -> str:
        return self.name


class CohortFigure(models.Model):
    """A figure about children with a social worker or in kinship care: never about one of them ("The extended role of the Virtual School")."""

    cohort = models.CharField(max_length=16, choices=Cohort)
    measure = models.CharField(max_length=80)
    area = models.CharField(max_length=120, help_text="The whole council, a school or a locality.")
    on = models.DateField()
    count = models.PositiveIntegerField()
    out_of = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "measure", "area", "on"], name="cohort_figure_unique"),
            models.CheckConstraint(
                condition=Q(out_of__isnull=True) | Q(out_of__gte=models.F("count")), name="cohort_figure_part_of_whole"
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.measure}, {self.area}: {self.count}"


class Enquiry(models.Model):
    """A question asked about a child previously in care, and the advice given. Individual advice needs recorded agreement."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    about = models.ForeignKey("children.PreviouslyInCare", models.PROTECT, related_name="enquiries")
    asked_by = models.CharField(max_length=200, help_text="Name and part: parent, designated teacher …")
    asked_on = models.DateField()
    question = models.TextField()
    advice = models.TextField(blank=True)
    advised_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    advised_on = models.DateField(null=True, blank=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "enquiries"
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"enquiry of {self.asked_on}"


class HostedChild(models.Model):
    """A child placed in our area by another council: a light register, in none of our figures."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    home_authority = models.ForeignKey(LocalAuthority, models.PROTECT, related_name="+")
    school = models.ForeignKey("children.School", models.PROTECT, null=True, blank=True, related_name="+")
    contact = models.CharField("contact at the home council", max_length=200)
    asked_of_us = models.TextField(blank=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = HostedChildQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "hosted children"
        constraints = [periods.ends_after_start("hosted_child_ends_after_start")]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One reading of one file or return: its counts and every row refused or flagged."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "previewed"
        DONE = "done", "done"
        REFUSED = "refused", "refused as a whole"
        DISCARDED = "discarded", "discarded"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, help_text="roll, ssda903, schools, attendance")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State)
    file_names = models.JSONField(default=list)
    digest = models.CharField(
        max_length=64, help_text="SHA-256 over the files, so that what is done is what was previewed."
    )
    stored_as = models.CharField(
        max_length=80, blank=True, help_text="Where the files wait between preview and import."
    )
    report = models.JSONField(default=dict)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} import of {localtime(self.started_at):%d %B %Y}"
