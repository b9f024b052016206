"""Telling the Virtual School of a place at risk in two screens; the reports, each beside the night's facts on the same child."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from children.clocks import standing
from children.models import Child
from referrals import workflow
from referrals.actions import risk as actions
from referrals.enums import AtRisk, RiskState
from referrals.filters import RiskFilter
from referrals.forms.risk import CloseForm, PlanForm, RiskForm, WhichChildForm, WhichPlaceForm
from referrals.models import RiskReport, SchoolMove
from referrals.notifications import risk as notifications
from referrals.policies import risk as policies
from referrals.policies.moves import can_open as can_open_move
from referrals.views.beside import beside
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table

STATUS = {RiskState.REPORTED: "at_risk", RiskState.PLAN_MADE: "planned", RiskState.CLOSED: "closed"}
COLUMNS = [Column("Child"), Column("At risk"), Column("How soon"), Column("Reported"), Column("State")]


@page(policy=policies.can_read_reports)
def reports(request: HttpRequest) -> HttpResponse:
    """Reports of the children whom the reader works with, those without a plan first."""
    rows = RiskReport.objects.visible_to(request.user)
    data = request.GET if request.GET else {"state": "open"}
    found = RiskFilter(data, queryset=rows)
    chosen = found.qs if found.is_valid() else rows.none()
    pages = paginate(request, chosen.select_related("child", "reported_by").order_by("-state", "-reported_on", "-id"))
    access.shown(request, pages.rows)
    drawn = [_row(one) for one in pages.rows]
    context = {
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "clear_href": f"{request.path}?state=",
        "table": table("Reports", COLUMNS, drawn, empty="No report matches", caption_hidden=True),
        "may_report": bool(policies.can_report(request.user)),
    }
    return render(request, "referrals/list.html", context)


@page(policy=policies.can_report, methods=("GET", "POST"))
def which_child(request: HttpRequest) -> HttpResponse:
    """Screen 1: which child, and which place."""
    form = WhichChildForm(request.POST or None, user=request.user)
    access.shown(request, form.own)
    if form.is_valid() and form.found:
        return redirect("referrals:report", child=form.found.uuid, at_risk=form.cleaned_data["at_risk"])
    return render(request, "referrals/which_child.html", {"form": form, "child": None})


@page(policy=policies.can_report_on, methods=("GET", "POST"), child=Child)
def which_place(request: HttpRequest, child: Child) -> HttpResponse:
    """Screen 1 from the child's own page: which place."""
    form = WhichPlaceForm(request.POST or None, cancel_href=child.get_absolute_url())
    if form.is_valid():
        return redirect("referrals:report", child=child.uuid, at_risk=form.cleaned_data["at_risk"])
    return render(request, "referrals/which_child.html", {"form": form, "child": child})


@page(policy=policies.can_report_on, methods=("GET", "POST"), child=Child)
def report(request: HttpRequest, child: Child, at_risk: str) -> HttpResponse:
    """Screen 2: why, how soon, what would help."""
    if at_risk not in AtRisk.values:
        raise Http404
    form = RiskForm(request.POST or None, cancel_href=reverse("referrals:which_child"))
    if form.is_valid():
        made = actions.report_risk(child=child, at_risk=at_risk, by=request.user, **form.cleaned_data)
        return redirect("referrals:reported", report=made.report.uuid)
    standing_report = RiskReport.objects.visible_to(request.user).open().filter(child=child, at_risk=at_risk).first()
    context = {"child": child, "place": AtRisk(at_risk).label, "form": form, "add_to": _add_to(standing_report)}
    return render(request, "referrals/report.html", context)


@page(policy=policies.can_read_report, report=RiskReport)
def reported(request: HttpRequest, report: RiskReport) -> HttpResponse:
    """Who has it now, and by when there is to be a plan."""
    clock = actions.plan_clock(report)
    context = {
        "report": report,
        "who": [f"{user.name}, {user.role_class.title}" for user in notifications.recipients(report.child)],
        "clock": _drawn(clock) if clock else None,
    }
    return render(request, "referrals/reported.html", context)


@page(policy=policies.can_read_report, report=RiskReport)
def detail(request: HttpRequest, report: RiskReport) -> HttpResponse:
    """The report, what was added, the plan, and the night's facts on the same child."""
    clock = actions.plan_clock(report)
    access.shown(request, report, fields=[FieldGroup.NARRATIVE])
    context = {
        "report": report,
        "heading": f"{AtRisk(report.at_risk).label} at risk".capitalize(),
        "rows": _rows(report),
        "told": _told(report),
        "signals": beside(report, request.user),
        "clock": _drawn(clock) if clock else None,
        **_next(report, request.user),
    }
    return render(request, "referrals/detail.html", context)


@page(policy=policies.can_answer, methods=("GET", "POST"), report=RiskReport)
def plan(request: HttpRequest, report: RiskReport) -> HttpResponse:
    form = PlanForm(request.POST or None, initial={"plan": report.plan}, cancel_href=report.get_absolute_url())
    if form.is_valid():
        actions.make_plan(report=report, by=request.user, **form.cleaned_data)
        messages.success(request, "The plan is saved, and whoever reported it is told.")
        return redirect(report)
    return render(request, "referrals/form.html", {"report": report, "form": form, "heading": "Make a plan"})


@page(policy=policies.can_answer, methods=("GET", "POST"), report=RiskReport)
def close(request: HttpRequest, report: RiskReport) -> HttpResponse:
    form = CloseForm(request.POST or None, cancel_href=report.get_absolute_url())
    if form.is_valid():
        actions.close_report(report=report, by=request.user, **form.cleaned_data)
        messages.success(request, "The report is closed.")
        return redirect(report)
    return render(request, "referrals/form.html", {"report": report, "form": form, "heading": "Close this report"})


def _row(one: RiskReport) -> list[Any]:
    return [
        Cell(one.child.name, href=one.child.get_absolute_url()),
        Cell(AtRisk(one.at_risk).label.capitalize(), href=one.get_absolute_url()),
        one.get_how_soon_display().capitalize(),
        Cell(long_date(one.reported_on), hint=f"by {one.reported_by.name}"),
        Cell("", tag={"text": one.get_state_display(), "status": STATUS[RiskState(one.state)]}),
    ]


def _add_to(standing_report: RiskReport | None) -> str:
    if standing_report is None:
        return ""
    return f"This was reported on {long_date(standing_report.reported_on)} and is open. What you write is added to that report."


def _rows(one: RiskReport) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"key": "Child", "value": one.child.name, "href": one.child.get_absolute_url()},
        {"key": "How soon", "value": one.get_how_soon_display().capitalize()},
        {"key": "State", "value": "", "tag": {"text": one.get_state_display(), "status": STATUS[RiskState(one.state)]}},
        {"key": "Plan", "value": one.plan, "missing": "No plan yet"},
    ]
    if one.planned_by and one.planned_on:
        rows[-1]["lines"] = [f"{one.planned_by.name}, {long_date(one.planned_on)}"]
        if one.state == RiskState.REPORTED:
            rows[-1]["lines"].append("This plan was made before it was told that it may break down sooner")
    if one.closed_on:
        lines = [one.outcome_words, f"Closed on {long_date(one.closed_on)}"]
        rows.append({"key": "Outcome", "value": one.get_outcome_display().capitalize(), "lines": lines})
    return rows


def _told(one: RiskReport) -> list[dict[str, Any]]:
    """What was told, the newest first."""
    first = {"when": one.reported_at, "title": "Reported", "by": one.reported_by.name, "text": one.why}
    items = [{**first, "lines": _help(one.would_help)}]
    for added in one.additions.select_related("by"):
        item = {"when": added.at, "title": "Added", "by": added.by.name, "text": added.words}
        items.append({**item, "lines": _help(added.would_help)})
    return items[::-1]


def _help(words: str) -> list[str]:
    return [f"Would help: {words}"] if words else []


def _drawn(clock: Any) -> dict[str, Any]:
    state = standing(clock)
    return {
        "due_on": clock.due_on,
        "kind": clock.rule.kind,
        "state": state,
        "words": clock.rule.words,
        "href": clock.get_absolute_url(),
    }


def _next(one: RiskReport, user: User) -> dict[str, Any]:
    """What may be done next, and why not, from the same table and policy as the actions."""
    if one.state not in workflow.OPEN:
        return {"actions": [], "refused": []}
    allowed, more = policies.can_answer(user, one), policies.can_add_to(user, one)
    offered = []
    if allowed:
        offered.append(
            {
                "text": "Change the plan" if one.plan else "Make a plan",
                "href": reverse("referrals:plan", args=[one.uuid]),
            }
        )
        offered.append(
            {"text": "Close this report", "href": reverse("referrals:close", args=[one.uuid]), "kind": "secondary"}
        )
    if more:
        href = reverse("referrals:report", args=[one.child.uuid, one.at_risk])
        offered.append({"text": "Add what I know", "href": href, "kind": "secondary"})
    if can_open_move(user, one.child) and not SchoolMove.objects.open().filter(child=one.child).exists():
        href = f"{reverse('moves:open', args=[one.child.uuid])}?report={one.uuid}"
        offered.append({"text": "Open a school move", "href": href, "kind": "secondary"})
    refused = [] if allowed else [{"text": "Make a plan", "reason": allowed.reason, "source": allowed.source}]
    return {"actions": offered, "refused": refused}
