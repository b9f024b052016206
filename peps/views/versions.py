"""The numbered versions of a PEP, each as it stood; and opening a completed one to be changed."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import School
from peps import frozen, layouts, policies, record, rubrics, statements
from peps.actions.amending import amend_pep
from peps.enums import Seat
from peps.forms.amending import AmendForm
from peps.models import Pep, PepSection, PepTarget, PepVersion
from peps.policies_second import unseen_grades
from peps.views import blind, common
from peps.views.grading import LABELS, band_tag, mark_rows
from peps.views.reading import other_form_rows, question_rows, target_rows, unanswered_by
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup, Reach
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import done, form_page, sent
from virtualschool.kernel.money import pounds
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
    kept = pep.versions.order_by("-number").values_list("number", "at", "why", "content__review__grade")
    rows = [
        [
            Cell(f"Version {number}", href=reverse("peps:version", args=[pep.uuid, number])),
            Cell(long_moment(at)),
            Cell(hint=blind.WAITS) if unseen else Cell(tag=band_tag(grade) if grade else None),
            Cell(why or ("The first" if number == 1 else "")),
        ]
        for number, at, why, grade in kept
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
    reads, content = request.user.role_class.reads, found.content
    kept = frozen.of_version(pep, content)
    unseen = unseen_grades(request.user, [pep.pk, pep.previous_id or pep.pk])
    known = blind.facts(kept, unseen) if kept else None
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
        "review": blind.CARD if pep.pk in unseen else _review(content.get("review", {})),
        "record_words": kept.words if kept else frozen.NOT_KEPT,
        "front_sheet": record.front_sheet(known, reads) if known else [],
        "cards": _cards(reads, pep, content, known),
        "targets": _targets(request.user, pep, content),
        "meeting": _meeting(content.get("meeting", {})),
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


def _review(kept: dict[str, Any]) -> dict[str, Any] | None:
    if not kept:
        return None
    version = kept.get("rubric", "")
    return {
        "title": f"Graded by {kept.get('by', '')}",
        "tag": band_tag(kept["grade"]),
        "text": kept.get("reason", ""),
        "lines": [f"{label}: {kept[name]}" for name, label in LABELS.items() if kept.get(name)],
        "footer": " ".join(filter(None, (kept.get("working", ""), kept.get("departed_why", "")))),
        "rubric": rubrics.of_version(version).title if version else "",
        "rows": mark_rows(version, kept.get("marks", {})),
    }


def _cards(
    reads: Collection[FieldGroup], pep: Pep, content: dict[str, Any], kept: record.Facts | None
) -> list[dict[str, Any]]:
    """Each section with the questions that the reader's role reads, in the version's own layout; what was said by a link as it
    was given, and what the record said then."""
    layout, said = layouts.of_version(content["layout"]), content.get("sections", {})
    lines = layouts.Lines(pep.opened_on)
    by_link = [statements.Said.kept(one) for one in content.get("statements", ())]
    cards = []
    for spec in layout:
        if spec.key not in said:
            continue
        asked = spec.readable(content.get("phase", ""), content.get("kind", ""), reads, pep.year_group)
        given = {key: (one.get("value"), one.get("by", "")) for key, one in said[spec.key].items()}
        asked = unanswered_by(asked, given, statements.answered_in(spec.key, by_link))
        others = spec.of_other_forms(content.get("phase", ""), content.get("kind", ""), reads, pep.year_group)
        rows = [*question_rows(asked, given, lines), *other_form_rows(others, given)]
        if rows := [*rows, *statements.rows_in(reads, spec.key, by_link)]:
            facts = record.beside(kept, spec.key, reads) if kept else []
            cards.append({"key": spec.key, "title": spec.title, "rows": [*facts, *rows]})
    return cards


def _targets(user: User, pep: Pep, content: dict[str, Any]) -> list[dict[str, Any]]:
    money = _reads_money(user, pep)
    cards = []
    for place, kept in enumerate(content.get("targets", ()), 1):
        facts = {name: value for name, value in kept.items() if name != "costs"}
        by_when = facts.get("by_when")
        facts["by_when"] = date.fromisoformat(by_when) if by_when else None
        costs = [_cost(cost) for cost in kept.get("costs", ())] if money else []
        rows = target_rows(PepTarget(**facts))
        cards.append({"title": f"Target {place}: {kept['goal']}", "rows": rows, "costs": costs})
    return cards


def _reads_money(user: User, pep: Pep) -> bool:
    """As for the lines themselves: a designated teacher those of their own school."""
    if not user.reads(FieldGroup.MONEY):
        return False
    if user.role_class.reach is not Reach.SCHOOL:
        return True
    return School.objects.visible_to(user).filter(pk=pep.school_id).exists()


def _cost(kept: dict[str, Any]) -> dict[str, str]:
    sums = f"{kept['sessions_a_week']} a week × {kept['weeks']} weeks × {pounds(kept['price_pence'])}"
    state = {True: "Agreed", False: "Not agreed"}.get(kept["agreed"], "Asked for")
    return {
        "item": kept["item"],
        "kind": capfirst(kept["category"]),
        "sum": f"{sums} = {pounds(kept['total_pence'])}",
        "state": state,
    }


def _meeting(kept: dict[str, Any]) -> list[dict[str, Any]]:
    if not kept:
        return []
    came = [
        f"{capfirst(str(Seat(one['seat']).label))}{': ' if one['name'] else ''}{one['name']}"
        for one in kept.get("people", ())
        if one["attendance"] == "came"
    ]
    rows = [
        {"key": "Held", "value": long_moment(datetime.fromisoformat(kept["held_at"]))},
        {"key": "Who came", "value": "", "lines": came, "missing": "" if came else "Not kept"},
        {"key": "Key points", "value": kept.get("key_points", "")},
    ]
    return [row for row in rows if row["value"] or row.get("lines")]
