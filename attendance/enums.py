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
