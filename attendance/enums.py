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
