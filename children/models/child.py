"""A child, and the statutory record of their care."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.enums import Basis, EducationAnswer
from children.querysets import ChildQuerySet, OfChildQuerySet, PreviouslyInCareQuerySet
from virtualschool.audit.triggers import history
from virtualschool.kernel import periods


class Child(models.Model):
    """A child known to the Virtual School. ``child_id`` is the council's own id, the return's CHILD.

    A statutory return holds no names; until the council's roll file names a child the names are empty and the id is shown.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child_id = models.CharField("council's id", max_length=10, unique=True)
    first_names = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    known_as = models.CharField(max_length=120, blank=True)
    date_of_birth = models.DateField()
    sex = models.CharField(max_length=1, blank=True)
    ethnicity = models.CharField(max_length=4, blank=True)
    first_language = models.CharField(max_length=60, blank=True)
    interpreter_needed = models.BooleanField(default=False)
    upn = models.CharField("UPN", max_length=13, blank=True)
    upn_problem = models.CharField(max_length=120, blank=True, help_text="Why the UPN is doubted; it is kept as given.")
    former_upn = models.CharField(max_length=13, blank=True)
    uln = models.CharField("ULN", max_length=10, blank=True)
    unaccompanied_until = models.DateField(
        null=True,
        blank=True,
        help_text="The date an unaccompanied asylum-seeking child stops being one (the return's DUC).",
    )
    is_unaccompanied = models.BooleanField(default=False)
    died_on = models.DateField(null=True, blank=True)
    sealed = models.BooleanField(
        default=False, help_text="Adopted: the record is closed to every role; two named people open it together."
    )
    known_from = models.DateField(help_text="Go-live or first import: the night asks for nothing before it.")
    last_pep_before_go_live = models.DateField(
        null=True, blank=True, help_text="The last PEP held before this system; the first night counts from it."
    )
    return_fields = models.JSONField(
        default=dict,
        blank=True,
        help_text="Columns of statutory returns that nothing here uses, kept for the next return.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "children"
        indexes = [
            models.Index(fields=["last_name", "first_names", "id"], name="child_by_name"),
            models.Index(fields=["upn"], name="child_by_upn"),
            GinIndex(fields=["last_name"], opclasses=["gin_trgm_ops"], name="child_last_name_like"),
            GinIndex(fields=["first_names"], opclasses=["gin_trgm_ops"], name="child_first_names_like"),
        ]
        triggers = [history(child="id")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Names as used every day, or the council's id while the roll has not named the child."""
        first = self.known_as or self.first_names
        return f"{first} {self.last_name}".strip() or f"Child {self.child_id}"

    def get_absolute_url(self) -> str:
        return reverse("overview:child", args=[self.uuid])


class PeriodOfCare(models.Model):
    """One unbroken time in care, from the day it started until the day it ceased (half-open).

    ``short_breaks`` periods (legal status V3, V4) make no PEP and stand in no figure (Care Planning Regulations 2010, reg 48).
    """

    child = models.ForeignKey(Child, models.CASCADE, related_name="periods_of_care")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=4, blank=True, help_text="The return's REC code.")
    short_breaks = models.BooleanField(default=False)

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [
            periods.ends_after_start("period_of_care_ends_after_start"),
            ExclusionConstraint(
                name="one_period_of_care_at_a_time",
                expressions=periods.no_overlap("child"),
                violation_error_message="The child is already in care in that time.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.child} in care from {self.start}"


class CarePlacement(models.Model):
    """Where, and with whom, a child lives. Address and carer are in no output unless asked for by name."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="care_placements")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    placement_type = models.CharField(max_length=3, blank=True, help_text="The return's PLACE code.")
    provider = models.CharField(max_length=3, blank=True, help_text="The return's PLACE_PROVIDER code.")
    ofsted_urn = models.CharField("Ofsted URN of the home or agency", max_length=8, blank=True)
    carer_name = models.CharField(max_length=200, blank=True)
    carer_telephone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    area_code = models.CharField("council area it lies in", max_length=3, blank=True)
    out_of_area = models.BooleanField(default=False)
    end_reason = models.CharField(max_length=6, blank=True, help_text="The return's REASON_PLACE_CHANGE code.")
    education = models.CharField(
        "what it means for school",
        max_length=9,
        choices=EducationAnswer,
        blank=True,
        help_text="Blank: not asked at the child's age, or not answered yet.",
    )

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [
            periods.ends_after_start("care_placement_ends_after_start"),
            ExclusionConstraint(
                name="one_care_placement_at_a_time",
                expressions=periods.no_overlap("child"),
                violation_error_message="The child already has a care placement in that time.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"care placement of {self.child} from {self.start}"


class CareEpisode(models.Model):
    """One row of the return's Episodes table, in its own codes; every change of legal status or placement is a new one."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="care_episodes")
    period = models.ForeignKey(PeriodOfCare, models.CASCADE, related_name="episodes")
    placement = models.ForeignKey(CarePlacement, models.PROTECT, null=True, blank=True, related_name="episodes")
    start = models.DateField(help_text="DECOM")
    reason_new = models.CharField(max_length=1, help_text="RNE")
    legal_status = models.CharField(max_length=2, help_text="LS")
    need = models.CharField(max_length=2, blank=True, help_text="CIN")
    placement_type = models.CharField(max_length=3, blank=True, help_text="PLACE")
    provider = models.CharField(max_length=3, blank=True, help_text="PLACE_PROVIDER")
    end = models.DateField(null=True, blank=True, help_text="DEC")
    reason_ceased = models.CharField(max_length=3, blank=True, help_text="REC")
    reason_place_change = models.CharField(max_length=6, blank=True, help_text="REASON_PLACE_CHANGE")
    home_postcode = models.CharField(max_length=8, blank=True, help_text="HOME_POST")
    placement_postcode = models.CharField(max_length=8, blank=True, help_text="PL_POST")
    ofsted_urn = models.CharField(max_length=8, blank=True, help_text="URN")

    objects = OfChildQuerySet.as_manager()

    class Meta:
        ordering = ["start", "id"]
        constraints = [
            models.UniqueConstraint(fields=["child", "start"], name="care_episode_one_a_day"),
            periods.ends_after_start("care_episode_ends_after_start"),
            ExclusionConstraint(
                name="one_care_episode_at_a_time",
                expressions=periods.no_overlap("child"),
                violation_error_message="The child already has an episode in that time.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"episode of {self.child} from {self.start}"


class CareReview(models.Model):
    """A review of the care plan (the return's Reviews table, and those planned); the IRO's diary is made of them."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="care_reviews")
    on = models.DateField()
    participation = models.CharField(
        max_length=3, blank=True, help_text="The return's REVIEW_CODE; blank while planned."
    )

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "on"], name="care_review_one_a_day")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"review of {self.child} on {self.on}"


class MissingEpisode(models.Model):
    """A time missing (M) or away without authorisation (A): the return's Missing table."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="missing_episodes")
    kind = models.CharField(max_length=1)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "start"], name="missing_episode_one_a_day"),
            periods.ends_after_start("missing_episode_ends_after_start"),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.child} missing from {self.start}"


class HealthReturn(models.Model):
    """A year's OC2 row: strengths and difficulties score (0 to 40) or the reason for none, and the health flags as returned."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="health_returns")
    year = models.PositiveSmallIntegerField(help_text="The year in which the collection ends.")
    sdq_score = models.PositiveSmallIntegerField(null=True, blank=True)
    sdq_reason = models.CharField(max_length=4, blank=True)
    flags = models.JSONField(default=dict, blank=True)

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "year"], name="health_return_one_a_year"),
            models.CheckConstraint(
                condition=Q(sdq_score__isnull=True) | Q(sdq_score__lte=40), name="sdq_score_0_to_40"
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"health return of {self.child} for {self.year}"


class SocialWorkerEpisode(models.Model):
    """A row of the return's social worker table; the live allocation is a ``Relationship``."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="social_worker_episodes")
    worker_code = models.CharField(max_length=12, help_text="SW_ID")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=6, blank=True)

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "start", "worker_code"], name="social_worker_episode_unique"),
            periods.ends_after_start("social_worker_episode_ends_after_start"),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.worker_code} for {self.child} from {self.start}"


class ReturnRow(models.Model):
    """A row of a table that this system only keeps (OC3, AD1, placed for adoption, PrevPerm, DoLo …), for the next return."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="return_rows")
    year = models.PositiveSmallIntegerField()
    table = models.CharField(max_length=24)
    row_key = models.CharField(
        max_length=60, help_text="What makes the row one of its kind within child, year and table."
    )
    row = models.JSONField()

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "year", "table", "row_key"], name="return_row_unique")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.table} {self.year} of {self.child}"


class PreviouslyInCare(models.Model):
    """A child who left care by adoption, special guardianship or a child arrangements order: advice on asking only.

    Nothing about the individual is recorded without the agreement of a person with parental responsibility and evidence of
    status ("Calderdale: the role of the Virtual School").
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.OneToOneField(Child, models.PROTECT, null=True, blank=True, related_name="previously_in_care")
    name = models.CharField(
        max_length=200, help_text="As the family gives it; for an adopted child never the former name."
    )
    year_of_birth = models.PositiveSmallIntegerField(null=True, blank=True)
    school_name = models.CharField(max_length=200, blank=True)
    basis = models.CharField(max_length=10, choices=Basis)
    since = models.DateField()
    evidence_seen_on = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=200, blank=True)
    agreed_by = models.CharField("who agreed, having parental responsibility", max_length=200, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    agreement_withdrawn_on = models.DateField(null=True, blank=True)

    objects = PreviouslyInCareQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "children previously in care"
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=True) | ~Q(basis=Basis.ADOPTION),
                name="adoption_breaks_the_link",
                violation_error_message="An adopted child's record is never joined to the record in care.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return self.name
