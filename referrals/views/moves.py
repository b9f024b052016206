"""School moves: the list, one case with its stops and sources, and each deed on a page of its own."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child, School
from referrals.actions import emergencies
from referrals.actions import move_decisions as deciding
from referrals.actions import moves as actions
from referrals.enums import StopKey
from referrals.filters import MoveFilter
from referrals.forms import moves as forms
from referrals.models import Consultation, NominatedOfficer, RiskReport, SchoolMove
from referrals.moving.gathering import outlook_of
from referrals.moving.lost import Lost, lost_of
from referrals.policies import moves as policies
from referrals.policies.moves import can_read_moves
from referrals.views import move_decided, move_page
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.kernel.verdicts import Refused, require
from virtualschool.rulebook.schoolyear import curriculum_year, curriculum_year_words

COLUMNS = [
    Column("Child", header=True),
    Column("What would change"),
    Column("Wanted from"),
    Column("State"),
    Column("School days lost", numeric=True),
]


@page(policy=can_read_moves)
def moves(request: HttpRequest) -> HttpResponse:
    """The cases of the children whom the reader works with; open ones unless asked otherwise."""
    rows = SchoolMove.objects.visible_to(request.user)
    found = MoveFilter(request.GET or {"state": "open"}, queryset=rows)
    chosen = found.qs if found.is_valid() else rows.none()
    pages = paginate(request, chosen.select_related("child").order_by("wanted_on", "pk"))
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    lost = lost_of(pages.rows)
    drawn = [_row(one, lost[one.pk]) for one in pages.rows]
    context = {
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "clear_href": f"{request.path}?state=",
        "table": table("School moves", COLUMNS, drawn, empty="No school move matches", caption_hidden=True),
        "may_nominate": bool(policies.can_nominate(request.user)),
    }
    return render(request, "referrals/moves.html", context)


@page(policy=policies.can_open, methods=("GET", "POST"), child=Child)
def open_(request: HttpRequest, child: Child) -> HttpResponse:
    """Open the case of a child, on its own or from a report of risk."""
    form = forms.MoveForm(sent(request), user=request.user, cancel_href=child.get_absolute_url())
    report = _report(request, child)
    if form.is_valid():
        act = attempt(form, lambda: actions.open_move(child=child, facts=form.facts(), report=report, by=request.user))
        if act:
            return done(request, "The case is open, as a draft.", act.get_absolute_url())
    intro = [
        "Few school moves are good ones. Think first whether the school can be kept; the case will ask it.",
        "Nobody is told before the move is proposed.",
    ]
    back = child.get_absolute_url()
    return form_page(request, form, heading="Open a school move", caption=child.name, back=back, intro=intro)


@page(policy=policies.can_read, move=SchoolMove)
def detail(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """The case: what stands before it and by which source, who is asked, where to, by when, and what may be done now."""
    ahead = outlook_of(move)
    offered, refused = move_page.offers(move, request.user, ahead)
    access.shown(request, move, fields=[FieldGroup.EDUCATION])
    context = {
        "move": move,
        "heading": f"School move: {move.what}",
        "rows": move_page.summary(move, request.user, ahead),
        "stops": move_page.stops(move, ahead, request.user),
        "consulted": move_page.consulted(move, ahead, request.user),
        "schools": move_page.proposed(move, ahead, request.user) if move.destination == "school" else None,
        "running": move_page.running(move, request.user),
        "clocks_ahead": move_page.clocks_ahead(move, ahead),
        "decisions": move_decided.decisions(move, request.user),
        "exceptions": move_decided.exceptions(move, request.user),
        "lost": move_page.lost(move),
        "sen": move_page.sen_answer(move, ahead),
        "actions": offered,
        "refused": refused,
    }
    return render(request, "referrals/move.html", context)


@page(policy=policies.can_write, methods=("GET", "POST"), move=SchoolMove)
def edit(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    back = move.get_absolute_url()
    form = forms.MoveForm(sent(request), initial=forms.MoveForm.of(move), user=request.user, cancel_href=back)
    if form.is_valid() and attempt(form, lambda: actions.change_facts(move=move, facts=form.facts(), by=request.user)):
        return done(request, "The case is changed.", back)
    return form_page(request, form, heading="Change what the case says", caption=move.child.name, back=back)


@page(policy=policies.can_answer_keep, methods=("GET", "POST"), move=SchoolMove)
def keep(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """The question that is always asked: distance, time, and who pays."""
    form = forms.KeepForm(sent(request), cancel_href=move.get_absolute_url())
    return _deed(
        request,
        move,
        form,
        lambda: actions.answer_keep(move=move, keep=form.facts(), by=request.user),
        heading="Could the school be kept?",
        said="The answer is saved.",
    )


@page(policy=policies.can_write, methods=("GET", "POST"), move=SchoolMove)
def school(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """Propose a school; those proposed stand below it, each with its way out."""
    form = forms.ProposedSchoolForm(sent(request), cancel_href=move.get_absolute_url())
    if request.method == "POST" and request.POST.get("drop"):
        gone = School.objects.visible_to(request.user).filter(urn=request.POST["drop"]).first()
        if gone is None:
            raise Http404
        actions.drop_school(move=move, school=gone, by=request.user)
        return done(request, f"{gone.name} is not proposed any more.", move.get_absolute_url())
    return _deed(
        request,
        move,
        form,
        lambda: actions.add_school(
            move=move,
            school=form.chosen_school,
            year_group=form.cleaned_data["year_group"],
            why=form.cleaned_data["why"],
            by=request.user,
        ),
        heading="Propose a school",
        said="The school is proposed.",
        template="referrals/move_school.html",
        drops=[
            {"text": f"Take out {one.school.name}", "fields": [{"name": "drop", "value": one.school.urn}]}
            for one in move.schools.select_related("school")
        ],
    )


@page(policy=policies.can_propose, methods=("GET", "POST"), move=SchoolMove)
def propose(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """Before it is proposed: who will be asked and who decides."""
    ahead = outlook_of(move)
    if request.method == "POST":
        actions.propose(move=move, by=request.user)
        return done(request, "The move is proposed. Everybody who is asked was told.", move.get_absolute_url())
    context = {
        "move": move,
        "action": request.path,
        "consulted": [capfirst(str(asked.who.label)) for asked in ahead.consultees],
        "waiting": [stop for stop in ahead.open if stop.key in (StopKey.KEEP, StopKey.SCHOOL)],
        "flagged": [stop for stop in ahead.stops if stop.key in (StopKey.NOMINATED, StopKey.HEAD)],
    }
    return render(request, "referrals/move_propose.html", context)


@page(policy=policies.can_read_view, methods=("GET", "POST"), view=Consultation)
def view_of(request: HttpRequest, view: Consultation) -> HttpResponse:
    """What somebody who is asked says: written by themself, or written down for them."""
    move = view.move
    _name_shown(request, view)
    own = bool(policies.can_answer_view(request.user, view)) and not policies.can_open_some(request.user)
    may = own or policies.can_write_down(request.user, view)
    back = move.get_absolute_url() if policies.can_read_moves(request.user) else move.child.get_absolute_url()
    asked = capfirst(view.get_consultee_display())
    if not may:
        if request.method == "POST":
            raise Refused(policies.can_write_down(request.user, view))
        context = {"view": view, "move": move, "rows": _view_rows(view, request.user), "back": back, "heading": asked}
        return render(request, "referrals/move_view.html", context)
    form: Any = (forms.OwnViewForm if own else forms.ViewForm)(
        sent(request),
        initial={
            "said": view.view,
            "words": view.words if policies.reads_view(request.user, view) else "",
            "who": view.who if policies.reads_name(request.user, view) else "",
        },
        cancel_href=back,
    )
    if form.is_valid():
        given = form.cleaned_data
        said = attempt(
            form,
            lambda: deciding.record_view(
                view=view, said=given["said"], words=given["words"], who=given.get("who", ""), by=request.user
            ),
        )
        if said:
            return done(request, "It is written down. Thank you." if own else "It is written down.", back)
    return form_page(
        request,
        form,
        heading=f"{asked}: the move",
        caption=move.child.name,
        back=back,
        rows=_view_rows(view, request.user),
    )


@page(policy=policies.can_except, methods=("GET", "POST"), move=SchoolMove)
def exception(request: HttpRequest, move: SchoolMove, stop: str) -> HttpResponse:
    """The Virtual School Head's exception, with its reason."""
    if stop not in (StopKey.HOME, StopKey.OUT_OF_YEAR, StopKey.LINE):
        raise Http404
    about = _school_of(request, move)
    form = forms.ExceptionForm(sent(request), cancel_href=move.get_absolute_url())
    name = f": {about.name}" if about else ""
    return _deed(
        request,
        move,
        form,
        lambda: deciding.make_exception(
            move=move, stop=stop, school=about, reason=form.cleaned_data["reason"], by=request.user
        ),
        heading=f"Make an exception from “{StopKey(stop).label}”{name}",
        said="The exception is made.",
        intro=[move_decided.EXCEPTION_ENDS],
    )


@page(policy=policies.can_decide_some, methods=("GET", "POST"), move=SchoolMove)
def decide(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """Approve or refuse, with everything that stands before it on the page."""
    ahead = outlook_of(move)
    require(policies.can_decide(request.user, move, ahead))
    nominated = ahead.has(StopKey.NOMINATED)
    form = forms.DecisionForm(sent(request), nominated=nominated, cancel_href=move.get_absolute_url())
    if form.is_valid() and attempt(form, lambda: deciding.decide(move=move, by=request.user, **form.decision())):
        return done(request, "The decision is kept, and whoever proposed the move is told.", move.get_absolute_url())
    context = {
        "move": move,
        "form": form,
        "rows": move_page.summary(move, request.user, ahead),
        "stops": move_page.stops(move, ahead, request.user),
        "consulted": move_page.consulted(move, ahead, request.user),
        "exceptions": move_decided.exceptions(move, request.user),
        "waiting": ahead.open,
    }
    return render(request, "referrals/move_decide.html", context)


@page(policy=policies.can_act, methods=("GET", "POST"), move=SchoolMove)
def act(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """An emergency: act now, account within two days."""
    form = forms.ActForm(sent(request), initial={"on": today()}, cancel_href=move.get_absolute_url())
    intro = [
        "The child moves before anybody approves it. The Virtual School Head, the advocate and the reviewing officer are told at once; in Years 10 and 11 the nominated officer, too.",
        "An account is due, and suitable full-time education without delay; both have a clock from that day.",
        "Home education, another year group and a school below the line stay refused.",
    ]
    return _deed(
        request,
        move,
        form,
        lambda: emergencies.act_now(
            move=move, why=form.cleaned_data["why"], on=form.cleaned_data["on"], by=request.user
        ),
        heading="It cannot wait",
        said="It is recorded as an emergency. Give the account as soon as you can.",
        intro=intro,
    )


@page(policy=policies.can_account, methods=("GET", "POST"), move=SchoolMove)
def account(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    form = forms.AccountForm(sent(request), cancel_href=move.get_absolute_url())
    return _deed(
        request,
        move,
        form,
        lambda: emergencies.account_for(move=move, words=form.cleaned_data["words"], by=request.user),
        heading="Give the account of the emergency",
        said="The account is given.",
    )


@page(policy=policies.can_enrol, methods=("GET", "POST"), move=SchoolMove)
def on_roll(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """The child comes on the new school's roll; the roll's guards look at the case once more."""
    schools = {one.school.urn: one.school for one in move.schools.select_related("school")}
    form = forms.OnRollForm(
        sent(request),
        initial={"start": move.wanted_on, "school": next(iter(schools), "")},
        schools=[(urn, one.name) for urn, one in schools.items()],
        cancel_href=move.get_absolute_url(),
    )
    return _deed(
        request,
        move,
        form,
        lambda: deciding.put_on_roll(
            move=move, school=schools[form.cleaned_data["school"]], start=form.cleaned_data["start"], by=request.user
        ),
        heading="Put the child on the new roll",
        said="The child is on the new school’s roll. A PEP for the new school is opened where one is due.",
    )


@page(policy=policies.can_complete, methods=("GET", "POST"), move=SchoolMove)
def complete(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    return _why(request, move, actions_end=deciding.complete, heading="Close the case", said="The case is closed.")


@page(policy=policies.can_revise, methods=("GET", "POST"), move=SchoolMove)
def revise(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    """Back to a draft, with a warning of what no longer holds."""
    form = forms.WhyForm(sent(request), cancel_href=move.get_absolute_url())
    return _deed(
        request,
        move,
        form,
        lambda: actions.revise(move=move, why=form.cleaned_data["words"], by=request.user),
        heading="Take it back",
        said="The case is a draft again.",
        intro=[
            "An approval and exceptions do not hold for what is proposed next.",
            "What was said stays on record. Where another move is proposed then, everybody is asked anew.",
        ],
    )


@page(policy=policies.can_withdraw, methods=("GET", "POST"), move=SchoolMove)
def withdraw(request: HttpRequest, move: SchoolMove) -> HttpResponse:
    return _why(request, move, actions_end=actions.withdraw, heading="Withdraw the move", said="The move is withdrawn.")


@page(policy=policies.can_nominate, methods=("GET", "POST"))
def officers(request: HttpRequest) -> HttpResponse:
    """Who approves for the council what regulation 10 asks approval for, and since when."""
    form = forms.NominationForm(sent(request), by=request.user, cancel_href=reverse("moves:list"))
    if form.is_valid():
        given = form.cleaned_data
        act = attempt(
            form,
            lambda: deciding.nominate(
                user=form.person(), start=given["start"], authority=given["authority"], by=request.user
            ),
        )
        if act:
            return done(request, f"{act.user.name} is nominated from {long_date(act.start)}.", request.path)
    drawn = [
        [
            Cell(one.user.name, hint=one.authority),
            long_date(one.start),
            _until(one, may_end=bool(policies.can_end_nomination(request.user, one))),
        ]
        for one in NominatedOfficer.objects.visible_to(request.user).select_related("user")
    ]
    columns = [Column("Who", header=True), Column("From"), Column("Until")]
    held = table(
        "Nominated officers", columns, drawn, empty="Nobody is nominated: no move in Years 10 and 11 can be approved"
    )
    return render(request, "referrals/officers.html", {"form": form, "table": held})


@page(policy=policies.can_end_nomination, methods=("GET", "POST"), officer=NominatedOfficer)
def officer_end(request: HttpRequest, officer: NominatedOfficer) -> HttpResponse:
    back = reverse("moves:officers")
    to_come = officer.start > today()
    form = forms.NominationEndForm(sent(request), initial={"on": officer.start if to_come else None}, cancel_href=back)
    if form.is_valid() and attempt(
        form, lambda: deciding.end_nomination(officer=officer, on=form.cleaned_data["on"], by=request.user)
    ):
        return done(request, "The nomination ends.", back)
    intro = [f"It begins on {long_date(officer.start)}. To cancel it, give that day."] if to_come else []
    return form_page(request, form, heading="End a nomination", caption=officer.user.name, back=back, intro=intro)


# ---------------------------------------------------------------- steps


def _deed(
    request: HttpRequest,
    move: SchoolMove,
    form: Any,
    act: Any,
    *,
    heading: str,
    said: str,
    intro: Any = (),
    template: str = "",
    **context: Any,
) -> HttpResponse:
    """One deed on a case: its form, what it says, and back to the case."""
    back = move.get_absolute_url()
    if form.is_valid() and attempt(form, lambda: act() or True):
        return done(request, said, back)
    if template:
        more = {
            "action": request.path,
            "form": form,
            "heading": heading,
            "caption": move.child.name,
            "back": back,
            "intro": intro,
        }
        return render(request, template, {**more, **context})
    return form_page(request, form, heading=heading, caption=move.child.name, back=back, intro=intro)


def _why(request: HttpRequest, move: SchoolMove, *, actions_end: Any, heading: str, said: str) -> HttpResponse:
    form = forms.WhyForm(sent(request), cancel_href=move.get_absolute_url())
    return _deed(
        request,
        move,
        form,
        lambda: actions_end(move=move, words=form.cleaned_data["words"], by=request.user),
        heading=heading,
        said=said,
    )


def _until(one: NominatedOfficer, *, may_end: bool) -> Cell:
    if one.end is None:
        return Cell("End it", href=reverse("moves:officer_end", args=[one.uuid])) if may_end else Cell("Not ended")
    return Cell("Cancelled before it began" if one.end == one.start else long_date(one.end))


def _row(one: SchoolMove, lost: Lost) -> list[Any]:
    year = curriculum_year_words(curriculum_year(one.child.date_of_birth, today()))
    return [
        Cell(one.child.name, href=one.child.get_absolute_url(), hint=year),
        Cell(capfirst(one.what), href=one.get_absolute_url(), hint="Emergency" if one.emergency else ""),
        long_date(one.wanted_on),
        Cell("", tag=move_page.tag(one), hint=f"since {long_date(one.since)}"),
        Cell(lost.number, href=one.get_absolute_url() if lost.days else ""),
    ]


def _report(request: HttpRequest, child: Child) -> RiskReport | None:
    """The report of risk that the case comes from, as the address names it."""
    named = request.GET.get("report", "")
    reports = RiskReport.objects.visible_to(request.user).filter(child=child)
    return next((one for one in reports if str(one.uuid) == named), None) if named else None


def _school_of(request: HttpRequest, move: SchoolMove) -> School | None:
    urn = request.GET.get("school", "")
    if not urn:
        return None
    one = move.schools.filter(school__urn=urn).select_related("school").first()
    if one is None:
        raise Http404
    return one.school


def _name_shown(request: HttpRequest, view: Consultation) -> None:
    """A carer's or a parent's name goes into the access log by its group."""
    group = policies.NAMED.get(view.consultee)
    if group and view.who and policies.reads_name(request.user, view):
        access.shown(request, view.move, fields=[group])


def _view_rows(view: Consultation, user: Any) -> list[dict[str, Any]]:
    """What somebody who is asked reads: the reason as it is meant for them, never the circumstances of the home."""
    move = view.move
    rows: list[dict[str, Any]] = [
        {"key": "What would change", "value": capfirst(move.what)},
        {"key": "Wanted from", "value": long_date(move.wanted_on)},
        {"key": "Why", "value": move.reason},
        {"key": "Asked on", "value": long_date(view.asked_on)},
    ]
    if view.view:
        said = [view.words] if policies.reads_view(user, view) else []
        lines = [*said, move_page.said_by(view, named=policies.reads_name(user, view))]
        rows.append({"key": "Said", "value": capfirst(view.get_view_display()), "lines": lines})
    return rows
