"""Kinds and states of reports of risk and of school moves."""

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


class MoveState(models.TextChoices):
    """A change of school, or of a care placement that disrupts education, from the first thought to the new PEP."""

    DRAFT = "draft", "draft"
    PROPOSED = "proposed", "proposed, being consulted"
    APPROVED = "approved", "approved"
    REFUSED = "refused", "refused"
    ACTED = "acted", "emergency, acted on"
    APPLIED = "applied", "place applied for"
    OFFERED = "offered", "place offered"
    ON_ROLL = "on_roll", "on the new roll"
    COMPLETE = "complete", "complete"
    WITHDRAWN = "withdrawn", "withdrawn"


class Destination(models.TextChoices):
    """Where the child would be taught."""

    SCHOOL = "school", "another school"
    SAME = "same", "the same school, from another home"
    HOME = "home", "home education"


class Payer(models.TextChoices):
    """Who would pay for the journey if the child kept the school."""

    SOCIAL_CARE = "social_care", "children’s social care"
    SEN = "sen", "SEN transport"
    VIRTUAL_SCHOOL = "virtual_school", "the Virtual School"
    PROVIDER = "provider", "the placement’s provider"
    CARER = "carer", "the carer, from the allowance"
    UNKNOWN = "unknown", "not settled"


class Consultee(models.TextChoices):
    """Who is asked before a move is decided."""

    CHILD = "child", "the child"
    PARENTS = "parents", "parents"
    CARER = "carer", "the carer"
    SOCIAL_WORKER = "social_worker", "the social worker"
    TEACHER_NOW = "teacher_now", "designated teacher of the present school"
    TEACHER_NEW = "teacher_new", "designated teacher of the proposed school"
    IRO = "iro", "Independent Reviewing Officer"
    SEN = "sen", "SEN officer"
    ADMISSIONS = "admissions", "admissions of our council"
    OTHER_ADMISSIONS = "other_admissions", "admissions of the other council"


class MoveView(models.TextChoices):
    """What somebody who was asked says of a move."""

    FOR = "for", "for the move"
    AGAINST = "against", "against the move"
    MIXED = "mixed", "for some of it, or with conditions"
    UNASKED = "unasked", "could not be asked"


class StopKey(models.TextChoices):
    """What stands in the way of a move until it is settled."""

    KEEP = "keep", "Keeping the school was thought through"
    CONSULTED = "consulted", "Everybody was asked"
    SCHOOL = "school", "A school is named"
    NOMINATED = "nominated", "The nominated officer approves"
    HEAD = "head", "The Virtual School Head decides"
    COURSES = "courses", "Every course has a match or a plan"
    HOME = "home", "No home education"
    OUT_OF_YEAR = "out_of_year", "No school out of the year group"
    LINE = "line", "No school below the line"
    TWO = "two", "Who proposes does not approve"
