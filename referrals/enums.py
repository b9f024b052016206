"""Kinds and states of a report that a placement or a school place is at risk."""

from django.db import models


class AtRisk(models.TextChoices):
    """Both break down; a report always says which."""

    CARE_PLACEMENT = "care_placement", "care placement"
    SCHOOL_PLACE = "school_place", "school place"


class RiskState(models.TextChoices):
    REPORTED = "reported", "reported"
    PLAN_MADE = "plan_made", "plan made"
    CLOSED = "closed", "closed"


class HowSoon(models.TextChoices):
    TODAY = "today", "today or already"
    WEEK = "week", "within a week"
    MONTH = "month", "within a month"
    LATER = "later", "later, or not known"


class RiskOutcome(models.TextChoices):
    HELD = "held", "the placement held"
    MOVED_CARE = "moved_care", "care placement moved, school kept"
    MOVED_SCHOOL = "moved_school", "school moved"
    LEFT_CARE = "left_care", "the child left care"
    NOT_AT_RISK = "not_at_risk", "it was not at risk"
