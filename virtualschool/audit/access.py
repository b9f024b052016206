"""The access log: one row per answered page, with the ids of the children shown, written in the transaction that read them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from virtualschool.audit.enums import AccessKind
from virtualschool.audit.models import AccessLog

CHILD = "children.Child"


@dataclass
class _Shown:
    """What a request has shown so far."""

    children: set[int] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    kind: str = ""
    reason: str = ""
    written: bool = False


def request_id(request: HttpRequest) -> str:
    """The id that ties the request's log row, history and events together."""
    return getattr(request, "request_id", "")


def shown(
    request: HttpRequest, children: Any = (), *, kind: str | None = None, fields: Iterable[str] = (), reason: str = ""
) -> None:
    """Note that this response shows ``children``.

    Args:
        children: a child, a record of a child (it has ``child_id``), a child's id, or an iterable of any of these.
        kind: an ``AccessKind``; without it one child is a view and several are a list.
        fields: names of the field groups shown.
        reason: why it was opened, where the page asked (breaking glass).
    """
    seen = _seen(request)
    many = children if isinstance(children, Iterable) else (children,)
    seen.children.update(found for found in map(child_id, many) if found is not None)
    seen.fields.update(map(str, fields))
    seen.kind = kind or seen.kind
    seen.reason = reason or seen.reason


def write(request: HttpRequest, response: HttpResponse) -> None:
    """Write the request's row, once."""
    seen = _seen(request)
    if seen.written:
        return
    match = request.resolver_match
    AccessLog.objects.create(
        user_id=str(request.user.pk or ""),
        role=getattr(request.user, "role", ""),
        request_id=request_id(request),
        method=request.method,
        route=match.view_name if match else "",
        objects_named=[str(value) for value in (match.kwargs.values() if match else ()) if isinstance(value, UUID)],
        status=response.status_code,
        kind=_kind(request, response, seen),
        child_ids=sorted(seen.children),
        fields=sorted(seen.fields),
        reason=seen.reason,
    )
    seen.written = True


def child_id(record: Any) -> int | None:
    """The id of the child that a record is or is about; None for anything else."""
    if isinstance(record, Model) and record._meta.label == CHILD:
        return record.pk
    found = record if isinstance(record, int) else getattr(record, "child_id", None)
    return None if found is None else int(found)


def _seen(request: HttpRequest) -> _Shown:
    if not hasattr(request, "_shown"):
        request._shown = _Shown()  # type: ignore[attr-defined]
    return request._shown  # type: ignore[attr-defined,no-any-return]


def _kind(request: HttpRequest, response: HttpResponse, seen: _Shown) -> str:
    if response.status_code in (403, 404):
        return AccessKind.DENIED
    if seen.kind:
        return seen.kind
    if request.method not in ("GET", "HEAD"):
        return AccessKind.ACT
    return AccessKind.VIEW if len(seen.children) == 1 else AccessKind.LIST
