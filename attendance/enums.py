"""Kinds that attendance owns. The register's codes are the Department's: see ``attendance.codes``."""

from django.db import models


class Session(models.TextChoices):
    """Half a school day; the law counts two for every school day."""

    AM = "AM", "morning"
    PM = "PM", "afternoon"


class CodeClass(models.TextChoices):
    """The statistical class of a register code: all that a rate needs to know of a mark."""

    PRESENT = "present", "present"
    APPROVED = "approved", "approved activity elsewhere"
    AUTHORISED = "authorised", "authorised absence"
    UNAUTHORISED = "unauthorised", "unauthorised absence"
    NOT_POSSIBLE = "not_possible", "not a possible session"
    ADMINISTRATIVE = "administrative", "administrative"


ATTENDED = frozenset({CodeClass.PRESENT, CodeClass.APPROVED})
ABSENT = frozenset({CodeClass.AUTHORISED, CodeClass.UNAUTHORISED})
POSSIBLE = ATTENDED | ABSENT


class TimetableState(models.TextChoices):
    RUNNING = "running", "running"
    ENDED = "ended", "ended"


class TimetableReason(models.TextChoices):
    """Why a child is not at school full time. A reduced timetable is never a way to manage behaviour (attendance guidance)."""

    HEALTH = "health", "health: a step back to school"
    LONG_ABSENCE = "long_absence", "return after a long absence"
    NEW_SCHOOL = "new_school", "settling at a new school"
    NEED = "need", "a special educational need, while support is put in place"
    OTHER = "other", "another reason"


class Party(models.TextChoices):
    """Who is asked whether a child may be at school for less than full time."""

    SCHOOL = "school", "school"
    CARER = "carer", "carer or parent"
    SOCIAL_WORKER = "social_worker", "social worker"
    VIRTUAL_SCHOOL = "virtual_school", "Virtual School"


class ReviewOutcome(models.TextChoices):
    EXTENDED = "extended", "goes on, for a new reason"
    MORE_HOURS = "more_hours", "more hours"
    ENDED = "ended", "ended"


class ProvisionState(models.TextChoices):
    RUNNING = "running", "running"
    ENDED = "ended", "ended"


class ProvisionEvent(models.TextChoices):
    REVIEWED = "reviewed", "reviewed"
    ENDED = "ended", "ended"


class Commissioner(models.TextChoices):
    """Who arranged the provision and answers for it being safe and good."""

    SCHOOL = "school", "the school"
    COUNCIL = "council", "the council, for a child without a school place or too ill for school"
    VIRTUAL_SCHOOL = "virtual_school", "the Virtual School"
    OTHER = "other", "somebody else"


class CheckKind(models.TextChoices):
    """What is looked at before a child goes to a provider that nobody inspects as a school, and again by the rule."""

    SAFEGUARDING = "safeguarding", "safeguarding policy and training"
    DBS = "dbs", "DBS and vetting of staff, confirmed in writing"
    HEALTH_AND_SAFETY = "health_and_safety", "health and safety, insurance"
    VISIT = "visit", "visit"
    ATTENDANCE = "attendance", "attendance reported each day"


class LeaveKind(models.TextChoices):
    """What leave in term time is asked for."""

    HOLIDAY = "holiday", "a holiday"
    FAMILY = "family", "a family occasion, such as a wedding or a funeral"
    ADOPTION = "adoption", "time out of school while moving to adoption or another family"
    PERFORMANCE = "performance", "a licensed performance, or work abroad"
    INTERVIEW = "interview", "an interview for a job or a school"
    OTHER = "other", "something else"


class LeaveState(models.TextChoices):
    ASKED = "asked", "with the social worker"
    VIEWED = "viewed", "with the Virtual School"
    ANSWERED = "answered", "with the head teacher"
    GRANTED = "granted", "granted by the school"
    NOT_GRANTED = "not_granted", "not granted by the school"
    WITHDRAWN = "withdrawn", "withdrawn"


class LeaveEvent(models.TextChoices):
    ASKED = "asked", "asked for"
    VIEWED = "viewed", "the social worker’s view"
    ANSWERED = "answered", "the Virtual School’s answer"
    GRANTED = "granted", "granted"
    NOT_GRANTED = "not_granted", "not granted"
    WITHDRAWN = "withdrawn", "withdrawn"


class FileShape(models.TextChoices):
    """What one row of a collector's file is about."""

    SESSION = "session", "one session of a child: a column says AM or PM"
    DAY = "day", "one day of a child: a column for the morning and one for the afternoon"
    WEEK = "week", "one week of a child: ten columns, from Monday morning to Friday afternoon"


class DateFormat(models.TextChoices):
    """How a collector writes dates. A year of two digits is read as of this century, and only where the mapping says so."""

    YEAR_FIRST = "yyyy-mm-dd", "2026-11-30"
    DAY_FIRST = "dd/mm/yyyy", "30/11/2026"
    DASHES = "dd-mm-yyyy", "30-11-2026"
    DOTS = "dd.mm.yyyy", "30.11.2026"
    TWO_DIGITS = "dd/mm/yy", "30/11/26"
    TOGETHER = "yyyymmdd", "20261130"


class ExclusionKind(models.TextChoices):
    """How a head teacher sends a pupil away, by the code of the Department's return (Common Basic Data Set, exclusion types)."""

    SUSPENSION = "SUSP", "suspension"
    LUNCHTIME = "LNCH", "lunchtime suspension"
    PERMANENT = "PERM", "permanent exclusion"


class ExclusionState(models.TextChoices):
    """Where it stands. A suspension begins as given; a permanent exclusion may be told of while the school only thinks of it."""

    PROPOSED = "proposed", "proposed"
    GIVEN = "given", "given"
    GOVERNORS = "governors", "with the governors"
    UPHELD = "upheld", "upheld by the governors"
    REVIEW = "review", "with the review panel"
    FINAL = "final", "final"
    REINSTATED = "reinstated", "reinstated"
    WITHDRAWN = "withdrawn", "withdrawn"
    CANCELLED = "cancelled", "cancelled by the head"
    STRUCK = "struck", "entered by mistake"
