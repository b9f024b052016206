"""Rates by group: each number with its list, England's beside them, and the same as a file."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance import figures, groups, national
from attendance.forms.pictures import GroupsForm
from attendance.groups import Group
from attendance.policies import marks as policies
from attendance.policies import pictures as own
from attendance.rates import Sessions
from attendance.views.pictures import COUNTS, GROUPS, counts
from children.models import Child
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.log import record
from virtualschool.audit.pages import page
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table

COUNTED = ("marked", "persistent", "severe")
NAMES = ("Children", *COUNTS, "Persistently absent", "Severely absent")
# England's whole is of children in care for twelve months or more.
PUBLISHED_AS = {groups.LONG: "all"}
# Short, so that every column has room beside the others.
HEADS = ("Children", "Possible", "Attended", "Authorised", "Unauthorised", "Rate", "Persistent", "Severe")
COLUMNS = [Column("Group"), *(Column(name, numeric=True) for name in HEADS)]
MEASURES = {
    "absent": "Sessions missed",
    "authorised": "Missed with leave",
    "unauthorised": "Missed without leave",
    "persistent": "Children persistently absent",
    "severe": "Children severely absent",
}


@page(policies.can_read)
def by_group(request: HttpRequest) -> HttpResponse:
    """The rates of each group of a kind."""
    form, kind, span = _asked(request)
    found = groups.groups(request.user, kind, span.window)
    access.shown(request, _children(found), fields=GROUPS)
    limits = figures.limits(span.window.last)
    query = f"?by={kind}&over={span.key}"
    context = {
        "form": form,
        "span": span,
        "table": _table(found, kind, span, limits),
        "england": _beside_england(found, span.window.last, limits),
        "sources": sorted({one.source for one in national.published()}),
        "csv_href": reverse("attendance:groups_file") + query if own.can_take_away(request.user) else "",
    }
    return render(request, "attendance/groups.html", context)


@page(policies.can_read)
def group(request: HttpRequest, kind: str, key: str, figure: str) -> HttpResponse:
    """The children that a number of a group counts."""
    spans = groups.spans(today())
    span = spans.get(request.GET.get("over", "year"))
    if span is None or kind not in groups.kinds(request.user) or figure not in COUNTED:
        raise Http404
    found = next((one for one in groups.groups(request.user, kind, span.window) if one.key == key), None)
    if found is None:
        raise Http404
    one, limits = figures.FIGURES[figure], figures.limits(span.window.last)
    kept = figures.kept(one, found.sessions, limits)
    pages = paginate(request, list(kept.items()))
    named = Child.objects.visible_to(request.user).in_bulk([pk for pk, _ in pages.rows])
    access.shown(request, list(named), fields=GROUPS)
    rows = [
        [Cell(named[pk].name, href=reverse("attendance:year", args=[named[pk].uuid])), *counts(sessions)]
        for pk, sessions in pages.rows
    ]
    columns = [Column("Child"), *(Column(name, numeric=True) for name in COUNTS)]
    whole = sum(kept.values(), Sessions())
    context = {
        "figure": one,
        "group": found,
        "span": span,
        "back": f"{reverse('attendance:groups')}?by={kind}&over={span.key}",
        "whole": figures.percent(whole.attended, whole.possible),
        "table": table("Children", columns, rows, empty="No child", caption_hidden=True),
        "pages": pages,
    }
    return render(request, "attendance/group.html", context)


@page(own.can_take_away)
def file(request: HttpRequest) -> HttpResponse:
    """The same figures as a file: counts, and no child's name."""
    _, kind, span = _asked(request)
    found, limits = groups.groups(request.user, kind, span.window), figures.limits(span.window.last)
    access.shown(request, _children(found), fields=GROUPS, kind=AccessKind.EXPORT)
    record("attendance.figures_exported", by=request.user, subject=request.user, data={"rows": len(found)})
    rows = [[span.words, one.words, *_numbers(one, limits)] for one in found]
    return csv_file(f"attendance-{kind}-{today().isoformat()}", csvfiles.write(["Time", "Group", *NAMES], rows))


def _asked(request: HttpRequest) -> tuple[GroupsForm, str, figures.Span]:
    """What the reader chose; the phase and this year when that is nothing or not to be had."""
    spans = groups.spans(today())
    start = {"by": "phase", "over": "year"}
    form = GroupsForm(start | request.GET.dict(), kinds=groups.kinds(request.user), spans=spans)
    asked = form.cleaned_data if form.is_valid() else start
    return form, asked["by"] or start["by"], spans[asked["over"] or start["over"]]


def _children(found: list[Group]) -> list[int]:
    return sorted({pk for one in found for pk in one.sessions})


def _of(one: Group, figure: str, limits: figures.Limits) -> int:
    return len(figures.kept(figures.FIGURES[figure], one.sessions, limits))


def _numbers(one: Group, limits: figures.Limits) -> list[str | int]:
    return [
        len(one.sessions),
        *counts(one.whole),
        _of(one, "persistent", limits),
        _of(one, "severe", limits),
    ]


def _table(found: list[Group], kind: str, span: figures.Span, limits: figures.Limits) -> Table:
    rows = []
    for one in found:
        numbers = _numbers(one, limits)
        opens = ["marked"] * (len(numbers) - 2) + ["persistent", "severe"]
        hrefs = [f"{reverse('attendance:group', args=[kind, one.key, name])}?over={span.key}" for name in opens]
        rows.append(
            [one.words]
            + [
                Cell(str(number), href=href, hidden=f"{name}, {one.words}")
                for number, name, href in zip(numbers, NAMES, hrefs, strict=True)
            ]
        )
    return table(f"{groups.KINDS[kind]}: {span.words}", COLUMNS, rows, empty="No marks yet")


def _beside_england(found: list[Group], on: date, limits: figures.Limits) -> Table:
    """Each share beside the published one of the same group; the whole stands first."""
    everybody = Group("all", "All children", _together(found))
    rows = [
        [
            f"{one.words}: {words.lower()}",
            _share(one, measure, limits),
            published.words if published else national.NOT_KNOWN,
        ]
        for one in [everybody, *(one for one in found if one.key != "all")]
        for measure, words in MEASURES.items()
        for published in [national.figure(PUBLISHED_AS.get(one.key, one.key), measure, on)]
        if published or one is everybody
    ]
    columns = [Column("Share"), Column("Here", numeric=True), Column("England", numeric=True)]
    return table("Beside England", columns, rows)


def _together(found: list[Group]) -> dict[int, Sessions]:
    """Each child once, with the sessions of all groups: a child may have been at two schools."""
    whole: dict[int, Sessions] = {}
    for one in found:
        for pk, sessions in one.sessions.items():
            whole[pk] = whole.get(pk, Sessions()) + sessions
    return whole


def _share(one: Group, measure: str, limits: figures.Limits) -> str:
    if measure in COUNTED:
        return figures.percent(_of(one, measure, limits), len(one.sessions))
    return figures.percent(getattr(one.whole, measure), one.whole.possible)
