"""Leave in term time: the register, one request with everybody's word and the marks beside the decision, and its steps."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst

from attendance import workflow
from attendance.actions import leave as actions
from attendance.enums import LeaveEvent, LeaveKind, LeaveState
from attendance.filters.arrangements import LeaveFilter
from attendance.forms.leave import DecisionForm, LeaveForm, OpinionForm, WithdrawForm
from attendance.leave import rules as leaverules
from attendance.leave.marks import Differing, differing
from attendance.models import LeaveRequest, LeaveStep
from attendance.policies import leave as policies
from attendance.policies.marks import can_read
from attendance.policies.timetables import can_take_away, places
from attendance.views import common
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import Verdict

NAME = "attendance:leaves"
INTRO = (
    "Only a school grants leave. The Virtual School says beforehand whether it supports it: a holiday in term time, or extended time out "
    "of school, it does not, unless it is truly exceptional."
)
COLUMNS = [
    Column("Child", header=True),
    Column("First day away"),
    Column("School days", numeric=True),
    Column("Virtual School"),
    Column("State"),
    Column("Marked otherwise", numeric=True),
]
FILE = [
    "Council's id",
    "Child",
    "School",
    "URN",
    "First day away",
    "First day back",
    "School days",
    "For",
    "Social worker supports",
    "Virtual School supports",
    "State",
    "Code",
    "Decided on",
    "Sessions marked otherwise",
]
TAGS = {
    LeaveState.ASKED: "waiting",
    LeaveState.VIEWED: "waiting",
    LeaveState.ANSWERED: "waiting",
    LeaveState.GRANTED: "done",
    LeaveState.NOT_GRANTED: "refused",
    LeaveState.WITHDRAWN: "closed",
}


@page(can_read)
def register(request: HttpRequest) -> HttpResponse:
    """Requests for the reader's children, the latest days first."""
    rows = LeaveRequest.objects.visible_to(request.user)
    found = LeaveFilter(request.GET, queryset=_listed(rows), request=request)
    marks = _Marks()
    return common.register(
        request,
        heading="Leave in term time",
        noun="requests",
        intro=INTRO,
        name=NAME,
        rows=rows,
        found=found,
        columns=COLUMNS,
        draw=lambda one: _row(one, marks),
        before=marks.look_up,
    )


@page(can_take_away)
def register_file(request: HttpRequest) -> HttpResponse:
    rows = LeaveRequest.objects.visible_to(request.user)
    marks = _Marks()
    return common.register_file(
        request,
        name="leave",
        found=LeaveFilter(request.GET, queryset=_listed(rows), request=request),
        headings=FILE,
        draw=lambda one: _file_row(one, marks),
        before=marks.look_up,
    )


@page(policies.can_ask_for, methods=("GET", "POST"), child=Child)
def ask(request: HttpRequest, child: Child) -> HttpResponse:
    form = LeaveForm(sent(request), places=places(request.user, child), cancel_href=common.to_child(child))
    if form.is_valid():
        place, facts, key = form.place(), form.facts(), form.cleaned_data["key"]
        made = attempt(form, lambda: actions.ask(enrolment=place, facts=facts, by=request.user, key=key))
        if made:
            return done(request, "The request is sent. The school has not granted it yet.", made.get_absolute_url())
    verdict = leaverules.refused_by_rule(LeaveKind.HOLIDAY, None, today())
    extended = leaverules.refused_by_rule(LeaveKind.ADOPTION, None, today())
    intro = [
        f"Only the school grants leave ({leaverules.REGULATIONS}). The Virtual School says whether it supports it."
    ]
    intro += [f"{one.reason} Source: {one.source}" for one in (verdict, extended) if not one]
    return form_page(
        request,
        form,
        heading="Ask for leave in term time",
        caption=child.name,
        back=common.to_child(child),
        intro=intro,
    )


@page(policies.can_read_leave, leave=LeaveRequest)
def detail(request: HttpRequest, leave: LeaveRequest) -> HttpResponse:
    """What was asked for, what each said, what the head decided, and what the register has."""
    whole = LeaveRequest.objects.select_related("child", "enrolment__school", "clock__rule", "asked_by")
    one = whole.get(pk=leave.pk)
    access.shown(request, one, fields=common.GROUPS)
    wrong = differing([one], today()).get(one.pk, [])
    context = {
        "heading": "Leave in term time",
        "child": one.child,
        "back": common.to_child(one.child),
        "tag": tag_of(one),
        "notices": _notices(one),
        "clock": common.drawn_clock(one.clock) if one.supported is None and one.open else None,
        "clock_label": "The Virtual School answers by",
        **_next(request.user, one),
        "rows": _rows(one),
        "tables": [_differences(wrong)] if wrong else [],
        "steps": _history(one),
    }
    return render(request, "attendance/record.html", context)


@page(policies.can_view, methods=("GET", "POST"), leave=LeaveRequest)
def view(request: HttpRequest, leave: LeaveRequest) -> HttpResponse:
    """What the social worker thinks of it."""
    form = OpinionForm(sent(request), cancel_href=leave.get_absolute_url())
    if form.is_valid() and attempt(form, lambda: actions.view(leave=leave, by=request.user, **form.given())):
        return done(request, "Your view is sent to the Virtual School.", leave.get_absolute_url())
    return _about(request, leave, form, "Your view as social worker", LeaveEvent.VIEWED)


@page(policies.can_answer, methods=("GET", "POST"), leave=LeaveRequest)
def answer(request: HttpRequest, leave: LeaveRequest) -> HttpResponse:
    """Whether the Virtual School supports it. Without an exception it does not."""
    by_rule = leaverules.of_request(leave, today())
    initial = {"supports": "no", "words": by_rule.reason} if not by_rule else {}
    form = OpinionForm(sent(request), initial=initial, cancel_href=leave.get_absolute_url())
    if form.is_valid() and attempt(form, lambda: actions.answer(leave=leave, by=request.user, **form.given())):
        return done(request, "The answer is sent to the school.", leave.get_absolute_url())
    return _about(request, leave, form, "Does the Virtual School support it?", LeaveEvent.ANSWERED)


@page(policies.can_decide, methods=("GET", "POST"), leave=LeaveRequest)
def decide(request: HttpRequest, leave: LeaveRequest) -> HttpResponse:
    """What the head decided, apart from what the Virtual School thinks of it."""
    form = DecisionForm(sent(request), cancel_href=leave.get_absolute_url())
    if form.is_valid() and attempt(form, lambda: actions.decide(leave=leave, by=request.user, **form.given())):
        return done(request, "The decision is recorded.", leave.get_absolute_url())
    return _about(request, leave, form, "The head teacher’s decision", LeaveEvent.GRANTED, LeaveEvent.NOT_GRANTED)


@page(policies.can_withdraw, methods=("GET", "POST"), leave=LeaveRequest)
def withdraw(request: HttpRequest, leave: LeaveRequest) -> HttpResponse:
    form = WithdrawForm(sent(request), cancel_href=leave.get_absolute_url())
    if form.is_valid():
        words = form.cleaned_data["words"]
        if attempt(form, lambda: actions.withdraw(leave=leave, words=words, by=request.user)):
            return done(request, "The request is withdrawn.", leave.get_absolute_url())
    return _about(request, leave, form, "Withdraw the request", LeaveEvent.WITHDRAWN)


# ---------------------------------------------------------------- parts


class _Marks:
    """The sessions marked otherwise than decided, of the rows that are shown: looked up once for all of them."""

    def __init__(self) -> None:
        self.found: dict[int, list[Differing]] = {}

    def look_up(self, rows: Any) -> None:
        self.found = differing(list(rows), today())

    def number(self, one: LeaveRequest) -> int:
        return len(self.found.get(one.pk, []))


def tag_of(one: LeaveRequest) -> dict[str, str]:
    return {"text": capfirst(one.get_state_display()), "status": TAGS[LeaveState(one.state)]}


def _listed(rows: QuerySet[LeaveRequest]) -> QuerySet[LeaveRequest]:
    return rows.select_related("child", "enrolment__school").order_by("-start", "pk")


def _days(one: LeaveRequest) -> str:
    return "" if one.school_days is None else str(one.school_days)


def _supported(value: bool | None) -> str:
    return {None: "No answer yet", True: "Supports it", False: "Does not support it"}[value]


def _row(one: LeaveRequest, marks: _Marks) -> list[Any]:
    return [
        Cell(one.child.name, href=one.get_absolute_url()),
        Cell(long_date(one.start), hint=LeaveKind(one.kind).label),
        _days(one),
        _supported(one.supported),
        Cell(tag=tag_of(one)),
        marks.number(one) or "",
    ]


def _file_row(one: LeaveRequest, marks: _Marks) -> list[Any]:
    return [
        one.child.child_id,
        one.child.name,
        one.enrolment.school.name,
        one.enrolment.school.urn,
        one.start.isoformat(),
        one.end.isoformat(),
        _days(one),
        one.get_kind_display(),
        _supported(one.worker_supports),
        _supported(one.supported),
        one.get_state_display(),
        one.code,
        one.decided_on.isoformat() if one.decided_on else "",
        marks.number(one),
    ]


def _notices(one: LeaveRequest) -> list[str]:
    """What the rules say of it, while nobody has answered."""
    verdict = leaverules.of_request(one, today())
    if verdict or one.supported is not None or not one.open:
        return []
    return [
        f"{verdict.reason} Without an exception of the Virtual School Head it is not supported. Source: {verdict.source}"
    ]


def _next(user: User, one: LeaveRequest) -> dict[str, Any]:
    """What the table allows now, of what is the reader's role to do."""
    now_open = workflow.LEAVE.events(one.state)
    mine: list[tuple[LeaveEvent, Act, Verdict, str, str]] = [
        (
            LeaveEvent.VIEWED,
            Act.WRITE_SOCIAL_WORK_SECTIONS,
            policies.can_view(user, one),
            "Say what you think of it",
            "attendance:leave_view",
        ),
        (
            LeaveEvent.ANSWERED,
            Act.ANSWER_LEAVE,
            policies.can_answer(user, one),
            "Answer for the Virtual School",
            "attendance:leave_answer",
        ),
        (
            LeaveEvent.GRANTED if LeaveEvent.GRANTED in now_open else LeaveEvent.NOT_GRANTED,
            Act.RECORD_LEAVE_DECISION,
            policies.can_decide(user, one),
            "Record the head’s decision",
            "attendance:leave_decide",
        ),
        (
            LeaveEvent.WITHDRAWN,
            Act.ASK_FOR_LEAVE,
            policies.can_withdraw(user, one),
            "Withdraw it",
            "attendance:leave_withdraw",
        ),
    ]
    return common.offered(
        one, [(verdict, text, name) for event, act, verdict, text, name in mine if event in now_open and user.may(act)]
    )


def _rows(one: LeaveRequest) -> list[dict[str, Any]]:
    days = "not known: the terms are not loaded" if one.school_days is None else str(one.school_days)
    decided = [f"Decided on {long_date(one.decided_on)}"] if one.decided_on else []
    code = f", code {one.code}" if one.code else ""
    head = f"{capfirst(one.get_state_display())}{code}" if one.decided_on else "Not decided"
    return [
        common.child_row(one.child),
        {"key": "School", "value": one.enrolment.school.name},
        {"key": "Away", "value": _away(one)},
        {"key": "School days lost", "value": days},
        {"key": "For", "value": capfirst(LeaveKind(one.kind).label), "lines": one.purpose.split("\n")},
        {"key": "What is exceptional", "value": one.exceptional, "missing": "Nothing was said"},
        {"key": "Social worker", "value": _supported(one.worker_supports)},
        {"key": "Virtual School", "value": _supported(one.supported)},
        {"key": "Head teacher", "value": head, "lines": decided},
        {"key": "Asked for by", "value": one.asked_by.name},
    ]


def _away(one: LeaveRequest) -> str:
    """The first and the last day away."""
    last = one.end - timedelta(days=1)
    return long_date(one.start) if last == one.start else f"{long_date(one.start)} to {long_date(last)}"


def _differences(found: list[Differing]) -> Table:
    rows = [[f"{long_date(one.on)}, {one.session.label}", one.code, capfirst(one.why)] for one in found]
    return table("Marked otherwise than decided", ["Session", "Mark", "Decision"], rows)


def _history(one: LeaveRequest) -> list[dict[str, Any]]:
    return [
        {
            "when": step.at,
            "title": f"{capfirst(step.get_event_display())}{_outcome(step)}",
            "by": step.by.name if step.by else "",
            "text": step.words,
        }
        for step in one.steps.select_related("by").order_by("-pk")
    ]


def _outcome(step: LeaveStep) -> str:
    if step.supports is not None:
        return f": {_supported(step.supports).lower()}"
    return f", code {step.code}" if step.code else ""


def _about(request: HttpRequest, leave: LeaveRequest, form: Any, heading: str, *events: LeaveEvent) -> HttpResponse:
    """The form with what it is about; when none of the events may happen any more, that is said."""
    if not any(workflow.LEAVE.allows(leave.state, event) for event in events):
        workflow.LEAVE.target(leave.state, events[0])
    one = LeaveRequest.objects.select_related("child", "enrolment__school", "asked_by").get(pk=leave.pk)
    here = one.get_absolute_url()
    warning = _notices(one)[0] if _notices(one) else ""
    return form_page(
        request, form, heading=heading, caption=one.child.name, back=here, rows=_rows(one), warning=warning
    )
