"""Applications for school places: the list, one application with its facts, and each step on a page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.clocks import standing
from children.enums import ClockState
from children.models import Child, Clock, Enrolment, SenRecord
from referrals import admissions_workflow
from referrals.actions import admissions as actions
from referrals.actions import put_right as taking_back
from referrals.admissions_days import days_out
from referrals.enums import ApplicationEvent as E
from referrals.enums import ApplicationState as S
from referrals.enums import RefusalGround
from referrals.filters import ApplicationFilter
from referrals.forms.admissions import ApplyForm, ApplyForMoveForm, ApplyInEmergencyForm, PutRightForm, StepForm
from referrals.models import Application, ApplicationStep, SchoolMove
from referrals.moving.lost import Lost
from referrals.notifications.people import social_workers
from referrals.policies import admissions as policies
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.kernel.verdicts import Verdict, require
from virtualschool.rulebook import rules, schoolyear

GROUPS = [FieldGroup.EDUCATION]
TAGS = {
    S.SENT: "waiting",
    S.WAITING_LIST: "waiting",
    S.FAIR_ACCESS: "waiting",
    S.REFUSED: "refused",
    S.REPRESENTATIONS: "planned",
    S.NOTICE: "planned",
    S.ADJUDICATOR: "planned",
    S.ASKED: "planned",
    S.DIRECTED: "approved",
    S.OFFERED: "done",
    S.ACCEPTED: "closed",
    S.ELSEWHERE: "closed",
    S.WITHDRAWN: "closed",
}
COLUMNS = [
    Column("Child", header=True),
    Column("School"),
    Column("Applied"),
    Column("State"),
    Column("School days out of school", numeric=True),
]
BUTTONS = {
    E.OFFER: "Place offered",
    E.WAIT: "On the waiting list",
    E.FAIR_ACCESS: "To the fair access panel",
    E.REFUSE: "Place refused",
    E.CONSULT: "Begin a direction: ask the school",
    E.NOTIFY: "Give the school notice",
    E.REFER: "The school went to the adjudicator",
    E.UPHOLD: "The adjudicator has the school admit",
    E.ELSEWHERE: "The adjudicator named another school",
    E.ASK: "Ask the Secretary of State to direct",
    E.DECLINE: "No direction will be made",
    E.DIRECT: "Record the direction",
    E.ACCEPT: "Accept the place",
    E.WITHDRAW: "Withdraw the application",
}
FIRST = "Children in care come first where a school has more applications than places."
NO_TIME = "How long the Secretary of State takes is not confirmed by any source seen, so no date runs for it."


@page(policies.can_list)
def applications(request: HttpRequest) -> HttpResponse:
    """The reader's applications, the oldest first; open ones unless asked otherwise."""
    rows = Application.objects.visible_to(request.user)
    found = ApplicationFilter(request.GET or {"state": "open"}, queryset=rows)
    pages = paginate(request, found.qs.select_related("child", "school").order_by("applied_on", "pk"))
    access.shown(request, pages.rows, kind=AccessKind.LIST, fields=GROUPS)
    out = days_out((one.child_id for one in pages.rows if one.emergency), today())
    drawn = [_row(one, out) for one in pages.rows]
    context = {
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "clear_href": f"{request.path}?state=",
        "table": table("Applications", COLUMNS, drawn, empty="No application matches", caption_hidden=True),
    }
    return render(request, "referrals/applications.html", context)


@page(policies.can_apply_for, methods=("GET", "POST"), child=Child)
def apply(request: HttpRequest, child: Child) -> HttpResponse:
    """For a child without a school; one who has a school moves by a case."""
    form = ApplyForm(sent(request), cancel_href=child.get_absolute_url())
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("facts", "emergency", "key", "on")}
        made = attempt(form, lambda: actions.apply(child=child, school=form.chosen_school, by=request.user, **given))
        if made:
            return done(request, "The application is sent to the admissions team.", made.get_absolute_url())
    return form_page(
        request,
        form,
        heading="Apply for a school place",
        caption=child.name,
        back=child.get_absolute_url(),
        intro=[f"{FIRST} Source: {policies.CODE}"],
    )


@page(policies.can_apply_for_move, methods=("GET", "POST"), move=SchoolMove)
def apply_for_move(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """Of an approved move, to one of its schools; in an emergency to any, which it then proposes."""
    back = move.get_absolute_url()
    schools = [one.school for one in move.schools.select_related("school").order_by("order")]
    form: Any = ApplyForMoveForm(sent(request), schools=schools, cancel_href=back)
    if move.emergency:
        first = {"school": schools[0].urn} if schools else {}
        form = ApplyInEmergencyForm(sent(request), initial=first, cancel_href=back)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("facts", "key", "on")}
        school = form.chosen_school
        made = attempt(
            form, lambda: actions.apply(child=move.child, school=school, move=move, by=request.user, **given)
        )
        if made:
            return done(request, "The application is sent to the admissions team.", made.get_absolute_url())
    return form_page(
        request,
        form,
        heading="Apply for a school place",
        caption=move.child.name,
        back=back,
        intro=[f"{FIRST} Source: {policies.CODE}"],
    )


@page(policies.can_read, application=Application)
def detail(request: HttpRequest, application: Application) -> HttpResponse:
    """One page of facts, what was answered, by when, and what may be done now."""
    whole = Application.objects.select_related("child", "school", "applied_by", "with_worker", "move")
    one = whole.get(pk=application.pk)
    access.shown(request, one, fields=GROUPS)
    context = {
        "heading": "Application for a school place",
        "one": one,
        "tag": tag_of(one),
        "notices": _notices(one),
        "clocks": _clocks(one, request.user),
        **_next(request.user, one),
        "facts": _facts(one),
        "rows": _rows(one),
        "steps": _history(one),
    }
    return render(request, "referrals/application.html", context)


@page(policies.can_step_some, methods=("GET", "POST"), application=Application)
def step(request: HttpRequest, application: Application, event: str) -> HttpResponse:
    """An answer of the school, a step of a direction, the place accepted, or the application withdrawn."""
    if event not in BUTTONS:
        raise Http404
    chosen = E(event)
    here = application.get_absolute_url()
    require(policies.can_step(request.user, application, chosen))
    form = StepForm(sent(request), event=chosen, cancel_href=here)
    if form.is_valid():
        given = {"application": application, "event": chosen, "facts": form.step(), "by": request.user}
        made = attempt(form, lambda: actions.step(**given))
        if made:
            return done(request, _said(made, chosen), here)
    elif request.method == "GET":
        admissions_workflow.APPLICATION.target(application.state, chosen)
    return form_page(
        request,
        form,
        heading=BUTTONS[chosen],
        caption=application.child.name,
        back=here,
        intro=[f"Applied for at {application.school.name} on {long_date(application.applied_on)}."],
        warning=_behaviour() if chosen in actions.GROUNDED else "",
    )


@page(policies.can_put_right, methods=("GET", "POST"), application=Application)
def put_right(request: HttpRequest, application: Application) -> HttpResponse:
    """The last step was a mistake: it is taken back, and everything stands as before it."""
    last = admissions_workflow.standing(application.steps.all())[-1]
    form = PutRightForm(sent(request), initial={"seen": last.pk}, cancel_href=application.get_absolute_url())
    if form.is_valid():
        given = {"application": application, "by": request.user, **form.cleaned_data}
        if attempt(form, lambda: taking_back.put_right(**given)):
            return done(request, "The step is taken back.", application.get_absolute_url())
    return form_page(
        request,
        form,
        heading="Put the last step right",
        caption=application.child.name,
        back=application.get_absolute_url(),
        intro=[
            f"{capfirst(last.get_event_display())}, on {long_date(last.on)}. It stays in the history; dates that it stopped run again."
        ],
    )


# ---------------------------------------------------------------- parts


def tag_of(one: Application) -> dict[str, str]:
    return {"text": capfirst(one.get_state_display()), "status": TAGS[S(one.state)]}


def _row(one: Application, out: dict[int, Lost]) -> list[Any]:
    return [
        Cell(one.child.name, href=one.get_absolute_url(), hint="Emergency" if one.emergency else ""),
        one.school.name,
        long_date(one.applied_on),
        Cell(tag=tag_of(one)),
        _out(one, out),
    ]


def _out(one: Application, out: dict[int, Lost]) -> Cell | str:
    """The figure, which opens the page with its days."""
    if not one.emergency or one.child_id not in out:
        return ""
    return Cell(out[one.child_id].number, href=one.get_absolute_url())


def _behaviour() -> str:
    rule = rules.get(policies.BEHAVIOUR, on=today())
    return (
        "A child in care is not refused, or passed to the fair access panel, for challenging behaviour. If that is the ground that the "
        f"school gives, record it as it was said: it will be challenged. Source: {rule.source}"
    )


def _said(made: Application, event: E) -> str:
    if event in actions.GROUNDED and made.challenge:
        rule = rules.get(policies.BEHAVIOUR, on=today())
        return (
            f"Recorded as what the school said. Challenging behaviour is no ground for a child in care ({rule.source})."
        )
    return "It is recorded."


def _notices(one: Application) -> list[str]:
    found = []
    if one.challenge and one.open:
        rule = rules.get(policies.BEHAVIOUR, on=one.applied_on)
        found.append(
            f"To be challenged: the school gave challenging behaviour as its ground. {rule.words} is {rule.value}. Source: {rule.source}"
        )
    if one.state == S.ASKED:
        found.append(NO_TIME)
    return found


def _clocks(one: Application, user: User) -> list[dict[str, Any]]:
    """Every date of the application, also those that were met; one that fell away says so."""
    found = Clock.objects.visible_to(user).filter(matter=one.matter).select_related("rule")
    return [
        {
            "due_on": clock.due_on,
            "kind": clock.rule.kind,
            "state": standing(clock),
            "href": clock.get_absolute_url(),
            "words": clock.rule.words,
            "label": f"{clock.about} (no longer due)" if clock.state == ClockState.CANCELLED else clock.about,
        }
        for clock in found.order_by("due_on", "pk")
    ]


def _next(user: User, one: Application) -> dict[str, Any]:
    """What the table allows now, of what is the reader's to do; and why the rest is not, or not yet."""
    if not one.open:
        return {"actions": [], "refused": []}
    some = policies.can_step_some(user, one)
    if not some:
        return {"actions": [], "refused": [_refused("Record what the school answered", some)]}
    offered: list[dict[str, str]] = []
    refused: list[dict[str, str]] = []
    for event in admissions_workflow.APPLICATION.events(one.state):
        verdict, text = policies.can_step(user, one, event), BUTTONS[E(event)]
        if verdict:
            href = reverse("admissions:step", args=[one.uuid, event])
            offered.append({"text": text, "href": href, "kind": "secondary" if offered else ""})
        else:
            refused.append(_refused(text, verdict))
    if policies.can_put_right(user, one):
        href = reverse("admissions:put_right", args=[one.uuid])
        offered.append({"text": "Put the last step right", "href": href, "kind": "secondary"})
    return {"actions": offered, "refused": refused}


def _refused(text: str, verdict: Verdict) -> dict[str, str]:
    return {"text": text, "reason": verdict.reason, "source": verdict.source}


def _facts(one: Application) -> list[dict[str, Any]]:
    """What an admissions officer needs and may read: who the child is and their education; nothing of home, plan or story."""
    child = one.child
    year = schoolyear.curriculum_year(child.date_of_birth, today())
    place = Enrolment.objects.main().current().filter(child=child).select_related("school").first()
    need = SenRecord.objects.current().filter(child=child).first()
    worker = next(iter(social_workers(child)), None)
    return [
        {"key": "Child", "value": child.name, "href": child.get_absolute_url()},
        {"key": "Date of birth", "value": long_date(child.date_of_birth)},
        {"key": "Year group", "value": schoolyear.curriculum_year_words(year)},
        {"key": "UPN", "value": child.upn, "missing": "not known"},
        {"key": "Priority", "value": f"A child in care. {FIRST}"},
        {"key": "School now", "value": place.school.name if place else "", "missing": "no school today"},
        {
            "key": "Special educational needs",
            "value": capfirst(need.get_status_display()) if need else "",
            "missing": "none recorded",
        },
        {
            "key": "Social worker",
            "value": worker.name if worker else "",
            "lines": [worker.telephone] if worker and worker.telephone else [],
            "missing": "none allocated",
        },
    ]


def _rows(one: Application) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"key": "School applied for", "value": one.school.name, "lines": [f"URN {one.school.urn}"]},
        {"key": "Applied", "value": long_date(one.applied_on), "lines": [f"by {one.applied_by.name}"]},
        {"key": "What the school should know", "value": one.facts, "missing": "Nothing was added"},
    ]
    if one.emergency:
        out = days_out([one.child_id], today())
        if one.child_id in out:
            days = out[one.child_id]
            rows.insert(1, {"key": "School days out of school", "value": days.number, "lines": days.stretches})
        rows.insert(1, {"key": "Emergency", "value": "Yes"})
    return rows


def _history(one: Application) -> list[dict[str, Any]]:
    steps = list(one.steps.select_related("by").order_by("pk"))
    stands = {step.pk for step in admissions_workflow.standing(steps)}
    return [_told(step, stands) for step in reversed(steps)]


def _told(step: ApplicationStep, stands: set[int]) -> dict[str, Any]:
    taken_back = step.pk not in stands and step.event != E.PUT_RIGHT
    ground = f": {RefusalGround(step.ground).label}" if step.ground else ""
    return {
        "when": step.on,
        "title": f"{capfirst(step.get_event_display())}{ground}{' (put right since)' if taken_back else ''}",
        "by": step.by.name if step.by else "",
        "text": step.words,
    }
