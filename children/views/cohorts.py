"""The cohorts beside the roll: previously in care, placed here by other councils, and figures."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from children import codes, policies
from children.actions import cohorts, hosted, previously
from children.enums import Cohort
from children.figures import Figure, suppressed
from children.forms.common import EndForm
from children.forms.registers import AdviseForm, AgreementForm, AskForm, FigureForm, HostedForm, PreviouslyForm
from children.models import Child, CohortFigure, Enquiry, HostedChild, PreviouslyInCare
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.rulebook import rules

PROPOSED_FOR = timedelta(days=365)


# ---------------------------------------------------------------- previously in care


@page(policies.can_advise)
def previously_list(request: HttpRequest) -> HttpResponse:
    """The register of families who asked, and recent leavers who may ask."""
    pages = paginate(request, PreviouslyInCare.objects.visible_to(request.user).order_by("name", "pk"))
    rows = [
        [
            Cell(kept.name, href=reverse("children:previously_record", args=[kept.uuid])),
            kept.get_basis_display().capitalize(),
            long_date(kept.since),
            _standing(request, kept),
        ]
        for kept in pages.rows
    ]
    proposed = list(_proposed(request).order_by("-left_on", "pk")[:50])
    access.shown(request, [*proposed, *(kept for kept in pages.rows if kept.child_id)], kind=AccessKind.LIST)
    context = {
        "table": table(
            "Families who asked", ["Name", "Left care by", "Since", "Advice"], rows, empty="No family has asked"
        ),
        "pages": pages,
        "proposed": _proposals(proposed),
        "add_href": reverse("children:previously_add"),
        "back": reverse("overview:roll"),
    }
    return render(request, "children/previously.html", context)


@page(policies.can_advise, methods=("GET", "POST"))
def previously_add(request: HttpRequest) -> HttpResponse:
    """Open a record when a family asks: afresh, or for a recent leaver."""
    child = _proposed_child(request)
    form = PreviouslyForm(sent(request), initial=_known_of(child), cancel_href=reverse("children:previously"))
    if form.is_valid():
        kept = attempt(form, lambda: previously.register(child=child, by=request.user, **form.record()))
        if kept:
            return done(request, "The record is open.", reverse("children:previously_record", args=[kept.uuid]))
    intro = [
        "Only for a family who asked. Nothing is tracked, and advice needs their agreement and evidence of status."
    ]
    return form_page(request, form, heading="Previously in care", back=reverse("children:previously"), intro=intro)


@page(policies.can_keep_previously_in_care, record=PreviouslyInCare)
def previously_record(request: HttpRequest, record: PreviouslyInCare) -> HttpResponse:
    """One family's record: status, agreement, evidence, and what they asked."""
    may = policies.can_advise_on(request.user, record)
    enquiries = record.enquiries.select_related("advised_by").order_by("-asked_on", "-pk")
    context = {
        "record": record,
        "rows": _facts(record),
        "verdict": None if may else {"reason": may.reason, "source": may.source},
        "items": [_told(enquiry, bool(may)) for enquiry in enquiries],
        "actions": _what_next(record),
        "back": reverse("children:previously"),
    }
    return render(request, "children/previously_record.html", context)


@page(policies.can_keep_previously_in_care, methods=("GET", "POST"), record=PreviouslyInCare)
def previously_agree(request: HttpRequest, record: PreviouslyInCare) -> HttpResponse:
    here = reverse("children:previously_record", args=[record.uuid])
    form = AgreementForm(sent(request), cancel_href=here)
    if form.is_valid():
        facts = form.cleaned_data
        if attempt(form, lambda: previously.record_agreement(about=record, by=request.user, **facts)):
            return done(request, "Agreement and evidence are recorded.", here)
    return form_page(request, form, heading="Agreement and evidence", caption=record.name, back=here)


@page(policies.can_keep_previously_in_care, methods=("POST",), record=PreviouslyInCare)
def previously_withdraw(request: HttpRequest, record: PreviouslyInCare) -> HttpResponse:
    previously.withdraw_agreement(about=record, by=request.user)
    here = reverse("children:previously_record", args=[record.uuid])
    return done(request, "It is recorded that the agreement was withdrawn.", here)


@page(policies.can_keep_previously_in_care, methods=("GET", "POST"), record=PreviouslyInCare)
def previously_ask(request: HttpRequest, record: PreviouslyInCare) -> HttpResponse:
    here = reverse("children:previously_record", args=[record.uuid])
    form = AskForm(sent(request), cancel_href=here)
    if form.is_valid():
        facts = form.cleaned_data
        if attempt(form, lambda: previously.ask(about=record, by=request.user, **facts)):
            return done(request, "The enquiry is saved.", here)
    return form_page(request, form, heading="New enquiry", caption=record.name, back=here)


@page(policies.can_answer_enquiry, methods=("GET", "POST"), enquiry=Enquiry)
def advise(request: HttpRequest, enquiry: Enquiry) -> HttpResponse:
    here = reverse("children:previously_record", args=[enquiry.about.uuid])
    form = AdviseForm(sent(request), cancel_href=here)
    if form.is_valid():
        words = form.cleaned_data["advice"]
        if attempt(form, lambda: previously.advise(enquiry=enquiry, advice=words, by=request.user)):
            return done(request, "The advice is recorded.", here)
    rows = [{"key": f"{enquiry.asked_by} asked on {long_date(enquiry.asked_on)}", "value": enquiry.question}]
    return form_page(request, form, heading="Give advice", caption=enquiry.about.name, back=here, rows=rows)


# ---------------------------------------------------------------- placed here by other councils


@page(policies.can_see_hosted)
def hosted_list(request: HttpRequest) -> HttpResponse:
    """Children whom other councils placed here, those still here first."""
    found = HostedChild.objects.visible_to(request.user).select_related("home_authority", "school")
    pages = paginate(request, found.order_by("-end", "name", "pk"))
    may_keep = policies.can_keep_hosted(request.user)
    rows = [
        [
            Cell(kept.name, hint=kept.asked_of_us),
            kept.home_authority.name,
            kept.contact,
            kept.school.name if kept.school else "",
            Cell(f"From {long_date(kept.start)}", hint=f"until {long_date(kept.end)}" if kept.end else ""),
            _hosted_action(kept) if may_keep else "",
        ]
        for kept in pages.rows
    ]
    heads = ["Name", "Home council", "Contact", "School", "Here", "Action"]
    context = {
        "table": table("Children placed here", heads, rows, empty="Nobody is recorded", caption_hidden=True),
        "pages": pages,
        "add_href": reverse("children:hosted_add") if may_keep else "",
        "back": reverse("overview:roll"),
    }
    return render(request, "children/hosted.html", context)


@page(policies.can_keep_hosted, methods=("GET", "POST"))
def hosted_add(request: HttpRequest) -> HttpResponse:
    here = reverse("children:hosted")
    form = HostedForm(sent(request), cancel_href=here)
    if form.is_valid():
        names = ("name", "home_authority", "contact", "start", "asked_of_us", "key")
        facts = {name: form.cleaned_data[name] for name in names}
        if attempt(form, lambda: hosted.add_hosted(school=form.chosen_school, by=request.user, **facts)):
            return done(request, "The child is added to the register.", here)
    return form_page(request, form, heading="A child placed here by another council", back=here)


@page(policies.can_end_hosted, methods=("GET", "POST"), hosted_child=HostedChild)
def hosted_end(request: HttpRequest, hosted_child: HostedChild) -> HttpResponse:
    here = reverse("children:hosted")
    form = EndForm(sent(request), submit_label="Record the end", cancel_href=here)
    if form.is_valid():
        end = form.cleaned_data["end"]
        if attempt(form, lambda: hosted.end_hosted(hosted=hosted_child, end=end, by=request.user)):
            return done(request, "The end is recorded.", here)
    return form_page(request, form, heading="No longer placed here", caption=hosted_child.name, back=here)


# ---------------------------------------------------------------- figures


@page(policies.can_read_figures)
def figures(request: HttpRequest) -> HttpResponse:
    """Figures on children with a social worker and in kinship care. Small ones are hidden, and no page shows a child."""
    rule = rules.get("report.suppress_below", on=today())
    names = ("cohort", "measure", "area", "on", "count", "out_of", "source")
    rows = CohortFigure.objects.order_by("cohort", "measure", "-on", "area").values(*names)
    shown = suppressed(list(rows), rule.value)
    context = {
        "tables": [_figures_table(cohort, [row for row in shown if row.cohort == cohort]) for cohort in Cohort],
        "hidden_below": rule.value,
        "add_href": reverse("children:figure_add"),
        "back": reverse("overview:roll"),
    }
    return render(request, "children/figures.html", context)


@page(policies.can_read_figures, methods=("GET", "POST"))
def figure_add(request: HttpRequest) -> HttpResponse:
    here = reverse("children:figures")
    form = FigureForm(sent(request), cancel_href=here)
    if form.is_valid():
        facts = form.cleaned_data
        if attempt(form, lambda: cohorts.record_figure(by=request.user, **facts)):
            return done(request, "The figure is saved.", here)
    return form_page(request, form, heading="Add a figure", back=here)


# ---------------------------------------------------------------- steps


def _standing(request: HttpRequest, kept: PreviouslyInCare) -> Cell:
    may = policies.can_advise_on(request.user, kept)
    return Cell(tag={"text": "May be given", "colour": "green"}) if may else Cell(hint=may.reason)


def _proposed(request: HttpRequest) -> QuerySet:
    since = today() - PROPOSED_FOR
    return Child.objects.proposed_for(request.user, reasons=list(codes.PREVIOUSLY_IN_CARE), since=since)


def _proposals(children: list[Child]) -> Any:
    rows = [
        [
            child.name,
            codes.PREVIOUSLY_IN_CARE[child.left_because].label.capitalize(),
            long_date(child.left_on),
            Cell(
                "Open a record",
                href=f"{reverse('children:previously_add')}?child={child.uuid}",
                hidden=f"for {child.name}",
            ),
        ]
        for child in children
    ]
    heads = ["Child", "Left care by", "On", "When the family asks"]
    return table("Left care in the last year", heads, rows, empty="Nobody left care in this way in the last year")


def _proposed_child(request: HttpRequest) -> Child | None:
    uuid = request.POST.get("child", "") if request.method == "POST" else request.GET.get("child", "")
    if not uuid:
        return None
    try:
        child = _proposed(request).filter(uuid=uuid).first()
    except ValidationError as wrong:
        raise Http404 from wrong
    if child is None:
        raise Http404
    access.shown(request, child)
    return child


def _known_of(child: Child | None) -> dict[str, Any]:
    if child is None:
        return {}
    return {
        "child": child.uuid,
        "name": child.name,
        "year_of_birth": child.date_of_birth.year,
        "basis": codes.PREVIOUSLY_IN_CARE[child.left_because],
        "since": child.left_on,
    }


def _facts(record: PreviouslyInCare) -> list[dict[str, Any]]:
    agreed = f"{record.agreed_by}, on {long_date(record.agreed_on)}" if record.agreed_on else ""
    evidence = f"{record.evidence}, seen on {long_date(record.evidence_seen_on)}" if record.evidence_seen_on else ""
    rows = [
        {"key": "Left care by", "value": f"{record.get_basis_display().capitalize()}, on {long_date(record.since)}"},
        {"key": "Year of birth", "value": record.year_of_birth, "missing": "Not recorded"},
        {"key": "School", "value": record.school_name, "missing": "Not recorded"},
        {"key": "Agreement", "value": agreed, "missing": "Nobody has agreed"},
        {"key": "Evidence of status", "value": evidence, "missing": "None seen"},
    ]
    if record.agreement_withdrawn_on:
        rows.append({"key": "Agreement withdrawn", "value": long_date(record.agreement_withdrawn_on)})
    return rows


def _told(enquiry: Enquiry, may_advise: bool) -> dict[str, Any]:
    told = {
        "when": enquiry.asked_on,
        "title": f"{enquiry.asked_by} asked",
        "text": enquiry.question,
        "lines": [],
    }
    if enquiry.advised_on:
        told["lines"] = [f"{enquiry.advised_by} advised on {long_date(enquiry.advised_on)}:", enquiry.advice]
    elif may_advise:
        told |= {"href": reverse("children:advise", args=[enquiry.uuid]), "link_text": "Give advice"}
    return told


def _what_next(record: PreviouslyInCare) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = [
        {"text": "New enquiry", "href": reverse("children:previously_ask", args=[record.uuid])},
        {
            "text": "Agreement and evidence",
            "href": reverse("children:previously_agree", args=[record.uuid]),
            "kind": "secondary",
        },
    ]
    if record.agreed_on and not record.agreement_withdrawn_on:
        withdraw = reverse("children:previously_withdraw", args=[record.uuid])
        actions.append({"text": "The agreement was withdrawn", "action": withdraw, "kind": "warning"})
    return actions


def _hosted_action(kept: HostedChild) -> Cell:
    if kept.end:
        return Cell()
    return Cell("No longer here", href=reverse("children:hosted_end", args=[kept.uuid]), hidden=kept.name)


def _figures_table(cohort: Cohort, rows: list[Figure]) -> Any:
    heads = ["Measure", "Area", "As at", Column("Children", numeric=True), Column("Out of", numeric=True), "Source"]
    lines = [
        [
            row.measure,
            row.area,
            long_date(row.on),
            "hidden" if row.hidden else str(row.count),
            "" if row.out_of is None else str(row.out_of),
            row.source,
        ]
        for row in rows
    ]
    return table(cohort.label.capitalize(), heads, lines, empty=f"No figures on {cohort.label}")
