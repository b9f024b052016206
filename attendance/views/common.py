"""What the registers and records of attendance have in common: a filtered list with its file, and a record with its history."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance import weekgrid
from attendance.filters.arrangements import ArrangementFilter
from attendance.policies.timetables import can_take_away
from children import clocks
from children.models import Child, Clock
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Column, Table, table
from virtualschool.kernel.verdicts import Verdict
from virtualschool.rulebook import rules

GROUPS = [FieldGroup.ATTENDANCE]
REGISTERS = (
    ("Reduced timetables", "attendance:timetables"),
    ("Alternative provision", "attendance:provisions"),
    ("Leave in term time", "attendance:leaves"),
)
Row = dict[str, Any]


def register(
    request: HttpRequest,
    *,
    heading: str,
    noun: str,
    intro: str,
    name: str,
    rows: QuerySet[Any],
    found: ArrangementFilter,
    columns: Sequence[Column],
    draw: Callable[[Any], Sequence[Any]],
    before: Callable[[Any], None] = lambda shown: None,
) -> HttpResponse:
    """A page of a register. ``rows`` are all of the reader's, ``found`` cuts them, ``draw`` makes the cells of one.

    ``before`` is given the rows of the page, to look up at once what ``draw`` tells of each.
    """
    pages = paginate(request, found.qs)
    before(pages.rows)
    access.shown(request, pages.rows, kind=AccessKind.LIST, fields=GROUPS)
    query = request.GET.urlencode()
    csv_href = f"{reverse(f'{name}_file')}{f'?{query}' if query else ''}"
    drawn = table(
        heading,
        columns,
        [draw(one) for one in pages.rows],
        empty=f"No {noun} matches",
        caption_hidden=True,
    )
    context = {
        "heading": heading,
        "noun": noun,
        "intro": intro,
        "filter": found,
        "pages": pages,
        "total": rows.count(),
        "table": drawn,
        "clear_href": reverse(name),
        "csv_href": csv_href if can_take_away(request.user) else "",
        "registers": [{"text": text, "href": reverse(view), "active": view == name} for text, view in REGISTERS],
    }
    return render(request, "attendance/register.html", context)


def register_file(
    request: HttpRequest,
    *,
    name: str,
    found: ArrangementFilter,
    headings: Sequence[str],
    draw: Callable[[Any], Any],
    before: Callable[[Any], None] = lambda shown: None,
) -> HttpResponse:
    """The register as the filter shows it, all of its pages, as CSV. Logged with every child in it."""
    rows = list(found.qs)
    before(rows)
    access.shown(request, rows, kind=AccessKind.EXPORT, fields=GROUPS)
    log.record(f"{name}.exported", by=request.user, subject=request.user, data={"rows": len(rows)})
    return csv_file(f"{name}-{today().isoformat()}", csvfiles.write(headings, (draw(one) for one in rows)))


def drawn_clock(clock: Clock | None) -> Row | None:
    """A running clock, which leads to its reckoning."""
    if clock is None:
        return None
    rule = rules.in_force(clock.rule)
    state = clocks.standing(clock)
    return {
        "due_on": clock.due_on,
        "kind": rule.kind.value,
        "state": state,
        "href": clock.get_absolute_url(),
        "words": rule.words,
    }


def child_row(child: Child) -> Row:
    return {"key": "Child", "value": child.name, "href": to_child(child)}


Offer = tuple[Verdict, str, str]


def offered(asked: Any, offers: Sequence[Offer]) -> dict[str, list[Row]]:
    """Buttons for what the verdicts allow, the first one plain; and why not for what they do not. An offer: verdict, words, page."""
    allowed: list[Row] = []
    refused: list[Row] = []
    for verdict, text, name in offers:
        if verdict:
            kind = "secondary" if allowed else ""
            allowed.append({"text": text, "href": reverse(name, args=[asked.uuid]), "kind": kind})
        else:
            refused.append({"text": text, "reason": verdict.reason, "source": verdict.source})
    return {"actions": allowed, "refused": refused}


def crumbs(text: str, name: str) -> list[Row]:
    """Back to the register."""
    return [{"text": text, "href": reverse(name)}]


def week_table(pattern: str, there: str = "In school") -> Table:
    """The half days of a week, a row for each day."""
    halves = [there if one == "1" else "–" for one in pattern]
    rows = [[day, *halves[2 * place : 2 * place + 2]] for place, day in enumerate(weekgrid.DAYS)]
    return table("The week", ["Day", "Morning", "Afternoon"], rows)


def to_child(child: Child) -> str:
    return reverse("attendance:arrangements", args=[child.uuid])
