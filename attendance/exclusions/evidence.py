"""What a suspension or permanent exclusion says of itself where it stands beside other facts. Never why, nor in whose words."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from attendance.enums import ExclusionState
from attendance.exclusions.days import REQUEST_ABOVE, days, follows, totals
from attendance.models import Exclusion
from children.evidence import evidence, fact
from virtualschool.accounts.roles import FieldGroup
from virtualschool.rulebook import schoolyear
from virtualschool.rulebook.calendars import Calendars
from virtualschool.rulebook.rules import InForce, Pack
from virtualschool.rulebook.schoolyear import words

SUSPENDED = "attendance.suspended"
DAYS = "attendance.suspension_days"
GROUP = FieldGroup.ATTENDANCE


def title(one: Exclusion) -> str:
    """What it is, in a few words; a permanent exclusion says how far it has come."""
    if not one.is_permanent:
        return f"{one.get_kind_display()}, {days(one.sessions or 0)}".capitalize()
    if one.state == ExclusionState.PROPOSED:
        return "Permanent exclusion proposed"
    return "Permanent exclusion"


def when(one: Exclusion) -> str:
    """Its days, in words."""
    if one.end is None:
        return f"from {words(one.start)}"
    last = one.end - timedelta(days=1)
    return f"on {words(last)}" if last == one.start else f"from {words(one.start)} to {words(last)}"


def told(one: Exclusion) -> dict[str, Any]:
    """The alert's evidence; the same from the record itself and from the night."""
    sentence = f"{title(one)} by {one.school.name}, {when(one)}"
    return evidence(sentence, fact(one.start, "First day", one.get_absolute_url()))


def too_many(
    rows: Sequence[Exclusion], on: date, known: Calendars, pack: Pack
) -> tuple[dict[str, Any], InForce] | None:
    """What is said of days near or over a limit, with the gravest rule; the same at once and from the night. None: nothing.

    Args:
        rows: all of the child's that were given, each with its school.
    """
    found = follows(totals(rows, on, known), pack)
    grave = [one for one in found if one.rule.key != REQUEST_ABOVE]
    if not grave:
        return None
    sentence = ". ".join(one.words for one in grave)
    facts = [fact(one.start, told(one)["sentence"], one.get_absolute_url()) for one in rows]
    return evidence(sentence, *facts), grave[0].rule


def days_key(child_id: int, on: date) -> str:
    """The alert of a child's days in an academic year."""
    return f"{child_id}:{schoolyear.academic_year(on)}:days"
