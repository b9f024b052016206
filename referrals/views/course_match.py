"""The courses of the young person of a school move beside a school's, line by line, with a plan for each that does not match."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import School
from referrals.actions import course_plans as actions
from referrals.courseplans import PlannedLine, lines_for
from referrals.enums import Match
from referrals.forms.course_plans import MatchForm
from referrals.models import CoursePlan, SchoolMove
from referrals.policies import courses as policies
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, sent
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import require

COLUMNS = [Column("Subject", header=True), Column("At this school"), Column("Why"), Column("Plan")]
TAGS = {
    Match.SAME: "green",
    Match.OTHER_SPECIFICATION: "orange",
    Match.OTHER_BOARD: "red",
    Match.NOT_OFFERED: "red",
    Match.UNKNOWN: "grey",
}
INTRO = (
    "Nothing here is guessed: a course is the same only when both have the same specification code, and not offered only when the "
    "school gave its whole list. What is unknown needs a plan too, were it only who asks and by when."
)


@page(policies.can_compare, methods=("GET", "POST"), move=SchoolMove, school=School)
def match(request: HttpRequest, move: SchoolMove, school: School) -> HttpResponse:
    """Compare, and plan what becomes of each course that does not match."""
    if request.method == "POST":
        require(policies.can_plan_some(request.user, move))
    lines = lines_for(move, school)
    access.shown(request, move, fields=[FieldGroup.EDUCATION])
    may = policies.can_plan_for(request.user, move, school)
    form = MatchForm(sent(request), lines=lines, cancel_href=move.get_absolute_url())
    if form.is_valid():
        plans = form.plans()
        if attempt(form, lambda: actions.plan(move=move, school=school, plans=plans, by=request.user)) is not None:
            here = reverse("courses:match", args=[move.uuid, school.uuid])
            return done(request, "The plans are saved.", here)
    waiting = sum(not one.settled for one in lines)
    context = {
        "move": move,
        "school": school,
        "intro": INTRO,
        "told": _told(len(lines), waiting),
        "table": _table(lines),
        "form": form if may and form.lines else None,
        "refused": [] if may else [{"text": "Plan what does not match", "reason": may.reason, "source": may.source}],
        "more": _more(move, school),
    }
    return render(request, "referrals/course_match.html", context)


def _told(number: int, waiting: int) -> str:
    if not number:
        return "No courses are recorded, and none are expected in this year."
    if not waiting:
        return "Every line has a match or a plan."
    return "1 line waits for a plan." if waiting == 1 else f"{waiting} lines wait for a plan."


def _more(move: SchoolMove, school: School) -> list[dict[str, str]]:
    return [
        {"text": "The young person’s courses", "href": reverse("courses:child", args=[move.child.uuid])},
        {"text": f"What {school.name} teaches", "href": reverse("courses:school", args=[school.uuid])},
    ]


def _table(lines: list[PlannedLine]) -> Table:
    rows: list[list[Any]] = [
        [
            one.line.subject,
            Cell(tag={"text": one.line.outcome.label, "colour": TAGS[one.line.outcome]}),
            one.line.sentence,
            _plan(one.plan) if one.plan else Cell("" if one.line.matches else "No plan yet"),
        ]
        for one in lines
    ]
    return table("Course by course", COLUMNS, rows, empty="Nothing to compare")


def _plan(plan: CoursePlan) -> Cell:
    return Cell(capfirst(plan.get_keep_display()), lines=(plan.words, f"{plan.by.name}, {long_date(plan.on)}"))
