"""The logs, for whoever reviews access. Reading them is logged too.

The change history says which columns changed, by whom and why; what the values were stays in the database, because an address
or a carer's name may be among them.
"""

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from virtualschool.audit import access, policies
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.filters import AccessFilter, ChangeFilter, EventFilter
from virtualschool.audit.models import AccessLog, AuditEvent, Change
from virtualschool.audit.pages import page
from virtualschool.kernel.tables import Cell, Column, table

PER_PAGE = 50
TABS = (("audit:access", "Who looked"), ("audit:changes", "What changed"), ("audit:events", "What was done"))


@page(policy=policies.can_read_audit)
def access_log(request: HttpRequest) -> HttpResponse:
    """Who looked at what."""
    columns = ["When", "Who", "What", "Page", "Children", "Answer"]
    return _log(request, AccessLog.objects.newest(), AccessFilter, "Who looked", columns, _access_row)


@page(policy=policies.can_read_audit)
def changes(request: HttpRequest) -> HttpResponse:
    """What changed in the database, by whom and why."""
    columns = ["When", "Who", "What", "Record", "Child", "Why"]
    return _log(request, Change.objects.newest(), ChangeFilter, "What changed", columns, _change_row)


@page(policy=policies.can_read_audit)
def events(request: HttpRequest) -> HttpResponse:
    """What people did, in the words of the actions."""
    columns = ["When", "Who", "What", "Record", "Child", "Why"]
    return _log(request, AuditEvent.objects.newest(), EventFilter, "What was done", columns, _event_row)


def _log(
    request: HttpRequest,
    rows: QuerySet[Any],
    filter_class: type[django_filters.FilterSet],
    heading: str,
    columns: list[str],
    draw: Callable[[Any, dict[str, str]], list[Any]],
) -> HttpResponse:
    """One page of a log, newest first. A log is too long to count, so a page leads on to what is older."""
    found = filter_class(request.GET, queryset=rows)
    chosen = found.qs if found.is_valid() else rows.none()
    listed = list(chosen.before(_before(request))[: PER_PAGE + 1])
    shown, more = listed[:PER_PAGE], len(listed) > PER_PAGE
    access.shown(request, _asked_for(found), kind=AccessKind.AUDIT)
    names = _names(row.by if isinstance(row, AuditEvent) else row.user_id for row in shown)
    context = {
        "heading": heading,
        "filter": found,
        "clear_href": request.path,
        "table": table(
            heading, [Column(name) for name in columns], [draw(row, names) for row in shown], empty="Nothing is logged"
        ),
        "older": _older(request, shown[-1].pk) if more else "",
        "tabs": [{"text": text, "href": reverse(name), "active": text == heading} for name, text in TABS],
    }
    return render(request, "audit/log.html", context)


def _access_row(row: AccessLog, names: dict[str, str]) -> list[Any]:
    who = Cell(names.get(row.user_id, row.user_id), hint=row.role)
    children = Cell(", ".join(map(str, row.child_ids)), hint=", ".join(row.fields))
    return [_when(row), who, Cell(row.get_kind_display(), hint=row.reason), row.route, children, row.status]


def _change_row(row: Change, names: dict[str, str]) -> list[Any]:
    what = Cell(row.get_verb_display(), hint=", ".join(row.columns))
    who = names.get(row.user_id, row.user_id) or f"the service ({row.db_user})"
    return [_when(row), who, what, f"{row.table_name} {row.row_id}", row.child_id or "", row.why]


def _event_row(row: AuditEvent, names: dict[str, str]) -> list[Any]:
    who = row.by_name or "the service"
    return [_when(row), who, row.verb, f"{row.subject_type} {row.subject_id}", row.child_id, row.why]


def _when(row: AccessLog | Change | AuditEvent) -> str:
    return timezone.localtime(row.at).strftime("%d/%m/%Y %H:%M:%S")


def _names(user_ids: Iterable[str]) -> dict[str, str]:
    """Today's names of the users in a page of a log."""
    wanted = {int(user_id) for user_id in user_ids if user_id.isdecimal()}
    return {str(pk): str(user) for pk, user in get_user_model().objects.in_bulk(wanted).items()}


def _asked_for(found: django_filters.FilterSet) -> list[int]:
    """The child that the reader asked about."""
    child = found.form.cleaned_data.get("child") if found.is_valid() else None
    return [int(child)] if child is not None and abs(child) < 2**63 else []


def _before(request: HttpRequest) -> int | None:
    words = request.GET.get("before", "")
    return int(words[:18]) if words.isascii() and words.isdigit() else None


def _older(request: HttpRequest, row_id: int) -> str:
    query = request.GET.copy()
    query["before"] = str(row_id)
    return f"?{query.urlencode()}"
