"""Alerts and their answers, how a due date was worked out, and the search for a child outside a manager's team."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate

from children import access as reach
from children import clocks as clockwork
from children.alerts import answer_alert
from children.checks.registry import words_of
from children.filters import AlertFilter
from children.forms.watch import AnswerForm, BreakGlassForm, OutsideTeamForm
from children.models import Alert, Child, Clock, Enrolment
from children.policies import watch as policies
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import opens, page
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook.clocks import Reckoning, amount
from virtualschool.rulebook.rules import in_force

FOUND_FOR = 15 * 60  # seconds in which a search result may be used
SALT = "children.outside_team"
STATES = {
    "met": "met",
    "cancelled": "cancelled",
    "paused": "paused",
    "unknown": "date not known",
    "overdue": "overdue",
    "due_soon": "due soon",
    "on_time": "running",
}


@page(policy=policies.can_read_alerts)
def alerts(request: HttpRequest) -> HttpResponse:
    """Open alerts of the children whom the reader works with, those without an answer first."""
    rows = Alert.objects.visible_to(request.user).open()
    found = AlertFilter(request.GET, queryset=rows, request=request)
    chosen = found.qs if found.is_valid() else rows.none()
    pages = paginate(request, _with_school(chosen).select_related("child").order_by("answer", "-opened_on", "-id"))
    access.shown(request, pages.rows)
    context = {
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "clear_href": request.path,
        "signs_href": reverse("watch:signs") if policies.can_read_signs(request.user) else "",
        "table": table(
            "Open alerts",
            COLUMNS,
            [_alert_row(one) for one in pages.rows],
            empty="No alert matches",
            caption_hidden=True,
        ),
    }
    return render(request, "alerts/list.html", context)


COLUMNS = [Column("Child"), Column("What"), Column("School"), Column("Since"), Column("Answer")]


@page(policy=policies.can_read_alert, methods=("GET", "POST"), alert=Alert)
def alert(request: HttpRequest, alert: Alert) -> HttpResponse:
    """One alert: its facts, its rule and source, and what was made of it."""
    may_answer = policies.can_answer_alert(request.user, alert)
    if request.method == "POST":
        require(may_answer)
    form = AnswerForm(request.POST or None, initial={"answer": alert.answer, "reason": alert.answer_reason})
    if form.is_valid():
        answer_alert(alert=alert, by=request.user, **form.cleaned_data)
        messages.success(request, "Your answer is saved.")
        return redirect(alert)
    context = {
        "alert": alert,
        "words": words_of(alert.check_name),
        "rows": _about(alert),
        "facts": _facts(alert, request.user),
        "form": form if may_answer and alert.state == "open" else None,
        "refused": None if may_answer else {"reason": may_answer.reason, "source": may_answer.source},
    }
    return render(request, "alerts/detail.html", context)


@page(policy=policies.can_read_clock, clock=Clock)
def clock(request: HttpRequest, clock: Clock) -> HttpResponse:
    """How a due date was worked out: the rule in words, where it comes from, and every day counted or not."""
    reckoned = clockwork.explain(clock)
    context = {
        "clock": clock,
        "drawn": _drawn(clock, reckoned),
        "rows": _clock_rows(clock, reckoned),
        "counted": [long_date(day) for day in reckoned.counted],
        "skipped": table("Days not counted", ["Day", "Why"], _days(reckoned), empty="Every day counted"),
        "pauses": table("Pauses", ["From", "Goes on", "Why"], _pauses(reckoned), empty="The clock was never paused"),
        "moved": clock.state == "running" and reckoned.due_on != clock.due_on,
    }
    return render(request, "alerts/clock.html", context)


@page(policy=policies.can_look_outside_team, methods=("GET", "POST"))
def outside_team(request: HttpRequest) -> HttpResponse:
    """A manager finds a child outside the team by exact facts, sent by POST so that no address names a child."""
    if "found" in request.POST:
        return _break_glass(request)
    form = OutsideTeamForm(request.POST or None)
    children = list(reach.outside_team(by=request.user, **form.cleaned_data)[:5]) if form.is_valid() else []
    access.shown(request, children, kind=AccessKind.SEARCH)
    found = [(child, BreakGlassForm(initial={"found": _signed(request, child)})) for child in children]
    return render(
        request,
        "alerts/outside_team.html",
        {"form": form, "found": found, "searched": form.is_valid()},
    )


def _break_glass(request: HttpRequest) -> HttpResponse:
    form = BreakGlassForm(request.POST)
    child = _child_found(request)
    if not form.is_valid():
        access.shown(request, child, kind=AccessKind.SEARCH)
        return render(request, "alerts/outside_team.html", {"form": None, "found": [(child, form)], "searched": True})
    reason = form.cleaned_data["reason"]
    opened = reach.break_glass(child_uuid=child.uuid, reason=reason, by=request.user)
    access.shown(request, child, kind=AccessKind.BREAK_GLASS, reason=reason)
    minutes = round((opened.closes_at - opened.opened_at).total_seconds() / 60)
    messages.warning(
        request, f"This record is open to you for {minutes} minutes. The data protection officer has been told."
    )
    return redirect(child)


def _signed(request: HttpRequest, child: Child) -> str:
    return signing.dumps([str(child.uuid), request.user.pk], salt=SALT)


def _child_found(request: HttpRequest) -> Child:
    """The child of a search result of this person's own, not too old: a record is opened from the search alone."""
    try:
        uuid, user_id = signing.loads(request.POST["found"], salt=SALT, max_age=FOUND_FOR)
    except signing.BadSignature:
        raise Conflict("Search for the child again.") from None
    child = Child.objects.on_roll().filter(uuid=uuid).first() if user_id == request.user.pk else None
    if child is None:
        raise Conflict("Search for the child again.")
    return child


def _with_school(rows: QuerySet[Any]) -> QuerySet[Any]:
    places = Enrolment.objects.main().filter(periods.on(today()), child=OuterRef("child"))
    return rows.annotate(school_name=Subquery(places.values("school__name")[:1]))


def _alert_row(one: Any) -> list[Any]:
    return [
        Cell(one.child.name, href=one.child.get_absolute_url()),
        Cell(words_of(one.check_name), href=one.get_absolute_url(), hint=one.evidence.get("sentence", "")),
        one.school_name or "No school",
        long_date(one.opened_on),
        Cell("", tag={"text": one.get_answer_display() or "waiting", "status": "done" if one.answer else "waiting"}),
    ]


def _about(one: Alert) -> list[dict[str, Any]]:
    rows = [
        {"key": "Child", "value": one.child.name, "href": one.child.get_absolute_url()},
        {"key": "Opened", "value": f"by the facts of {long_date(one.opened_on)}"},
        {"key": "Facts as at", "value": long_date(one.evidence_on)},
    ]
    if one.resolved_on:
        rows.append({"key": "Resolved", "value": f"{long_date(one.resolved_on)}: it no longer holds"})
    if one.rule_id:
        rule = in_force(one.rule)
        rows.append({"key": rule.kind_label, "value": rule.words, "href": reverse("rulebook:detail", args=[rule.key])})
        rows.append({"key": "Source", "value": rule.source})
    if one.answer:
        by = f"{one.answered_by.name}, {long_date(localdate(one.answered_at))}"
        rows.append({"key": "Answer", "value": one.get_answer_display(), "lines": [one.answer_reason, by]})
    return rows


def _facts(one: Alert, user: User) -> Table:
    """The facts, each leading to its record where the reader may open that."""
    facts = one.evidence.get("facts", [])
    leads = {href: opens(user, href) for href in {fact.get("href", "") for fact in facts} if href}
    rows = [
        [long_date(date.fromisoformat(fact["on"])), Cell(fact["words"], href=href if leads.get(href) else "")]
        for fact in facts
        for href in [fact.get("href", "")]
    ]
    return table(
        "The facts", [Column("Date"), Column("What happened")], rows, empty="The sentence above is the whole fact"
    )


def _drawn(one: Clock, reckoned: Reckoning) -> dict[str, Any]:
    return {
        "due_on": one.due_on,
        "kind": reckoned.rule.kind.value,
        "state": clockwork.standing(one),
        "words": reckoned.rule.words,
    }


def _clock_rows(one: Clock, reckoned: Reckoning) -> list[dict[str, Any]]:
    rule = reckoned.rule
    stopped = f"{STATES[clockwork.standing(one)]} on {long_date(one.stopped_on)}" if one.stopped_on else ""
    return [
        {"key": "Child", "value": one.child.name, "href": one.child.get_absolute_url()},
        {"key": "What is due", "value": capfirst(one.about)},
        {"key": "Where it stands", "value": stopped or STATES[clockwork.standing(one)], "lines": [one.stopped_why]},
        {
            "key": "Rule",
            "value": f"{rule.words}: {amount(rule)}",
            "href": reverse("rulebook:detail", args=[one.rule.key]),
        },
        {"key": "What binds it", "value": rule.kind_label},
        {"key": "Source", "value": rule.source, "lines": [rule.confidence]},
        {"key": "In force from", "value": long_date(rule.effective_from)},
        {"key": "Started", "value": long_date(one.started_on), "lines": [one.started_by]},
        {"key": "Counted in", "value": reckoned.calendar},
        {"key": "Due by the end of", "value": long_date(one.due_on) if one.due_on else "", "missing": reckoned.unknown},
    ]


def _days(reckoned: Reckoning) -> list[list[str]]:
    return [[long_date(day), why] for day, why in reckoned.skipped]


def _pauses(reckoned: Reckoning) -> list[list[str]]:
    return [[long_date(one.start), long_date(one.end) if one.end else "not yet", one.reason] for one in reckoned.pauses]
