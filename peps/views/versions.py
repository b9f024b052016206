"""The numbered versions of a PEP, each as it stood; and opening a completed one to be changed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from peps import layouts, policies, rubrics
from peps.actions.amending import amend_pep
from peps.forms.amending import AmendForm
from peps.models import Pep, PepSection, PepVersion
from peps.policies_second import unseen_grades
from peps.views import blind, common, kept
from peps.views.grading import LABELS, band_tag, mark_rows
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import done, form_page, sent
from virtualschool.kernel.tables import Cell, Column, table

COLUMNS = [Column("Version"), Column("Completed"), Column("Grade"), Column("Why it was changed")]


@page(policies.can_amend, methods=("GET", "POST"), pep=Pep)
def amend(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Say why a completed PEP is changed, and where."""
    form = AmendForm(sent(request), sections=section_choices(pep), cancel_href=pep.get_absolute_url())
    if form.is_valid():
        amend_pep(pep=pep, by=request.user, **form.cleaned_data)
        return done(request, "The sections are open. The version before stays as it was.", pep.get_absolute_url())
    intro = [
        "The PEP goes back to those who write the sections, is sent in again and answered again, and becomes a new version.",
        "What was agreed to be paid stays agreed.",
    ]
    heading, back = "Change this completed PEP", pep.get_absolute_url()
    return form_page(request, form, heading=heading, caption=common.caption(pep), back=back, intro=intro)


@page(policies.can_read, pep=Pep)
def versions(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Every version, the last first."""
    unseen = unseen_grades(request.user, [pep.pk])
    rows_kept = pep.versions.order_by("-number").values_list("number", "at", "why", "content__review__grade")
    rows = [
        [
            Cell(f"Version {number}", href=reverse("peps:version", args=[pep.uuid, number])),
            Cell(long_moment(at)),
            Cell(hint=blind.WAITS) if unseen else Cell(tag=band_tag(grade) if grade else None),
            Cell(why or ("The first" if number == 1 else "")),
        ]
        for number, at, why, grade in rows_kept
    ]
    context = {
        "heading": "Versions",
        "caption": common.caption(pep),
        "crumbs": common.crumbs(pep, {"text": "Versions"}),
        "table": table("Versions", COLUMNS, rows, empty="It has not been completed yet", caption_hidden=True),
    }
    return render(request, "peps/versions.html", context)


@page(policies.can_read, pep=Pep)
def version(request: HttpRequest, pep: Pep, number: int) -> HttpResponse:
    """One version as it stood, in the layout it was written in, as far as the reader's role reads it."""
    found = PepVersion.objects.filter(pep=pep, number=number).first()
    if found is None:
        raise Http404
    reads = request.user.role_class.reads
    unseen = unseen_grades(request.user, [pep.pk, pep.previous_id or pep.pk])
    access.shown(request, pep, fields=sorted(group.value for group in reads))
    context = {
        "heading": f"Version {number}",
        "caption": common.caption(pep),
        "crumbs": common.crumbs(
            pep,
            {"text": "Versions", "href": reverse("peps:versions", args=[pep.uuid])},
            {"text": f"Version {number}"},
        ),
        "summary": _summary(found),
        "review": blind.CARD if pep.pk in unseen else _review(found.content.get("review", {})),
        **kept.whole(request.user, pep, found, unseen),
    }
    return render(request, "peps/version.html", context)


def section_choices(pep: Pep) -> list[tuple[PepSection, str]]:
    """The PEP's sections with their titles, to choose from."""
    layout = layouts.of_version(pep.layout)
    rows = PepSection.objects.filter(pep=pep).order_by("position")
    return [(section, layout.section(section.key).title) for section in rows]


# ---------------------------------------------------------------- parts


def _summary(found: PepVersion) -> list[dict[str, Any]]:
    rows = [{"key": "Completed", "value": long_moment(found.at)}]
    return [*rows, {"key": "Why it was changed", "value": found.why}] if found.why else rows


def _review(said: dict[str, Any]) -> dict[str, Any] | None:
    if not said:
        return None
    version = said.get("rubric", "")
    return {
        "title": f"Graded by {said.get('by', '')}",
        "tag": band_tag(said["grade"]),
        "text": said.get("reason", ""),
        "lines": [f"{label}: {said[name]}" for name, label in LABELS.items() if said.get(name)],
        "footer": " ".join(filter(None, (said.get("working", ""), said.get("departed_why", "")))),
        "rubric": rubrics.of_version(version).title if version else "",
        "rows": mark_rows(version, said.get("marks", {})),
    }
