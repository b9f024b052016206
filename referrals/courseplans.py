"""The courses of the young person of a school move beside those of a proposed school, each with the plan that was made for it.

A line without a match needs a plan before the move is approved: ``waiting`` counts those that have none, for every proposed school.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from children.models import Child, School
from referrals.coursematch import Known, Line, Offered, Taken, compare
from referrals.enums import CourseStage, Match
from referrals.models import ChildCourse, CoursePlan, SchoolCourse, SchoolMove, WholeList
from virtualschool.rulebook import rules
from virtualschool.rulebook.schoolyear import add_months, curriculum_year

KEY_STAGE_4 = (10, 11)
LIST_COUNTS = "move.course_list"
NONE_RECORDED = "No courses are recorded. Ask the designated teacher and the exams officer before anything is decided."


@dataclass(frozen=True)
class PlannedLine:
    """A line, and the plan that still holds for it: one that was made when the comparison said something else does not."""

    line: Line
    plan: CoursePlan | None = None

    @property
    def settled(self) -> bool:
        return self.line.matches or self.plan is not None


def lines_for(move: SchoolMove, school: School) -> list[PlannedLine]:
    """Every course beside the school's, those with coursework begun first. In Years 10 and 11 a child without any has one line that says so.

    Four queries.
    """
    return _lines(move, [school])[school.pk]


def unplanned(move: SchoolMove, school: School) -> list[PlannedLine]:
    """The lines that neither match nor have a plan. Four queries."""
    return [one for one in lines_for(move, school) if not one.settled]


def waiting(move: SchoolMove, schools: Iterable[School]) -> dict[int, int]:
    """How many lines wait for a plan, by the school's number. Four queries, however many schools."""
    found = _lines(move, list(schools))
    return {school: sum(not one.settled for one in lines) for school, lines in found.items()}


def stage_of(child: Child, on: date) -> CourseStage:
    return CourseStage.POST_16 if curriculum_year(child.date_of_birth, on) > KEY_STAGE_4[-1] else CourseStage.KS4


def _lines(move: SchoolMove, schools: Sequence[School]) -> dict[int, list[PlannedLine]]:
    stage = stage_of(move.child, move.wanted_on)
    taken = [_taken(one) for one in ChildCourse.objects.taken().filter(child=move.child_id, stage=stage)]
    known = _known(schools, stage, move.wanted_on)
    rows = CoursePlan.objects.filter(move=move, school__in=[one.pk for one in schools]).select_related("by")
    plans = {(plan.school_id, plan.course_id or 0): plan for plan in rows}
    needed = curriculum_year(move.child.date_of_birth, move.wanted_on) in KEY_STAGE_4
    none = [Line(0, "No courses", Match.UNKNOWN, NONE_RECORDED)] if needed else []
    return {
        school.pk: [
            PlannedLine(line, _holding(plans.get((school.pk, line.key)), line))
            for line in compare(taken, known[school.pk]) or none
        ]
        for school in schools
    }


def _holding(plan: CoursePlan | None, line: Line) -> CoursePlan | None:
    return plan if plan is not None and plan.outcome == line.outcome else None


def _known(schools: Sequence[School], stage: CourseStage, on: date) -> Mapping[int, Known]:
    """What each school said. Its whole list counts as whole for as long as the rule says."""
    since = add_months(on, -rules.value(LIST_COUNTS, on=on))
    offered: dict[int, list[Offered]] = {}
    for course in SchoolCourse.objects.taught().filter(school__in=[one.pk for one in schools], stage=stage):
        offered.setdefault(course.school_id, []).append(_offered(course))
    said = WholeList.objects.filter(school__in=[one.pk for one in schools], stage=stage).order_by("pk")
    last = {one.school_id: one for one in said}
    found: dict[int, Known] = {}
    for school in schools:
        word = last.get(school.pk)
        whole_on = word.told_on if word is not None and word.whole else None
        stale = whole_on is not None and whole_on < since
        found[school.pk] = Known(school.name, offered.get(school.pk, ()), whole_on, stale)
    return found


def _facts(course: Any) -> dict[str, Any]:
    return {
        "subject": course.subject,
        "told_on": course.told_on,
        "board": course.awarding_body,
        "code": course.specification_code,
        "tier": course.tier,
    }


def _taken(course: ChildCourse) -> Taken:
    return Taken(key=course.pk, coursework=course.coursework, **_facts(course))


def _offered(course: SchoolCourse) -> Offered:
    return Offered(**_facts(course))
