"""The lists of PEPs: all that the reader works with, and what is due next."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from peps import policies, workflow
from peps.enums import PepState
from peps.filters import PepFilter
from peps.models import Pep
from peps.planner_policies import can_use_planner, plannable
from peps.views.blind import without_grades
from peps.views.common import DUE_WORDS, kind_words, state_tag, term_words
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.rulebook import schoolyear

SOON = timedelta(days=7)
PICK = "pep"  # the name under which ticked PEPs are sent
BY_NAME = ("child__last_name", "child__first_names", "pk")
COLUMNS = [
    Column("Child", header=True),
    Column("Year group"),
    Column("School"),
    Column("PEP"),
    Column("State"),
    Column("Next step due"),
]
DUE_COLUMNS = [Column("Due"), Column("Child"), Column("School"), Column("What is due"), Column("Who sees to it")]
WHOSE = {
    PepState.PLANNED: "PEP coordinator",
    PepState.REARRANGED: "PEP coordinator",
    PepState.PREPARING: "PEP coordinator and everybody’s sections",
    PepState.MEETING_HELD: "Designated teacher",
    PepState.RETURNED: "Designated teacher",
    PepState.SUBMITTED: "Area Learning Advocate",
    PepState.IN_QA: "Area Learning Advocate",
}


@page(policies.can_list, methods=("GET", "POST"))
def pep_list(request: HttpRequest) -> HttpResponse:
    """Every PEP of the children whom the reader works with, cut by the filter; open ones first, then the latest."""
    if request.method == "POST":
        return PepFilter.sent_on(request)
    context = _filtered(request, Pep.objects.visible_to(request.user), newest=True)
    peps = context["pages"].rows
    without_grades(request.user, peps)
    columns, rows, choices = with_choices(COLUMNS, [_row(pep) for pep in peps], peps, plannable(request.user, peps))
    context["table"] = table("PEPs", columns, rows, empty="No PEP matches", caption_hidden=True, choices=choices)
    context["tabs"] = tabs("list", request.user)
    return render(request, "peps/list.html", context | {"heading": "PEPs"})


@page(policies.can_list, methods=("GET", "POST"))
def due_list(request: HttpRequest) -> HttpResponse:
    """What is due next in open PEPs, the most overdue first, with who sees to it."""
    if request.method == "POST":
        return PepFilter.sent_on(request)
    context = _filtered(request, Pep.objects.visible_to(request.user).open())
    rows = [_due_row(pep, today()) for pep in context["pages"].rows]
    context["table"] = table("What is due", DUE_COLUMNS, rows, empty="Nothing is due", caption_hidden=True)
    context["tabs"] = tabs("due", request.user)
    return render(request, "peps/list.html", context | {"heading": "PEPs: what is due"})


def tabs(active: str, user: User) -> list[dict[str, Any]]:
    pages = [("list", "All PEPs"), ("due", "What is due"), ("owed", "What I owe")]
    if can_use_planner(user):
        pages.insert(2, ("planner", "Term planner"))
    if policies.can_chase(user):
        pages.append(("chase", "Who owes what"))
    return [{"text": text, "href": reverse(f"peps:{name}"), "active": name == active} for name, text in pages]


def with_choices(
    columns: list[Column], rows: list[list[Cell]], peps: Iterable[Pep], plannable_now: Collection[int]
) -> tuple[list[Column], list[list[Cell]], str]:
    """A table with a tick box before each PEP whose meeting the reader may plan, where there are any; and the boxes' name."""
    if not plannable_now:
        return columns, rows, ""
    boxes = [
        Cell(f"Choose {pep.child.name}", choice=str(pep.uuid)) if pep.pk in plannable_now else Cell() for pep in peps
    ]
    return [Column("Choose", hidden=True), *columns], [[box, *row] for box, row in zip(boxes, rows, strict=True)], PICK


def _filtered(request: HttpRequest, rows: QuerySet[Pep], *, newest: bool = False) -> dict[str, Any]:
    found = PepFilter(request.GET, queryset=rows, request=request)
    chosen = found.qs.select_related("child", "school")
    ordered = chosen.open_first("-due_on", *BY_NAME) if newest else chosen.order_by("due_on", *BY_NAME)
    pages = paginate(request, ordered)
    access.shown(request, pages.rows)
    return {"filter": found, "pages": pages, "total": rows.count(), "clear_href": request.path}


def _row(pep: Pep) -> list[Cell]:
    open_ = pep.state in workflow.OPEN
    late = open_ and pep.due_on < today()
    return [
        Cell(pep.child.name, href=pep.get_absolute_url()),
        Cell(_year_group(pep)),
        Cell(pep.school.name if pep.school else "No school"),
        Cell(kind_words(pep), hint=term_words(pep)),
        Cell(tag=state_tag(pep), hint=f"Graded {pep.get_grade_display()}" if pep.grade else ""),
        Cell(long_date(pep.due_on) if open_ else "", tag={"text": "Overdue", "status": "overdue"} if late else None),
    ]


def _due_row(pep: Pep, on: date) -> list[Cell]:
    tag = None
    if pep.due_on < on:
        tag = {"text": "Overdue", "status": "overdue"}
    elif pep.due_on <= on + SOON:
        tag = {"text": "This week", "status": "due_soon"}
    return [
        Cell(long_date(pep.due_on), tag=tag),
        Cell(pep.child.name, href=pep.get_absolute_url(), hint=_year_group(pep)),
        Cell(pep.school.name if pep.school else "No school"),
        Cell(DUE_WORDS[PepState(pep.state)].removesuffix(" by"), hint=kind_words(pep)),
        Cell(WHOSE[PepState(pep.state)]),
    ]


def _year_group(pep: Pep) -> str:
    return schoolyear.curriculum_year_words(schoolyear.curriculum_year(pep.child.date_of_birth, today()))
