"""What an inspection says of a school: the overall grade of old, and the report card in its place since November 2025.

Ofsted, School inspection handbook (before 10 November 2025): four overall grades; state-funded schools were given none from September
2024. Ofsted, Education inspection framework and school inspection toolkit, November 2025: no overall grade; six areas that every school
is judged by, two where a school has them, each at one of five points, and safeguarding as met or not met. Names of areas and points are
read from what Ofsted told parents and schools published; that early years and post-16 provision are areas of their own is read at
second hand.
"""

from collections.abc import Mapping
from datetime import date

from django.db import models
from django.utils.text import capfirst

FIRST_REPORT_CARD = date(2025, 11, 10)
REGISTER = "Get Information About Schools"  # what an extract of the national register says of itself as a source
OVERALL, SAFEGUARDING = "overall", "safeguarding"
NOT_MET = "not met"


class Kind(models.TextChoices):
    GRADE = "grade", "overall grade"
    REPORT_CARD = "report_card", "report card"


class Grade(models.TextChoices):
    OUTSTANDING = "Outstanding", "Outstanding"
    GOOD = "Good", "Good"
    REQUIRES_IMPROVEMENT = "Requires improvement", "Requires improvement"
    INADEQUATE = "Inadequate", "Inadequate"


class Area(models.TextChoices):
    INCLUSION = "inclusion", "Inclusion"
    TEACHING = "curriculum_and_teaching", "Curriculum and teaching"
    ACHIEVEMENT = "achievement", "Achievement"
    ATTENDANCE = "attendance_and_behaviour", "Attendance and behaviour"
    WELL_BEING = "personal_development_and_well_being", "Personal development and well-being"
    LEADERSHIP = "leadership_and_governance", "Leadership and governance"
    EARLY_YEARS = "early_years", "Early years"
    POST_16 = "post_16_provision", "Post-16 provision"


# Of a school that has them; the other six are in every report card.
ONLY_SOME = (Area.EARLY_YEARS, Area.POST_16)
EVERY_SCHOOL = tuple(area for area in Area if area not in ONLY_SOME)


class Point(models.TextChoices):
    EXCEPTIONAL = "exceptional", "exceptional"
    STRONG = "strong standard", "strong standard"
    EXPECTED = "expected standard", "expected standard"
    ATTENTION = "needs attention", "needs attention"
    URGENT = "urgent improvement", "urgent improvement"


class Safeguarding(models.TextChoices):
    MET = "met", "met"
    NOT_MET = NOT_MET, NOT_MET


Outcome = Mapping[str, str]
_NAMES: dict[str, str] = {
    OVERALL: "Overall",
    SAFEGUARDING: "Safeguarding",
    **{area.value: str(area.label) for area in Area},
}


def name_of(part: str) -> str:
    """An area's official name; a name that is none of ours as it stands."""
    return _NAMES.get(part, capfirst(part.replace("_", " ")))


def lines(outcome: Outcome) -> tuple[str, ...]:
    """What was found, area by area in the official order, safeguarding last."""
    order = [OVERALL, *Area.values]
    known = [part for part in order if part in outcome]
    others = sorted(set(outcome) - {*order, SAFEGUARDING})
    last = [SAFEGUARDING] if SAFEGUARDING in outcome else []
    return tuple(f"{name_of(part)}: {outcome[part]}" for part in (*known, *others, *last))
