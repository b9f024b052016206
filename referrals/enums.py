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


class AwardingBody(models.TextChoices):
    """Who sets and marks the examination."""

    AQA = "aqa", "AQA"
    EDEXCEL = "edexcel", "Pearson Edexcel"
    OCR = "ocr", "OCR"
    EDUQAS = "eduqas", "WJEC Eduqas"
    CCEA = "ccea", "CCEA"
    CITY_AND_GUILDS = "city_guilds", "City & Guilds"
    NCFE = "ncfe", "NCFE"
    OTHER = "other", "another awarding body"


class Tier(models.TextChoices):
    """Empty where the course has none, or nobody said."""

    FOUNDATION = "foundation", "foundation tier"
    HIGHER = "higher", "higher tier"


class Coursework(models.TextChoices):
    """What is done of coursework and practical work that counts."""

    UNKNOWN = "unknown", "not known"
    NONE = "none", "none, or not begun"
    STARTED = "started", "started"
    DONE = "done", "done"


class CourseStage(models.TextChoices):
    KS4 = "ks4", "Years 10 and 11"
    POST_16 = "post_16", "Years 12 and 13"


class Match(models.TextChoices):
    """What became of a course when it was set beside a school's: never guessed."""

    SAME = "same", "same"
    OTHER_SPECIFICATION = "other_spec", "same board, other specification"
    OTHER_BOARD = "other_board", "different board"
    NOT_OFFERED = "not_offered", "not offered"
    UNKNOWN = "unknown", "unknown"
