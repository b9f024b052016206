"""The words the rulebook owns: what binds a rule, what uses it, what it is counted in, the three terms."""

from django.db import models


class Kind(models.TextChoices):
    """What binds a rule. Three labels, so that "overdue" always says under what."""

    LAW = "law", "Law or statutory guidance"
    POLICY = "policy", "Council policy"
    TARGET = "target", "Local target"


class Use(models.TextChoices):
    """What becomes of a rule's value. Only one that is read may be changed: no change is offered that changes nothing."""

    READ = "read", "Asked for by the system"
    BUILT_IN = "built_in", "Built into the system"
    PLANNED = "planned", "Not used yet"


class Unit(models.TextChoices):
    """What a rule's value is counted in. A value that is no number has the unit NONE."""

    WORKING_DAYS = "working_days", "working days"
    SCHOOL_DAYS = "school_days", "school days"
    CALENDAR_DAYS = "calendar_days", "calendar days"
    WEEKS = "weeks", "weeks"
    MONTHS = "months", "months"
    YEARS = "years", "years"
    HOURS = "hours", "hours"
    MINUTES = "minutes", "minutes"
    SESSIONS = "sessions", "sessions"
    PERCENT = "percent", "per cent"
    POINTS = "points", "percentage points"
    PENCE = "pence", "pence"
    COUNT = "count", ""
    NONE = "", ""


CLOCK_UNITS = frozenset({Unit.WORKING_DAYS, Unit.SCHOOL_DAYS, Unit.CALENDAR_DAYS, Unit.WEEKS, Unit.MONTHS})


class TermName(models.TextChoices):
    AUTUMN = "autumn", "Autumn"
    SPRING = "spring", "Spring"
    SUMMER = "summer", "Summer"


class Division(models.TextChoices):
    """Scotland and Northern Ireland keep other days; a deadline in England follows England's."""

    ENGLAND = "england", "England"
