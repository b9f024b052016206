"""Lists of the SEN team's matters: all that are the reader's, one child's, and the children who change phase."""

from datetime import date
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.enums import SenStatus
from children.models import Child, Enrolment, SenRecord
from referrals import sen_dates
from referrals.enums import SenKind
from referrals.filters import SenFilter
from referrals.models import SenMatter
from referrals.policies import sen as policies
from referrals.sen_dates import PhaseChange
from referrals.views.sen_parts import due_cell, named, names_of, plan_rows, tag_of
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.rulebook import schoolyear

GROUPS = [FieldGroup.EDUCATION]
COLUMNS = [
    Column("Child", header=True),
    Column("What"),
    Column("Stage"),
    Column("Next date"),
    Column("Council of the plan"),
]
TRANSFERS = [
    Column("Child", header=True),
    Column("School now"),
    Column("Changes"),
    Column("Amended plan by"),
    Column("Council of the plan"),
    Column("Stage"),
]


@page(policies.can_read_matters)
def matters(request: HttpRequest) -> HttpResponse:
    """What the SEN team works on for the children whom the reader works with, the soonest date first."""
    rows = SenMatter.objects.visible_to(request.user).with_due()
    found = SenFilter(request.GET if request.GET else {"state": "open"}, queryset=rows, request=request)
    listed = found.qs.select_related("child", "school").order_by(F("due_on").asc(nulls_last=True), "started_on", "pk")
    pages = paginate(request, listed)
    access.shown(request, pages.rows, kind=AccessKind.LIST, fields=GROUPS)
    context = {
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "table": matters_table(pages.rows),
        "lists": _lists("sen:matters"),
        "clear_href": f"{request.path}?state=",
    }
    return render(request, "referrals/sen_list.html", context)


@page(policies.can_read_matters)
def transfers(request: HttpRequest) -> HttpResponse:
    """Children with a plan in the last year before a change of phase, those with the least time first."""
    on = today()
    plans = SenRecord.objects.visible_to(request.user).current(on).filter(status=SenStatus.EHCP)
    records = list(plans.select_related("child").order_by("child__last_name", "child__first_names", "pk"))
    places = sen_dates.main_places([one.child_id for one in records], on)
    known = sen_dates.phase_rules(on)
    changing = []
    for record in records:
        change = sen_dates.phase_change(record.child, places.get(record.child_id), on, known)
        if change is not None:
            changing.append((record, change))
    changing.sort(key=lambda pair: pair[1].due_on)
    access.shown(request, [record for record, _ in changing], kind=AccessKind.LIST, fields=GROUPS)
    context = {
        "lists": _lists("sen:transfers"),
        "table": _transfers_table(request, changing, places),
        "rules": sorted({(change.due_on, change.rule.words, change.rule.source) for _, change in changing}),
    }
    return render(request, "referrals/sen_transfers.html", context)


@page(policies.can_read_of, child=Child)
def of_child(request: HttpRequest, child: Child) -> HttpResponse:
    """The plan as it is recorded, the change of phase to come, and every matter, open ones first."""
    on = today()
    record = sen_dates.plan_of(child, on)
    rows = list(
        SenMatter.objects.visible_to(request.user)
        .with_due()
        .filter(child=child)
        .select_related("child", "school")
        .order_by(F("closed_on").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")
    )
    access.shown(request, child, fields=GROUPS)
    names = names_of([record.maintained_by] if record else [])
    facts = plan_rows(child, names, record)
    place = sen_dates.main_places([child.pk], on).get(child.pk)
    change = sen_dates.phase_change(child, place, on) if record else None
    if change is not None:
        facts.append(_change_row(change, on))
    may_open = policies.can_open(request.user, child)
    context = {
        "child": child,
        "facts": facts,
        "table": matters_of_child(rows, "Matters of the SEN team"),
        "actions": [{"text": "Open a matter for the SEN team", "href": reverse("sen:open", args=[child.uuid])}]
        if may_open
        else [],
    }
    return render(request, "referrals/sen_child.html", context)


# ---------------------------------------------------------------- parts


def matters_table(rows: Any) -> Table:
    """A row for each matter; ``rows`` have their ``due_on``."""
    return table("Matters", COLUMNS, _drawn(rows), empty="No matter matches", caption_hidden=True)


def matters_of_child(rows: Any, caption: str) -> Table:
    """The same where every row is the same child's."""
    columns = [Column("What", header=True), *COLUMNS[2:]]
    return table(caption, columns, [row[1:] for row in _drawn(rows)], empty="No matter was opened")


def _drawn(rows: Any) -> list[list[Any]]:
    rows = list(rows)
    names = names_of(code for one in rows for code in (one.council, one.to_council))
    return [_matter_row(one, names) for one in rows]


def _matter_row(one: SenMatter, names: dict[str, str]) -> list[Any]:
    due, left = due_cell(one.due_on, closed=not one.open)  # type: ignore[attr-defined]  # of with_due
    clock = one.due_clock if due else None  # type: ignore[attr-defined]  # of with_due
    what = capfirst(one.get_kind_display())
    to = f"to {named(one.to_council, names)}" if one.to_council else ""
    late = {"text": "Overdue", "status": "overdue"} if left == "overdue" else None
    return [
        Cell(one.child.name, href=one.child.get_absolute_url()),
        Cell(what, href=one.get_absolute_url(), hint=_beside(one)),
        Cell(tag=tag_of(one), hint=f"since {long_date(one.started_on)}"),
        Cell(due, href=reverse("watch:clock", args=[clock]) if clock else "", tag=late, hint="" if late else left),
        Cell(named(one.council, names) or "not known", hint=to),
    ]


def _beside(one: SenMatter) -> str:
    """The school that is asked, or whether a PEP meets beside the review."""
    if one.school:
        return one.school.name
    if one.kind != SenKind.REVIEW:
        return ""
    return f"PEP meets on {long_date(one.pep_on)}" if one.pep_on else "no PEP date"


def _transfers_table(
    request: HttpRequest, changing: list[tuple[SenRecord, PhaseChange]], places: dict[int, Enrolment]
) -> Table:
    on = today()
    ids = [record.child_id for record, _ in changing]
    year = date(schoolyear.academic_year(on), 9, 1)
    rows = SenMatter.objects.visible_to(request.user).with_due().filter(child__in=ids, kind=SenKind.PHASE)
    stages = {one.child_id: one for one in rows.filter(started_on__gte=year).order_by("pk")}
    names = names_of(record.maintained_by for record, _ in changing)
    drawn = []
    for record, change in changing:
        child, stage, place = record.child, stages.get(record.child_id), places.get(record.child_id)
        due, left = due_cell(change.due_on, closed=stage is not None and not stage.open)
        drawn.append(
            [
                Cell(child.name, href=reverse("sen:of_child", args=[child.uuid])),
                place.school.name if place else "no school today",
                Cell(capfirst(change.words), hint=schoolyear.curriculum_year_words(change.year)),
                Cell(due or long_date(change.due_on), href=_counted(change, stage), hint=left),
                named(record.maintained_by, names) or "not known",
                Cell(tag=tag_of(stage), href=stage.get_absolute_url()) if stage else Cell("Not opened"),
            ]
        )
    empty = "No child with a plan is in the last year before a change of phase"
    return table("Children who change phase", TRANSFERS, drawn, empty=empty, caption_hidden=True)


def _counted(change: PhaseChange, stage: Any) -> str:
    """Where the date of a change of phase comes from: its clock while it runs, else the rule."""
    clock = stage.due_clock if stage is not None and stage.open else None
    return reverse("watch:clock", args=[clock]) if clock else reverse("rulebook:detail", args=[change.rule.key])


def _change_row(change: PhaseChange, on: date) -> dict[str, Any]:
    words = f"{change.rule.words}. {change.rule.kind_label}. Source: {change.rule.source}"
    _, left = due_cell(change.due_on)
    return {
        "key": "Change of phase",
        "value": f"{capfirst(change.words)}: amended plan by {long_date(change.due_on)}",
        "href": reverse("rulebook:detail", args=[change.rule.key]),
        "lines": [left, words],
    }


def _lists(here: str) -> list[dict[str, Any]]:
    pages = (("Matters", "sen:matters"), ("Changes of phase", "sen:transfers"))
    return [{"text": text, "href": reverse(name), "active": name == here} for text, name in pages]
