"""Concerns and recommendations of reviewing officers: the list, one with its history, and its steps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children import clocks
from children.models import Child, Clock
from peps import layouts, workflow
from peps import review_policies as policies
from peps.actions import concerns
from peps.enums import ConcernArea, ConcernEvent, ConcernState
from peps.filters import ConcernFilter
from peps.forms.concerns import AnswerForm, ConcernForm, RaiseAgainForm
from peps.models import Concern, Pep, PepSection
from peps.views.common import kind_words, section_title, term_words
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.rulebook import rules

COLUMNS = [Column("Raised"), Column("Child", header=True), Column("What about"), Column("State"), Column("Answer due")]
TAGS = {
    ConcernState.RAISED: "open",
    ConcernState.RAISED_AGAIN: "returned",
    ConcernState.ESCALATED: "overdue",
    ConcernState.ANSWERED: "waiting",
    ConcernState.ACCEPTED: "done",
    ConcernState.CLOSED: "closed",
}
DISPUTE = (
    "If a concern cannot be settled here, the IRO Handbook has a formal dispute resolution. It is the reviewing officer’s to "
    "begin, through the Independent Reviewing Service, and is not recorded in this service."
)
PEPS_OFFERED = 3


@page(policies.can_list_concerns)
def concern_list(request: HttpRequest) -> HttpResponse:
    """All of the reader's children, the latest first; the filter leaves what is open, or what waits for the reader."""
    rows = Concern.objects.visible_to(request.user)
    found = ConcernFilter(request.GET, queryset=rows, request=request)
    pages = paginate(request, found.qs.select_related("child", "clock"))
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    drawn = [_row(concern) for concern in pages.rows]
    context = {
        "heading": "Concerns of reviewing officers",
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "clear_href": request.path,
        "table": table("Concerns", COLUMNS, drawn, empty="No concern matches", caption_hidden=True),
    }
    return render(request, "peps/concerns.html", context)


@page(policies.can_raise_concern, methods=("GET", "POST"), child=Child)
def raise_concern(request: HttpRequest, child: Child) -> HttpResponse:
    """A concern or recommendation on the child's education, as a task for the Virtual School."""
    peps, sections = _to_choose(child)
    form = ConcernForm(
        sent(request),
        peps=peps,
        sections=sections,
        initial={"about": request.GET.get("pep", "")},
        cancel_href=child.get_absolute_url(),
    )
    if form.is_valid():
        key = form.cleaned_data["key"]
        made = attempt(form, lambda: concerns.raise_concern(child=child, facts=form.facts(), by=request.user, key=key))
        if made:
            return done(request, "The Virtual School has it, with a day for the answer.", made.get_absolute_url())
    return form_page(
        request,
        form,
        heading="Raise a concern or recommendation",
        caption=child.name,
        back=child.get_absolute_url(),
        intro=[f"The child’s Area Learning Advocate answers; without one, the Virtual School Head. {DISPUTE}"],
    )


@page(policies.can_read_concern, concern=Concern)
def concern(request: HttpRequest, concern: Concern) -> HttpResponse:
    """What was raised, what became of it so far, and what the reader may do."""
    concern = Concern.objects.select_related("child", "pep", "clock__rule", "raised_by").get(pk=concern.pk)
    actions, refused = _actions(request.user, concern)
    context = {
        "heading": capfirst(concern.get_kind_display()),
        "caption": concern.child.name,
        "tag": tag_of(concern),
        "crumbs": [{"text": "Concerns of reviewing officers", "href": reverse("peps:concerns")}, {"text": "Concern"}],
        "clock": _drawn(concern.clock) if concern.clock and concern.waits else None,
        "rows": _rows(concern),
        "actions": actions,
        "refused": refused,
        "steps": _steps(concern),
        "dispute": DISPUTE,
    }
    return render(request, "peps/concern.html", context)


@page(policies.can_answer_concern, methods=("GET", "POST"), concern=Concern)
def answer(request: HttpRequest, concern: Concern) -> HttpResponse:
    form = AnswerForm(sent(request), initial={"round": concern.round}, cancel_href=concern.get_absolute_url())
    if form.is_valid():
        concerns.answer_concern(concern=concern, by=request.user, **_said(form))
        return done(request, "The answer is sent to the reviewing officer.", concern.get_absolute_url())
    workflow.CONCERN.target(concern.state, "answer")
    return _about(request, concern, form, "Answer the reviewing officer")


@page(policies.can_settle_concern, methods=("POST",), concern=Concern)
def accept(request: HttpRequest, concern: Concern) -> HttpResponse:
    seen = request.POST.get("round", "")
    concerns.accept_answer(concern=concern, round_seen=int(seen) if seen.isdecimal() else 0, by=request.user)
    return done(request, "You accepted the answer.", concern.get_absolute_url())


@page(policies.can_settle_concern, methods=("GET", "POST"), concern=Concern)
def again(request: HttpRequest, concern: Concern) -> HttpResponse:
    form = RaiseAgainForm(sent(request), initial={"round": concern.round}, cancel_href=concern.get_absolute_url())
    if form.is_valid():
        concerns.raise_again(concern=concern, by=request.user, **_said(form))
        return done(request, "It is raised again, with a new day for the answer.", concern.get_absolute_url())
    workflow.CONCERN.target(concern.state, "raise_again")
    return _about(request, concern, form, "Raise it again")


# ---------------------------------------------------------------- parts


def tag_of(concern: Concern) -> dict[str, str]:
    words = str(concern.get_state_display())
    return {"text": capfirst(words), "status": TAGS[ConcernState(concern.state)]}


def cards_for(user: User, pep: Pep) -> list[dict[str, Any]]:
    """For the page of a PEP: what was raised about it, and whatever else of the child's is open. One query."""
    shown = Concern.objects.visible_to(user).about(pep).select_related("clock")
    return [
        {
            "title": title(concern),
            "href": concern.get_absolute_url(),
            "tag": tag_of(concern),
            "text": concern.words,
            "footer": f"Answer due {long_date(concern.clock.due_on)}" if _due(concern) else "",
        }
        for concern in shown
    ]


def title(concern: Concern) -> str:
    return f"{capfirst(concern.get_kind_display())}: {ConcernArea(concern.area).label}"


def _due(concern: Concern) -> bool:
    return bool(concern.waits and concern.clock and concern.clock.due_on)


def _row(concern: Concern) -> list[Cell]:
    due = long_date(concern.clock.due_on) if _due(concern) and concern.clock else ""
    late = due and concern.clock and clocks.standing(concern.clock) == "overdue"
    return [
        Cell(long_moment(concern.raised_at), hint="" if concern.round == 1 else f"Raised {concern.round} times"),
        Cell(concern.child.name, href=concern.get_absolute_url()),
        Cell(title(concern)),
        Cell(tag=tag_of(concern)),
        Cell(due, tag={"text": "Overdue", "status": "overdue"} if late else None),
    ]


def _to_choose(child: Child) -> tuple[list[tuple[Pep, str]], list[tuple[PepSection, str]]]:
    """The child's latest PEPs, and the sections of the latest of them."""
    peps = list(Pep.objects.standing().filter(child=child).order_by("-opened_on", "-pk")[:PEPS_OFFERED])
    sections = [one for pep in peps[:1] for one in pep.sections.select_related("pep").order_by("position")]
    return [(pep, f"{kind_words(pep)}, {term_words(pep)}") for pep in peps], [
        (one, section_title(one)) for one in sections
    ]


def _said(form: Any) -> dict[str, Any]:
    return {"round_seen": form.cleaned_data["round"], "words": form.cleaned_data["words"]}


def _about(request: HttpRequest, concern: Concern, form: Any, heading: str) -> HttpResponse:
    concern = Concern.objects.select_related("child", "pep", "raised_by").get(pk=concern.pk)
    last = concern.steps.select_related("by").last()
    rows = _rows(concern)
    if last and last.event != ConcernEvent.RAISED:
        rows.append({"key": capfirst(last.get_event_display()), "value": last.words or long_moment(last.at)})
    here = concern.get_absolute_url()
    return form_page(request, form, heading=heading, caption=concern.child.name, back=here, rows=rows)


def _rows(concern: Concern) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"key": "About", "value": capfirst(ConcernArea(concern.area).label)},
        {"key": "In the reviewing officer’s words", "value": "", "lines": concern.words.split("\n")},
        {"key": "Raised", "value": f"{long_moment(concern.raised_at)} by {concern.raised_by}"},
    ]
    if concern.pep:
        part = layouts.of_version(concern.pep.layout).section(concern.section).title if concern.section else ""
        words = f"{kind_words(concern.pep)}, {term_words(concern.pep)}"
        rows.append(
            {"key": "PEP", "value": words, "href": concern.pep.get_absolute_url(), "lines": [part] if part else []}
        )
    if concern.wanted_by:
        rows.append({"key": "Wanted by", "value": long_date(concern.wanted_by)})
    return rows


def _drawn(clock: Clock) -> dict[str, Any]:
    rule = rules.in_force(clock.rule)
    return {
        "due_on": clock.due_on,
        "kind": rule.kind.value,
        "state": clocks.standing(clock),
        "href": clock.get_absolute_url(),
        "words": rule.words,
    }


def _actions(user: User, concern: Concern) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """What the table allows now and the policies let the reader do; what is their role's but not theirs, with the reason."""
    events, found, refused = workflow.CONCERN.events(concern.state), [], []
    if "answer" in events and user.may(Act.ANSWER_SIGNALS):
        verdict, text = policies.can_answer_concern(user, concern), "Answer it"
        if verdict:
            found.append({"text": text, "href": reverse("peps:concern_answer", args=[concern.uuid])})
        else:
            refused.append({"text": text, "reason": verdict.reason, "source": verdict.source})
    if "accept" in events and policies.can_settle_concern(user, concern):
        fields = [{"name": "round", "value": str(concern.round)}]
        found.append(
            {
                "text": "Accept the answer",
                "action": reverse("peps:concern_accept", args=[concern.uuid]),
                "fields": fields,
            }
        )
        found.append(
            {"text": "Raise it again", "href": reverse("peps:concern_again", args=[concern.uuid]), "kind": "secondary"}
        )
    return found, refused


def _steps(concern: Concern) -> list[dict[str, Any]]:
    return [
        {
            "when": step.at,
            "title": capfirst(step.get_event_display()),
            "by": step.by.name if step.by else "",
            "text": step.words,
        }
        for step in concern.steps.select_related("by").order_by("-pk")
    ]
