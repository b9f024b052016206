"""The question about school that goes with every care placement, and of whom it is asked.

A care placement and the school are planned together ("Devon Virtual School: information for IROs and social workers": education is
arranged with the placement), so a person who records where a child lives now says what becomes of the school.
"""

from datetime import date

from django.core.exceptions import ValidationError

from children.enums import EducationAnswer
from children.models import Child
from virtualschool.rulebook.schoolyear import LAST_YEAR, RECEPTION, curriculum_year

UNANSWERED = "placement.education_unanswered"
AGES = "from Reception to Year 13"


def is_asked(born: date, on: date) -> bool:
    """Whether somebody of this date of birth is of an age for school on the day: from Reception to Year 13."""
    return RECEPTION <= curriculum_year(born, on) <= LAST_YEAR


def too_young(born: date, on: date) -> bool:
    """Whether the question has never yet been one for this child."""
    return curriculum_year(born, on) < RECEPTION


def answer(child: Child, on: date, given: str, *, needed: bool) -> str:
    """The answer to keep for a placement of the day: nothing for a child who is not asked.

    Args:
        needed: whether it may not be left out: a person answers, a return that is read in cannot.

    Raises:
        ValidationError: at ``education``, when it is needed and missing, or no such answer.
    """
    if not is_asked(child.date_of_birth, on):
        return ""
    if given not in EducationAnswer.values and (given or needed):
        raise ValidationError({"education": "Select what it means for the child’s school"})
    return given


def natural_key(placement_id: int) -> str:
    """What an alert about a placement without an answer is keyed by."""
    return f"placement:{placement_id}"
