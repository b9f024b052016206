"""Answers for what goes wrong, in words for the reader. A page that is missing and a page that is hidden look the same."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from virtualschool.kernel.verdicts import Conflict, Refused, refuse

logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]

RETRY_AFTER = 30  # seconds; PostgreSQL is back in a few, a browser need not hurry
AWAY = (OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError)

REFUSALS = {
    400: ("Bad request", "The request could not be understood. Go back, check what you typed and try again."),
    405: ("Not allowed", "This address cannot be used in that way."),
    413: ("Too large", "What you sent is too large. Shorten the text or choose a smaller file."),
    414: ("Address too long", "The address is too long. Clear some filters and try again."),
    415: ("Wrong format", "What you sent is in a format that this service does not read."),
}


def is_away(exception: BaseException | None) -> bool:
    """Whether the database or the session store could not be reached, or broke off."""
    return isinstance(exception, AWAY)


def service_away() -> HttpResponse:
    """503 drawn from nothing but the template: no database, no session, no request."""
    logger.error("The database cannot be reached", exc_info=sys.exc_info()[0] is not None)
    response = _bare("503.html", 503, "Sorry, the service is unavailable. Try again in a minute.")
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def plain_refusal(status: int) -> HttpResponse:
    """A refusal from the hard floor, which has no session to draw the frame from."""
    title, text = REFUSALS[status]
    return _bare("refusal.html", status, text, {"heading": title, "text": text})


def _bare(template: str, status: int, words: str, context: dict[str, str] | None = None) -> HttpResponse:
    """A page drawn without the request; plain words when even the template fails."""
    try:
        return HttpResponse(render_to_string(template, context), status=status)
    except Exception:
        logger.exception("The page for %s cannot be drawn", status)
        return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def _framed(request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None) -> HttpResponse:
    """A page in the usual frame. What fails in here would be answered with 500 and logged by nobody."""
    try:
        return render(request, template, context, status=status)
    except Exception:
        logger.exception("The page for %s cannot be drawn", status)
        raise


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_refusal(400)


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _framed(request, "403.html", 403, {"verdict": refuse("Your role does not let you open this page.")})


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Says nothing of the address, so that a hidden record cannot be told from one that is not there."""
    return _framed(request, "404.html", 404)


def handler500(request: HttpRequest) -> HttpResponse:
    """Also reached by what breaks in a middleware, where a database that is away is no fault of ours."""
    if is_away(sys.exc_info()[1]):
        return service_away()
    return _bare("500.html", 500, "Sorry, there is a problem with the service. Try again later.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or in another tab while somebody signed in or out."""
    words = "This page was open for too long, or you signed in or out in another tab. Go back, reload the page and send it again."
    return _framed(request, "403.html", 403, {"verdict": refuse(words)})


def handler429(request: HttpRequest) -> HttpResponse:
    """Too many tries to sign in or to reset a password: whoever counts them asks the URLs for this page."""
    return _framed(request, "429.html", 429)


class VerdictMiddleware:
    """Turn what actions raise into pages: a refusal with its reason and source, a record that has moved on."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return _framed(request, "403.html", 403, {"verdict": exception.verdict})
        if isinstance(exception, Conflict):
            return _framed(request, "409.html", 409, {"message": str(exception)})
        if isinstance(exception, SuspiciousOperation):
            return plain_refusal(400)
        return None
