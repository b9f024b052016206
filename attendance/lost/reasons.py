"""Why a half day of education was lost, and whose it is to do something about it."""

from collections.abc import Mapping

from django.db import models

from attendance.codes import CODES
from attendance.enums import CodeClass


class Owner(models.TextChoices):
    """Who is to close a gap."""

    VIRTUAL_SCHOOL = "virtual_school", "Virtual School and admissions"
    SCHOOL = "school", "school"
    SOCIAL_WORKER = "social_worker", "social worker"
    COUNCIL = "council", "council (education from the sixth day, transport)"
    COMMISSIONER = "commissioner", "whoever arranged the provision"


class Reason(models.TextChoices):
    """The first three were never offered, the others offered and missed; of the last nobody knows, so that it counts as neither."""

    NO_PLACE = "no_place", "no school place"
    REDUCED = "reduced", "reduced timetable"
    PROVISION = "provision", "alternative provision below full-time hours"
    PERMANENT = "permanent", "permanent exclusion"
    SUSPENSION = "suspension", "suspension"
    UNEXPLAINED = "unexplained", "unexplained absence"
    ILLNESS = "illness", "illness or medical appointment"
    TRAVEL = "travel", "no transport"
    CLOSED = "closed", "school closed"
    OTHER = "other", "other coded absence"
    NO_MARK = "no_mark", "not known: no mark"


OWNERS: Mapping[Reason, tuple[Owner, ...]] = {
    Reason.NO_PLACE: (Owner.VIRTUAL_SCHOOL,),
    Reason.REDUCED: (Owner.SCHOOL,),
    Reason.PROVISION: (Owner.COMMISSIONER,),
    Reason.PERMANENT: (Owner.SCHOOL, Owner.COUNCIL),
    Reason.SUSPENSION: (Owner.SCHOOL,),
    Reason.UNEXPLAINED: (Owner.SCHOOL, Owner.SOCIAL_WORKER),
    Reason.ILLNESS: (Owner.SCHOOL,),
    Reason.TRAVEL: (Owner.COUNCIL,),
    Reason.CLOSED: (Owner.SCHOOL,),
    Reason.OTHER: (Owner.SCHOOL,),
    Reason.NO_MARK: (Owner.SCHOOL,),
}
LOST = tuple(one for one in Reason if one is not Reason.NO_MARK)
# What is arranged for a time, so that a day or two at school in between does not make two gaps of it.
ARRANGED = frozenset({Reason.NO_PLACE, Reason.REDUCED, Reason.PROVISION})

_BY_CODE = {
    "C2": Reason.REDUCED,
    "E": Reason.SUSPENSION,
    "I": Reason.ILLNESS,
    "M": Reason.ILLNESS,
    "Q": Reason.TRAVEL,
    "Y1": Reason.TRAVEL,
    "Y2": Reason.TRAVEL,
    "Y3": Reason.CLOSED,
    "Y4": Reason.CLOSED,
    "Z": Reason.NO_PLACE,
}
_BY_LETTER = {CODES[code].stored: reason for code, reason in _BY_CODE.items()}
# Not a gap of this child: not of compulsory age and not expected, or a day on which the school was never to be open.
NOT_EXPECTED = frozenset(CODES[code].stored for code in ("X", "#"))
# Taught at the other school of two: whether the child was there is that school's to say.
ELSEWHERE = CODES["D"].stored
NOT_YET_ON_ROLL = CODES["Z"].stored
PART_TIME = CODES["C2"].stored
# A suspension explains these: the register says less than the record.
COVERED_BY_EXCLUSION = frozenset({CODES["E"].stored, *(one.stored for one in CODES.values() if one.unexplained)})
PRESENT = frozenset(one.stored for one in CODES.values() if one.kind in (CodeClass.PRESENT, CodeClass.APPROVED))
POSSIBLE = frozenset(one.stored for one in CODES.values() if one.possible)
_UNEXPLAINED = frozenset(one.stored for one in CODES.values() if one.unexplained)


def of_letter(letter: str) -> Reason:
    """Why a child was not there, by the mark; of a mark that is no attendance."""
    if letter in _UNEXPLAINED:
        return Reason.UNEXPLAINED
    return _BY_LETTER.get(letter, Reason.OTHER)


def owners_words(reason: Reason) -> str:
    return " and ".join(str(owner.label) for owner in OWNERS[reason])
