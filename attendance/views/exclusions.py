"""Suspensions and permanent exclusions: the register, a child's own with its running totals, and one with all that follows from it."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from attendance.actions import exclusion_clocks, exclusions
from attendance.exclusions import days as exclusion_days
from attendance.exclusions import evidence as exclusion_evidence
from attendance.exclusions import repeated
from attendance.exclusions import words as exclusion_words
from attendance.exclusions.page import context_of
from attendance.filters.exclusions import ExclusionFilter
from attendance.forms.exclusions import CorrectExclusionForm, ExclusionForm, ProvisionForm, StepForm
from attendance.models import Exclusion
from attendance.policies import exclusions as policies
from children.models import Child
from peps.policies.planning import can_open
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.rulebook import calendars

GROUPS = [FieldGroup.ATTENDANCE]
COLUMNS = [Column("Child"), Column("What"), Column("School"), Column("Days"), Column("State")]
OF_CHILD = [Column("What"), Column("School"), Column("Days away", numeric=True), Column("State")]
FILE = [
    "Council's id", "Last name", "First names", "School", "URN", "Kind", "First day", "First day back",
    "Half days", "Reasons", "State", "Taught meanwhile", "Taught from", "Notice given",
]  # fmt: skip
NEW = "Record a suspension or permanent exclusion"


@page(policies.can_list)
def register(request: HttpRequest) -> HttpResponse:
    """All that the reader may know of, the newest first."""
    rows = Exclusion.objects.visible_to(request.user)
    found = ExclusionFilter(request.GET or None, queryset=rows)
    pages = paginate(request, found.qs.select_related("child", "school").order_by("-start", "-pk"))
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    query = request.GET.urlencode()
    href = f"{reverse('attendance:exclusions_file')}{f'?{query}' if query else ''}"
    context = {
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "clear_href": request.path,
        "csv_href": href if policies.can_take_away(request.user) else "",
        "table": table(
            "Suspensions and exclusions",
            COLUMNS,
            [_row(one) for one in pages.rows],
            empty="None matches",
            caption_hidden=True,
        ),
        "may_record": bool(policies.can_record(request.user)),
    }
    return render(request, "attendance/exclusions.html", context)


@page(policies.can_take_away)
def file(request: HttpRequest) -> HttpResponse:
    """What the filter shows, as CSV. Logged with every child in it."""
    rows = ExclusionFilter(request.GET or None, queryset=Exclusion.objects.visible_to(request.user)).qs
    found = list(rows.select_related("child", "school").order_by("-start", "-pk"))
    access.shown(request, found, kind=AccessKind.EXPORT)
    log.record("exclusion.exported", by=request.user, subject=request.user, data={"rows": len(found)})
    return csv_file(f"suspensions-{today().isoformat()}", csvfiles.write(FILE, map(_line, found)))


@page(policies.can_read_of, child=Child)
def of_child(request: HttpRequest, child: Child) -> HttpResponse:
    """A child's, with the days of the term and the academic year; each number opens the rows that it counts."""
    on, known = today(), calendars.load()
    rows = list(Exclusion.objects.visible_to(request.user).filter(child=child).select_related("school"))
    everywhere = Exclusion.objects.filter(child=child).given().select_related("school")
    totals = exclusion_days.totals(everywhere, on, known)
    span = exclusion_days.spans(on, known).get(request.GET.get("of", ""))
    shown = [one for one in rows if span is None or exclusion_days.within(one, span, known)]
    unseen = totals.in_year - exclusion_days.totals(rows, on, known).in_year
    access.shown(request, child, fields=GROUPS)
    context = {
        "child": child,
        "figures": _figures(request.path, totals),
        "follows": exclusion_days.follows(totals, exclusion_days.pack(on)),
        "elsewhere": f"{exclusion_days.days(unseen)} of the year were at another school, which keeps its own record."
        if unseen
        else "",
        "only": span.words if span else "",
        **_early_pep(request.user, child, list(everywhere), on),
        "table": table(
            "Suspensions and exclusions",
            OF_CHILD,
            [_own_row(one, known) for one in shown],
            empty="None recorded",
            caption_hidden=True,
        ),
        "may_record": bool(policies.can_record_for(request.user, child)),
    }
    return render(request, "attendance/exclusions_of.html", context)


def _early_pep(user: User, child: Child, rows: list[Exclusion], on: date) -> dict[str, Any]:
    """That an early PEP meeting is asked for, for those who read PEPs, with the way to open one for those who may."""
    if not user.reads(repeated.GROUP):
        return {}
    may_open = bool(can_open(user, child))
    return {
        "early_pep": [f"{words}." for words in repeated.of_child(rows, on)],
        "early_pep_source": repeated.rule(on).source,
        "open_pep_href": reverse("peps:open", args=[child.uuid]) if may_open else "",
    }


@page(policies.can_record_for, methods=("GET", "POST"), child=Child)
def add(request: HttpRequest, child: Child) -> HttpResponse:
    """Record one. Social worker, advocate and head are told at once."""
    back = reverse("attendance:exclusions_of", args=[child.uuid])
    form = ExclusionForm(sent(request), child=child, by=request.user, cancel_href=back)
    if form.is_valid():
        made = attempt(
            form,
            lambda: exclusions.record_exclusion(
                child=child, school=form.school_chosen(), facts=form.facts(), proposed=form.proposed, by=request.user
            ),
        )
        if made:
            words = "It is recorded, and the social worker and the Virtual School are told."
            return done(request, words, made.get_absolute_url())
    warning = "" if form.schools else "No school is recorded for this child. Record the school first."
    return form_page(request, form, heading=NEW, caption=child.name, back=back, warning=warning)


@page(policies.can_read_one, exclusion=Exclusion)
def detail(request: HttpRequest, exclusion: Exclusion) -> HttpResponse:
    """One, with who was told, what is owed by when, what the register says, and every step."""
    access.shown(request, exclusion, fields=GROUPS)
    return render(request, "attendance/exclusion.html", context_of(exclusion, request.user))


@page(policies.can_change, methods=("GET", "POST"), exclusion=Exclusion)
def correct(request: HttpRequest, exclusion: Exclusion) -> HttpResponse:
    """Put right what was recorded, with a reason."""
    form = CorrectExclusionForm(
        sent(request),
        child=exclusion.child,
        by=request.user,
        held=exclusion,
        initial={"seen": exclusions.seen_of(exclusion)},
        cancel_href=exclusion.get_absolute_url(),
    )
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("why", "seen")}
        facts = form.facts()
        if attempt(
            form, lambda: exclusions.correct_exclusion(exclusion=exclusion, facts=facts, by=request.user, **given)
        ):
            return done(request, "The correction is saved.", exclusion.get_absolute_url())
    return _form(request, form, exclusion, "Correct what is recorded")


@page(policies.can_change, methods=("GET", "POST"), exclusion=Exclusion)
def provision(request: HttpRequest, exclusion: Exclusion) -> HttpResponse:
    """Say where the child is taught meanwhile."""
    initial = {"where": exclusion.provision, "start": exclusion.provision_from}
    form = ProvisionForm(sent(request), initial=initial, cancel_href=exclusion.get_absolute_url())
    if form.is_valid() and attempt(
        form, lambda: exclusions.name_provision(exclusion=exclusion, by=request.user, **form.cleaned_data)
    ):
        return done(request, "It is saved where the child is taught.", exclusion.get_absolute_url())
    return _form(request, form, exclusion, "Where the child is taught")


@page(policies.can_change, methods=("GET", "POST"), exclusion=Exclusion)
def step(request: HttpRequest, exclusion: Exclusion, event: str) -> HttpResponse:
    """Take it one step on."""
    known = exclusion_words.STEPS.get(event)
    if known is None or not any(row.event == event for row in exclusion.table.transitions):
        raise Http404
    exclusion.table.target(exclusion.state, event)
    form = StepForm(
        sent(request),
        label=known.button,
        asks_meeting=known.asks_meeting,
        initial={"seen": exclusion.state, "on": today()},
        cancel_href=exclusion.get_absolute_url(),
    )
    form.submit_kind = "warning" if known.grave else ""
    if form.is_valid():
        facts = form.cleaned_data
        if attempt(form, lambda: exclusions.move_on(exclusion=exclusion, event=event, by=request.user, **facts)):
            return done(request, "It is saved, and those concerned are told.", _after(request, exclusion))
    return _form(request, form, exclusion, known.button, intro=[known.says, *_still_open(exclusion, event)])


def _after(request: HttpRequest, exclusion: Exclusion) -> str:
    """Back to it, unless the child has come off the reader's school's roll by it."""
    known = Exclusion.objects.visible_to(request.user).filter(pk=exclusion.pk).exists()
    return exclusion.get_absolute_url() if known else reverse("attendance:exclusions")


def _still_open(exclusion: Exclusion, event: str) -> list[str]:
    """A review may still be asked for: the roll is closed before that only when the family has said in writing that it will not."""
    if event != "confirm":
        return []
    waiting = exclusion_clocks.clocks_of(exclusion).running().filter(rule__key=exclusion_clocks.REVIEW).first()
    if waiting is None or waiting.due_on is None or waiting.due_on < today():
        return []
    words = f"A review may be asked for until {long_date(waiting.due_on)}. Go on only if the carer or parent has said in writing that they will not ask, and say so below."
    return [f"{words} Source: {waiting.rule.source}."]


def _form(request: HttpRequest, form: Any, exclusion: Exclusion, heading: str, intro: Any = ()) -> HttpResponse:
    return form_page(
        request,
        form,
        heading=heading,
        caption=f"{exclusion.child.name}: {exclusion_evidence.title(exclusion).lower()}",
        back=exclusion.get_absolute_url(),
        intro=intro,
    )


def _row(one: Exclusion) -> list[Any]:
    return [
        Cell(one.child.name, href=reverse("attendance:exclusions_of", args=[one.child.uuid])),
        Cell(exclusion_evidence.title(one), href=one.get_absolute_url()),
        one.school.name,
        capfirst(exclusion_evidence.when(one)),
        Cell("", tag=exclusion_words.tag(one)),
    ]


def _own_row(one: Exclusion, known: calendars.Calendars) -> list[Any]:
    counted = sum(exclusion_days.of(one, known).values())
    return [
        Cell(exclusion_evidence.title(one), href=one.get_absolute_url(), hint=exclusion_evidence.when(one)),
        one.school.name,
        f"{counted / 2:g}" if one.sessions else "–",
        Cell("", tag=exclusion_words.tag(one)),
    ]


def _line(one: Exclusion) -> list[Any]:
    return [
        one.child.child_id,
        one.child.last_name,
        one.child.first_names,
        one.school.name,
        one.school.urn,
        one.get_kind_display(),
        one.start.isoformat(),
        one.end.isoformat() if one.end else "",
        one.sessions if one.sessions is not None else "",
        " ".join(one.reasons),
        one.get_state_display(),
        one.provision,
        one.provision_from.isoformat() if one.provision_from else "",
        one.given_on.isoformat() if one.given_on else "",
    ]


def _figures(path: str, totals: exclusion_days.Totals) -> list[dict[str, Any]]:
    spans = ((totals.term, totals.in_term), (totals.year, totals.in_year))
    return [
        {
            "number": f"{sessions / 2:g}",
            "label": f"{'day' if sessions == 2 else 'days'} in {span.words}",
            "href": f"{path}?of={span.key}",
            "note": "Lunchtimes count half a day, whichever school it was.",
        }
        for span, sessions in spans
    ]
