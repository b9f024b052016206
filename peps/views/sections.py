"""A section: to read, to finish, and to settle where two people wrote the same answer. Writing in it is ``writing``."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from peps import frozen, layouts, policies, record, statements
from peps.actions import writing
from peps.forms.sections import SettleForm
from peps.layouts import FieldSpec
from peps.models import Pep, PepSection, PepSetAside, VoiceStatement
from peps.policies import Standing
from peps.views import common, delegating, files
from peps.views.reading import answer_rows
from peps.views.records import shown
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import done
from virtualschool.kernel.verdicts import require

SET_ASIDE = "Somebody else saved the same answer while you were writing. Nothing is lost: choose which stays."


@page(policies.can_read_section, section=PepSection)
def section(request: HttpRequest, section: PepSection) -> HttpResponse:
    """What stands in the section, of what the reader's role reads."""
    section = whole(section)
    at = policies.standing(request.user, section.pep)
    note(request, section)
    reopen = policies.can_reopen_section(request.user, section, at)
    reads, said = request.user.role_class.reads, _said(section)
    kept, record_words = frozen.behind(section.pep)
    context = {
        "section": section,
        "heading": common.section_title(section),
        "caption": common.caption(section.pep),
        "tag": common.section_tag(section),
        "crumbs": common.section_crumbs(section, at),
        "rows": answer_rows(reads, section, said),
        "record": record.beside(kept, section.key, reads),
        "record_words": record_words,
        "said": statements.rows(reads, section, said),
        "guidance": layouts.of_version(section.pep.layout).section(section.key).guidance,
        "returned_why": section.returned_why,
        "write_href": reverse("peps:write", args=[section.uuid])
        if policies.can_write_section(request.user, section, at)
        else "",
        "reopen_href": reverse("peps:reopen", args=[section.uuid]) if reopen else "",
        "targets_href": targets_href(section, at),
        "files": files.of_section(request.user, section, at),
    }
    return render(request, "peps/section.html", context | delegating.told(request.user, section, at))


@page(policies.can_complete_section, methods=("POST",), section=PepSection)
def complete(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Finish a section whose answers are there."""
    try:
        writing.complete_section(section=section, by=request.user)
    except writing.Incomplete:
        return redirect("peps:write", section=section.uuid)
    at = policies.standing(request.user, section.pep)
    return done(request, f"“{common.section_title(section)}” is finished.", common.way_back(section.pep, at))


@page(policies.can_reopen_section, methods=("POST",), section=PepSection)
def reopen(request: HttpRequest, section: PepSection) -> HttpResponse:
    writing.reopen_section(section=section, by=request.user)
    return redirect("peps:write", section=section.uuid)


@page(policies.can_read_section, methods=("GET", "POST"), section=PepSection)
def conflicts(request: HttpRequest, section: PepSection) -> HttpResponse:
    """Both answers side by side, for whoever may write the section: the one that stands and the one that was set aside."""
    section = whole(section)
    specs = {spec.key: spec for spec in policies.readable_fields(request.user, section)}
    asides = list(PepSetAside.objects.filter(section=section, field__in=specs).select_related("by"))
    if not asides:
        return redirect("peps:section", section=section.uuid)
    at = policies.standing(request.user, section.pep)
    require(policies.can_write_section(request.user, section, at))
    note(request, section)
    labels = {aside.pk: specs[aside.field].label for aside in asides}
    form = SettleForm(request.POST or None, asides=asides, labels=labels, cancel_href=common.way_back(section.pep, at))
    if form.is_valid():
        for aside, choice in form.choices():
            writing.settle(aside=aside, choice=choice, by=request.user)
        return done(request, "Your choices are kept.", reverse("peps:write", args=[section.uuid]))
    context = {
        "form": form,
        "heading": "Two answers to one question",
        "caption": common.caption(section.pep),
        "back": common.way_back(section.pep, at),
        "pairs": [_pair(aside, specs[aside.field], section) for aside in asides],
        "intro": SET_ASIDE,
    }
    return render(request, "peps/conflicts.html", context)


@page(policies.can_add_section, methods=("POST",), pep=Pep)
def add_section(request: HttpRequest, pep: Pep) -> HttpResponse:
    """A section that the PEP was opened without."""
    added = writing.add_section(pep=pep, key=request.POST.get("section", ""), by=request.user)
    return done(request, f"“{common.section_title(added)}” is added.", pep.get_absolute_url())


# ---------------------------------------------------------------- steps


def whole(section: PepSection) -> PepSection:
    """The section with its PEP, child and answers."""
    rows = PepSection.objects.select_related("pep__child", "pep__school", "completed_by")
    return rows.prefetch_related("answers__written_by").get(pk=section.pk)


def note(request: HttpRequest, section: PepSection) -> None:
    groups = {spec.reads.value for spec in policies.readable_fields(request.user, section)}
    access.shown(request, section, fields=sorted(groups))


def targets_href(section: PepSection, at: Standing) -> str:
    """Where the rows of this section are, for the two that have rows; nobody is given one of these alone."""
    has_rows = section.key in policies.WITH_ROWS and common.knows_the_pep(at)
    return reverse("peps:targets", args=[section.pep.uuid]) if has_rows else ""


def known(request: HttpRequest, section: PepSection, found: record.Record | None = None) -> list[dict[str, Any]]:
    """What the record says of the matter, of what the reader's role reads. ``found``: the record, where it was looked up."""
    return record.beside(found or record.Record(section.pep), section.key, request.user.role_class.reads)


def said_in(request: HttpRequest, section: PepSection) -> list[dict[str, Any]]:
    """What the child, a carer or a parent gave by a link, in the sections where it stands."""
    return statements.rows(request.user.role_class.reads, section, _said(section))


def _said(section: PepSection) -> list[VoiceStatement]:
    return statements.of(section.pep) if section.key in statements.SHOWN_IN else []


def _pair(aside: PepSetAside, spec: FieldSpec, section: PepSection) -> dict[str, Any]:
    answer = next((one for one in section.answers.all() if one.field == aside.field), None)
    theirs = f"Stands: {answer.writers}, {long_moment(answer.written_at)}" if answer else "Nobody"
    rows = [
        {"key": theirs, "value": "", **(shown(spec, answer.value) if answer else {})},
        {"key": f"Set aside: {aside.by}, {long_moment(aside.at)}", "value": "", **shown(spec, aside.value)},
    ]
    return {"title": spec.label, "rows": rows}
