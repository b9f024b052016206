"""Gives each request its id, states who acts in its transactions, and logs the refusals that rolled theirs back."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from virtualschool.audit import access, context

DENIED = (403, 404)


class AuditContextMiddleware:
    """Belongs directly after ``AuthenticationMiddleware``. Answers carry the id as ``X-Request-ID``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        with context.acting(None, access.request_id(request)):
            response = self.get_response(request)
            if response.status_code in DENIED and _is_page(request) and request.user.is_authenticated:
                access.write(request, response)
        response["X-Request-ID"] = access.request_id(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """State who acts, now that the address is known to lead somewhere; a page with a door states it again itself."""
        if request.user.is_authenticated:
            context.act(request.user.pk, access.request_id(request))


def _is_page(request: HttpRequest) -> bool:
    """Whether the address led to a page of ours; an address that leads nowhere tells nothing of a child."""
    return request.resolver_match is not None and hasattr(request.resolver_match.func, "page")
