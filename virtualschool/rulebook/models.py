"""Council rules as dated rows, bank holidays, terms and closures.

Every period is half-open: `effective_to` and `end` are the first day on which the row no longer holds.
"""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history
from virtualschool.kernel.periods import DateRange, no_overlap
from virtualschool.rulebook.enums import Division, Kind, TermName, Unit
from virtualschool.rulebook.querysets import RuleQuerySet

URN = RegexValidator(r"^[A-Z0-9]{1,8}$", "A school's URN is up to eight numbers and capital letters.")


class Rule(models.Model):
    """One value of one rule for one period. A row is never rewritten: a change ends it and starts another.

    `lasts_until` is the end the value was given with (a financial year's rate); `effective_to` is where it really ends.
    The database refuses a change of anything but the end and the withdrawal, and every deletion.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=100)
    value = models.JSONField()
    unit = models.CharField(max_length=20, choices=Unit.choices, blank=True)
    words = models.CharField("what it says", max_length=300)
    kind = models.CharField("what binds it", max_length=10, choices=Kind.choices)
    source = models.CharField("where it comes from", max_length=400)
    confidence = models.CharField("how sure we are", max_length=400, blank=True)
    configurable = models.BooleanField(default=True)
    effective_from = models.DateField("in force from")
    effective_to = models.DateField("no longer in force from", null=True, blank=True)
    lasts_until = models.DateField(null=True, blank=True)
    author = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["key", "effective_from"]
        constraints = [
            ExclusionConstraint(
                name="rulebook_rule_one_value_a_day",
                expressions=[
                    ("key", RangeOperators.EQUAL),
                    (DateRange("effective_from", "effective_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message="This rule already has a value for part of that period.",
            ),
            models.CheckConstraint(
                name="rulebook_rule_period_runs_forward",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=F("effective_from")),
                violation_error_message="A rule must hold for at least one day.",
            ),
            models.CheckConstraint(
                name="rulebook_rule_changed_by_somebody_for_a_reason",
                condition=Q(author__isnull=True) | ~Q(reason=""),
                violation_error_message="Say why the rule was changed.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.key} from {self.effective_from}"

    def get_absolute_url(self) -> str:
        return reverse("rulebook:detail", args=[self.key])

    @property
    def shipped(self) -> bool:
        """True for a value that came with the system, which nobody here has set."""
        return self.author_id is None


class BankHoliday(models.Model):
    """A day that is no working day. Seeded from public data; a one-off day is one more row."""

    day = models.DateField("date")
    name = models.CharField(max_length=100)
    division = models.CharField(max_length=20, choices=Division.choices, default=Division.ENGLAND)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "day"],
                name="rulebook_bankholiday_once_a_day",
                violation_error_message="That day is a bank holiday already.",
            )
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"


class Owned(models.Model):
    """Dates of the council, or of one school by its URN."""

    school_urn = models.CharField("school's URN", max_length=8, blank=True, validators=[URN])
    start = models.DateField("first day")
    end = models.DateField("first day after")
    source = models.CharField(max_length=200)

    class Meta:
        abstract = True

    @property
    def owner(self) -> str:
        return f"School {self.school_urn}" if self.school_urn else "The council"


class TermDate(Owned):
    """A term as published: its first day and the day after its last. Half-terms are closures inside it."""

    academic_year = models.PositiveSmallIntegerField()
    term = models.CharField(max_length=10, choices=TermName.choices)

    class Meta:
        ordering = ["school_urn", "start"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_urn", "academic_year", "term"],
                name="rulebook_termdate_one_of_each",
                violation_error_message="That term's dates are loaded already.",
            ),
            models.CheckConstraint(
                name="rulebook_termdate_period_runs_forward",
                condition=Q(end__gt=F("start")),
                violation_error_message="A term must end after it starts.",
            ),
            ExclusionConstraint(
                name="rulebook_termdate_no_overlap",
                expressions=no_overlap("school_urn"),
                violation_error_message="These dates run into another term.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.get_term_display()} {self.academic_year}, {self.owner}"

    @property
    def key(self) -> tuple[int, str]:
        return self.academic_year, self.term


class SchoolClosure(Owned):
    """Days inside a term on which there is no school: half-term, staff training, a closure."""

    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["school_urn", "start"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_urn", "start", "name"],
                name="rulebook_schoolclosure_once",
                violation_error_message="That closure is loaded already.",
            ),
            models.CheckConstraint(
                name="rulebook_schoolclosure_period_runs_forward",
                condition=Q(end__gt=F("start")),
                violation_error_message="A closure must last at least one day.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.name} from {self.start}, {self.owner}"
