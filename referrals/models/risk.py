"""What a social worker tells the Virtual School as soon as a care placement or a school place is at risk, and what is done about it.

"Social workers must inform the Virtual School as soon as there is a potential risk of a placement breakdown and a move of schools"
("Devon Virtual School: information for IROs and social workers").
"""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.models import Child
from referrals import workflow
from referrals.enums import AtRisk, HowSoon, RiskOutcome, RiskState
from referrals.querysets import RiskReportQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history


class RiskReport(models.Model):
    """A care placement or a school place at risk: which, why, how soon, what would help; then the plan and the outcome."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="risk_reports")
    at_risk = models.CharField(max_length=16, choices=AtRisk)
    why = models.TextField()
    how_soon = models.CharField(max_length=6, choices=HowSoon)
    would_help = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=RiskState, default=RiskState.REPORTED)
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reported_on = models.DateField()
    reported_at = models.DateTimeField(auto_now_add=True)
    plan = models.TextField(blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    planned_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=RiskOutcome, blank=True)
    outcome_words = models.TextField(blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_on = models.DateField(null=True, blank=True)

    objects = RiskReportQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "at_risk"],
                condition=Q(state__in=workflow.OPEN),
                name="one_open_report_of_a_kind",
                violation_error_message="There is already an open report; add to it.",
            ),
            models.CheckConstraint(
                condition=~Q(state="plan_made") | ~Q(plan=""),
                name="plan_made_has_a_plan",
                violation_error_message="Write the plan.",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | (~Q(outcome="") & Q(closed_on__isnull=False)),
                name="closed_risk_has_an_outcome",
                violation_error_message="Say what became of it.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_at_risk_display()} of {self.child} at risk"

    def get_absolute_url(self) -> str:
        return reverse("referrals:detail", args=[self.uuid])


class RiskAddition(models.Model):
    """What was added to an open report, by whoever learnt more: there is one report of a place, never two."""

    append_only = True

    report = models.ForeignKey(RiskReport, models.CASCADE, related_name="additions")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    words = models.TextField()
    would_help = models.TextField(blank=True)
    how_soon = models.CharField(max_length=6, choices=HowSoon)

    class Meta:
        ordering = ["at", "id"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"addition to {self.report}"
