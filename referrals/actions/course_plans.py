"""Planning what becomes of the courses that do not match, before a move in the middle of them is approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from children.models import Child, School
from referrals.courseplans import lines_for
from referrals.enums import KeepCourse
from referrals.models import CoursePlan, SchoolMove
from referrals.policies import courses as policies
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, require


@dataclass(frozen=True)
class PlanFacts:
    """What becomes of one course. ``outcome``: what the page said of it when the plan was made."""

    keep: KeepCourse | str
    words: str
    outcome: str


@transaction.atomic
def plan(*, move: SchoolMove, school: School, plans: Mapping[int, PlanFacts], by: User) -> int:
    """Make a plan for each of the lines, by the course's number; 0 is the young person without any. A later plan replaces one.

    Returns:
        how many were new or said otherwise.

    Raises:
        Refused: when ``by`` may not, the case is decided, or the school is not proposed.
        Conflict: when a course is not there any more, or now compares otherwise than the page said.
        ValidationError: for a plan without words, or without any.
    """
    Child.objects.select_for_update(of=("self",)).get(pk=move.child_id)
    held = SchoolMove.objects.select_for_update(of=("self",)).select_related("child").get(pk=move.pk)
    require(policies.can_plan_for(by, held, school))
    if not plans:
        raise ValidationError("Say for at least one course what becomes of it")
    lines = {one.line.key: one.line for one in lines_for(held, school)}
    written = 0
    for key, facts in plans.items():
        line = lines.get(key)
        if line is None or line.outcome != facts.outcome:
            raise Conflict("The courses were changed meanwhile. Compare them again.")
        if not facts.words.strip():
            raise ValidationError(f"{line.subject}: say what the plan is")
        written += _written(held, school, key, facts, by)
    return written


def _written(move: SchoolMove, school: School, key: int, facts: PlanFacts, by: User) -> bool:
    """Whether it says something new."""
    said = {"keep": KeepCourse(facts.keep), "words": facts.words, "outcome": facts.outcome}
    one: dict[str, Any] = {"move": move, "school": school, "course_id": key or None}
    there = CoursePlan.objects.filter(**one).first()
    if there is not None and all(getattr(there, name) == value for name, value in said.items()):
        return False
    CoursePlan.objects.update_or_create(**one, defaults={**said, "by": by, "on": today()})
    data = {"school": school.urn, "keep": said["keep"], "outcome": facts.outcome}
    log.record("course.planned", by=by, subject=move, child=move.child, data=data)
    return True
