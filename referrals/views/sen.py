"""One matter of the SEN team: what it is about, its dates, its steps; opening one, asking a school, and taking a step."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.enums import ClockState
from children.models import Child, Clock
from peps.enums import MeetingState
from peps.models import PepMeeting
from referrals import sen_dates, sen_workflow
from referrals.actions import sen as actions
from referrals.actions.sen_steps import take_step
from referrals.enums import SenEvent, SenKind
from referrals.forms.sen import FORMS, ConsultForm, OpenForm
from referrals.models import SenMatter
from referrals.policies import sen as policies
from referrals.views.sen_lists import matters_of_child
from referrals.views.sen_parts import drawn, named, names_of, plan_rows, tag_of
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import LONDON, now, today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.verdicts import require
from virtualschool.rulebook import rules
from virtualschool.rulebook.clocks import amount

BUTTONS = {
    SenEvent.ANSWER: "Answer",
    SenEvent.ASSESS: "Decided to assess",
    SenEvent.REFUSE: "Decided not to assess",
    SenEvent.DRAFT: "Draft plan sent",
    SenEvent.FINALISE: "Final plan issued",
    SenEvent.NO_PLAN: "Decided to issue no plan",
    SenEvent.PLAN_MEETING: "Plan the review meeting",
    SenEvent.PEP_BESIDE: "Set the PEP meeting beside it",
    SenEvent.HOLD: "Review meeting held",
    SenEvent.DECIDE: "Record the decision on the plan",
    SenEvent.NAME_SCHOOL: "Name the next school",
    SenEvent.ISSUE: "Amended plan issued",
    SenEvent.HAND_OVER: "Plan handed over",
    SenEvent.TELL_PARENT: "New council told the parent",
    SenEvent.ACCEPT: "The school said yes",
    SenEvent.DECLINE: "The school said no",
    SenEvent.CLOSE: "Close: not needed any more",
}


@page(policies.can_read_matter, matter=SenMatter)
def matter(request: HttpRequest, matter: SenMatter) -> HttpResponse:
    """What it is about, what runs, what happened."""
    one = _whole(matter)
    access.shown(request, one, fields=[FieldGroup.EDUCATION])
    context = {
        "heading": capfirst(one.get_kind_display()),
        "child": one.child,
        "tag": tag_of(one),
        "clocks": [drawn(clock) for clock in _clocks(request.user, one)],
        "day_of_move": _due_on_the_day(one),
        "rows": _rows(request.user, one),
        "tables": _beside(request.user, one),
        "steps": _history(one),
        **_next(request.user, one),
    }
    return render(request, "referrals/sen_matter.html", context)


@page(policies.can_open, methods=("GET", "POST"), child=Child)
def open_matter(request: HttpRequest, child: Child) -> HttpResponse:
    """Open one; from then on every SEN officer reaches the child until it is closed."""
    back = reverse("sen:of_child", args=[child.uuid])
    form = OpenForm(sent(request), kinds=_counted(actions.kinds_for(child)), cancel_href=back)
    if form.is_valid():
        kind, facts = form.cleaned_data["kind"], form.facts()
        made = attempt(form, lambda: actions.open_matter(child=child, kind=kind, facts=facts, by=request.user))
        if made:
            return done(request, "It is open, and the SEN team is told.", made.get_absolute_url())
    intro = [
        "SEN officers reach the child while the matter is open. They read who the child is, education and the plan."
    ]
    names = names_of(_plan_councils(child))
    rows = plan_rows(child, names, sen_dates.plan_of(child, today()))
    return form_page(
        request,
        form,
        heading="Open a matter for the SEN team",
        caption=child.name,
        back=back,
        intro=intro,
        rows=rows,
    )


@page(policies.can_consult, methods=("GET", "POST"), matter=SenMatter)
def consult(request: HttpRequest, matter: SenMatter) -> HttpResponse:
    """A school is asked whether it can meet the plan."""
    form = ConsultForm(sent(request), cancel_href=matter.get_absolute_url())
    if form.is_valid() and form.chosen_school:
        school, given = form.chosen_school, form.cleaned_data
        asked = {"beside": matter, "school": school, "reason": given["reason"], "on": given["on"], "by": request.user}
        made = attempt(form, lambda: actions.consult(**asked))
        if made:
            return done(request, f"It is recorded that {school.name} was asked.", made.get_absolute_url())
    one = _whole(matter)
    reply = rules.get(sen_dates.SCHOOL_REPLY, on=today())
    intro = [f"The school answers within {amount(reply)}. Source: {reply.source}"]
    return form_page(
        request,
        form,
        heading="Consult a school on the plan",
        caption=one.child.name,
        back=one.get_absolute_url(),
        intro=intro,
    )


@page(policies.can_take_some, methods=("GET", "POST"), matter=SenMatter)
def step(request: HttpRequest, matter: SenMatter, event: str) -> HttpResponse:
    """The next step of a matter, with its day and its words."""
    if event not in FORMS:
        raise Http404
    what = SenEvent(event)
    require(policies.can_take(request.user, matter, what))
    form = FORMS[what](sent(request), event=what, initial=_known(matter), cancel_href=matter.get_absolute_url())
    if form.is_valid():
        facts = form.facts()
        taken = attempt(form, lambda: take_step(matter=matter, event=what, facts=facts, by=request.user))
        if taken:
            return done(request, "It is recorded.", _after(request.user, taken))
    one = _whole(matter)
    sen_workflow.TABLES[one.kind].target(one.state, what)
    return form_page(
        request,
        form,
        heading=BUTTONS[what],
        caption=one.child.name,
        back=one.get_absolute_url(),
        rows=_rows(request.user, one),
    )


# ---------------------------------------------------------------- parts


def _whole(matter: SenMatter) -> SenMatter:
    rows = SenMatter.objects.select_related("child", "school", "opened_by", "closed_by")
    found: SenMatter = rows.get(pk=matter.pk)
    return found


def _after(user: User, matter: SenMatter) -> str:
    """An SEN officer's reach may have ended with the step."""
    there = SenMatter.objects.visible_to(user).filter(pk=matter.pk).exists()
    return matter.get_absolute_url() if there else reverse("sen:matters")


def _counted(kinds: Sequence[SenKind]) -> dict[str, str]:
    """The kinds with what their dates are counted by."""
    pack = rules.pack(today(), "sen.")
    told = {
        SenKind.ASSESSMENT: (sen_dates.DECIDE_TO_ASSESS, sen_dates.FINAL_PLAN),
        SenKind.REVIEW: (sen_dates.ANNUAL_REVIEW, sen_dates.REVIEW_DECISION),
        SenKind.PHASE: (sen_dates.TO_SCHOOL, sen_dates.TO_POST_16),
        SenKind.HANDOVER: (sen_dates.HAND_OVER, sen_dates.TELL_PARENT),
    }
    return {
        kind.value: ". ".join(f"{pack.get(key).words}: {amount(pack.get(key))}" for key in keys)
        for kind, keys in told.items()
        if kind in kinds
    }


def _known(matter: SenMatter) -> dict[str, Any]:
    """What a form begins with."""
    known = {"council": matter.council, "meeting_on": matter.meeting_on, "pep_on": matter.pep_on}
    return {name: value for name, value in known.items() if value}


def _clocks(user: User, one: SenMatter) -> list[Clock]:
    """All of them: one that was met or missed stays to be read, after those that run."""
    found = Clock.objects.visible_to(user).filter(matter=one.key).select_related("rule")
    return sorted(found.order_by("due_on", "pk"), key=lambda clock: clock.state != ClockState.RUNNING)


def _due_on_the_day(one: SenMatter) -> str:
    """Said where the day of the move itself is the date, because the old council had notice enough."""
    if one.kind != SenKind.HANDOVER or one.state != sen_workflow.FIRST[SenKind.HANDOVER] or one.moves_on is None:
        return ""
    if Clock.objects.filter(matter=one.key).exists():
        return ""
    rule = sen_dates.hand_over_rule(one.started_on)
    return (
        f"The old council hands the plan over on the day of the move, {long_date(one.moves_on)}. Source: {rule.source}"
    )


def _plan_councils(child: Child) -> list[str]:
    plan = sen_dates.plan_of(child, today())
    return [plan.maintained_by] if plan else []


def _rows(user: User, one: SenMatter) -> list[dict[str, Any]]:
    record = sen_dates.plan_of(one.child, today())
    names = names_of([one.council, one.to_council, record.maintained_by if record else ""])
    rows: list[dict[str, Any]] = [
        {"key": "Child", "value": one.child.name, "href": reverse("sen:of_child", args=[one.child.uuid])},
        {"key": "What is asked", "value": one.reason},
        {"key": "Since", "value": long_date(one.started_on)},
        *_said(one, names),
        *(_review_rows(user, one) if one.kind == SenKind.REVIEW else []),
        *plan_rows(one.child, names, record),
    ]
    if one.opened_by:
        rows.append({"key": "Opened by", "value": f"{one.opened_by.name}, {one.opened_by.role_class.title}"})
    return rows


def _said(one: SenMatter, names: dict[str, str]) -> list[dict[str, Any]]:
    """What this kind of matter says besides."""
    rows: list[dict[str, Any]] = []
    if one.kind == SenKind.MOVE:
        answered = f"on {long_date(one.answered_on)}" if one.answered_on else ""
        rows.append({"key": "SEN team answered", "value": answered, "missing": "Not answered yet"})
    if one.can_meet:
        rows.append({"key": "Can the plan be met?", "value": capfirst(one.get_can_meet_display())})
    if one.school:
        rows.append({"key": "School", "value": one.school.name})
    if one.to_council:
        rows.append({"key": "From council", "value": named(one.council, names), "missing": "Not known"})
        rows.append({"key": "To council", "value": named(one.to_council, names)})
    if one.moves_on:
        rows.append({"key": "Day of the move", "value": long_date(one.moves_on)})
    return rows


def _review_rows(user: User, one: SenMatter) -> list[dict[str, Any]]:
    """The review's meeting with the PEP's beside it. Who reads PEPs sees the next PEP meeting, too."""
    coming = PepMeeting.objects.visible_to(user).filter(
        pep__child=one.child, state=MeetingState.PLANNED, starts_at__gte=now()
    )
    following = coming.order_by("starts_at").first()
    lines = (
        [f"The next PEP meeting is planned for {long_date(following.starts_at.astimezone(LONDON).date())}"]
        if following
        else []
    )
    rows: list[dict[str, Any]] = [
        {
            "key": "Review meeting",
            "value": long_date(one.meeting_on) if one.meeting_on else "",
            "missing": "Not planned yet",
        },
        {
            "key": "PEP meeting beside it",
            "value": long_date(one.pep_on) if one.pep_on else "",
            "missing": "No PEP date",
            "lines": lines,
        },
    ]
    if one.outcome:
        rows.append({"key": "Decision", "value": capfirst(one.get_outcome_display())})
    return rows


def _beside(user: User, one: SenMatter) -> list[Any]:
    """The schools that were asked for it."""
    asked = SenMatter.objects.visible_to(user).with_due().filter(about=one.key).select_related("child", "school")
    rows = list(asked.order_by("pk"))
    return [matters_of_child(rows, "Schools that were asked")] if rows else []


def _history(one: SenMatter) -> list[dict[str, Any]]:
    return [
        {
            "when": step.at,
            "title": f"{capfirst(step.get_event_display())}, {long_date(step.on)}",
            "by": step.by.name if step.by else "",
            "text": step.words,
        }
        for step in one.steps.select_related("by").order_by("-pk")
    ]


def _next(user: User, one: SenMatter) -> dict[str, Any]:
    """What the table allows now, of what the reader takes; for the others why not, each reason once."""
    offered: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for event in sen_workflow.TABLES[one.kind].events(one.state):
        verdict = policies.can_take(user, one, event)
        if verdict:
            kind = "secondary" if offered else ""
            href = reverse("sen:step", args=[one.uuid, event])
            offered.append({"text": BUTTONS[SenEvent(event)], "href": href, "kind": kind})
        elif verdict.reason not in {item["reason"] for item in refused}:
            refused.append({"text": BUTTONS[SenEvent(event)], "reason": verdict.reason, "source": verdict.source})
    if one.open and one.kind != SenKind.CONSULTATION and policies.can_consult(user, one):
        href = reverse("sen:consult", args=[one.uuid])
        offered.append({"text": "Consult a school", "href": href, "kind": "secondary"})
    return {"actions": offered, "refused": refused}
