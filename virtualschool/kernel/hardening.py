"""What no view ever has to think of: requests that make no sense end here with a 4xx, and a database that is away with a 503.

Stock Django answers 500 to a form in an odd charset and lets control characters into text fields.
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import BadRequest, DisallowedHost, RequestDataTooBig, SuspiciousOperation
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from virtualschool.kernel import errors

logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
CHARSETS = ("", "utf-8")  # Django reads forms in no other, and knows this one by this name only
BROKEN_PATH = re.compile("%[89A-F][0-9A-F]")  # Django leaves bytes that were not UTF-8 as they stood in the address
MAX_FIELD = 100_000  # characters of one field; the longest section of a PEP is far below
MAX_QUERY = 8_000  # bytes of a query string
MAX_BODY = 50 * 1024 * 1024  # bytes of a request with files; views set their own, lower limits for a file
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LOST = "\ufffd"  # what Django puts for bytes that were not UTF-8

PERMISSIONS = ("camera", "microphone", "geolocation", "payment", "usb", "display-capture", "screen-wake-lock")
# Besides Django's own: a header parameter in an unknown charset is a LookupError or a ValueError of its parser.
MALFORMED = (MultiPartParserError, BadRequest, SuspiciousOperation, UnreadablePostError, LookupError, ValueError)


class Refusal(Exception):
    """A request that is not answered any further."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class HardFloorMiddleware:
    """Refuse what no browser of ours sends: unknown methods, hosts and charsets, bytes that are not UTF-8, control characters."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            inspect(request)
        except Refusal as refusal:
            return self._refuse(refusal.status, str(refusal))
        except RequestDataTooBig:
            return self._refuse(413, "body too big")
        except MALFORMED as refused:
            return self._refuse(400, type(refused).__name__)
        return self.get_response(request)

    @staticmethod
    def _refuse(status: int, why: str) -> HttpResponse:
        # The address and the body are kept out of the log: they may hold a name.
        logger.info("refused with %s: %s", status, why)
        response = errors.plain_refusal(status)
        if status == 405:
            response["Allow"] = ", ".join(METHODS)
        return response


def inspect(request: HttpRequest) -> None:
    """Look at everything a view could read.

    Raises:
        Refusal: with the status to answer.
    """
    if request.method not in METHODS:
        raise Refusal(405, "method")
    try:
        request.get_host()
    except DisallowedHost as refused:
        raise Refusal(400, "host") from refused
    if (request.content_params or {}).get("charset", "").strip("\"' ").lower() not in CHARSETS:
        raise Refusal(415, "charset")
    _inspect_path(request)
    _refuse_controls(request.COOKIES.values(), "cookie")
    _inspect_query(request)
    if request.method == "POST":
        _inspect_body(request)


def _inspect_path(request: HttpRequest) -> None:
    if BROKEN_PATH.search(request.path_info):
        raise Refusal(400, "path is not UTF-8")
    _refuse_controls([request.path_info], "path")


def _inspect_query(request: HttpRequest) -> None:
    query = request.META.get("QUERY_STRING", "")
    if len(query) > MAX_QUERY:
        raise Refusal(414, "query too long")
    _require_utf8(unquote_to_bytes(query.encode("latin-1", "replace")))
    for name, values in request.GET.lists():
        _refuse_controls([name, *values], "query")


def _inspect_body(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise Refusal(400, "content length")
    if int(length) > MAX_BODY:
        raise Refusal(413, "body too big")
    if request.content_type == FORM:
        _require_utf8(unquote_to_bytes(request.body))
    elif request.content_type == MULTIPART:
        _inspect_files(request)
    elif int(length):
        raise Refusal(415, "content type")
    for name, values in request.POST.lists():
        _inspect_field([name, *values], multipart=request.content_type == MULTIPART)


def _inspect_field(texts: list[str], *, multipart: bool) -> None:
    _refuse_controls(texts, "field")
    if any(len(text) > MAX_FIELD for text in texts):
        raise Refusal(413, "field too long")
    if multipart and any(LOST in text for text in texts):
        raise Refusal(400, "field is not UTF-8")


def _inspect_files(request: HttpRequest) -> None:
    for name, files in request.FILES.lists():
        texts = [name, *(file.name or "" for file in files)]
        _refuse_controls(texts, "file name")
        if any(LOST in text for text in texts):
            raise Refusal(400, "file name is not UTF-8")


def _require_utf8(raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as refused:
        raise Refusal(400, "not UTF-8") from refused


def has_controls(text: str) -> bool:
    """Whether a control character (Unicode Cc) other than tab and line ends is in the text."""
    return CONTROLS.search(text) is not None


def _refuse_controls(texts: Iterable[str], where: str) -> None:
    if any(has_controls(text) for text in texts):
        raise Refusal(400, f"control character in {where}")


class DatabaseAwayMiddleware:
    """A database that cannot be reached is a pause in service, not a fault of the page: 503 and when to come again."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.service_away() if errors.is_away(exception) else None


class HeadersMiddleware:
    """What every dynamic answer tells the browser: keep nothing, tell nobody where you were, use no device."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.permissions = ", ".join(f"{name}=()" for name in PERMISSIONS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cache-Control"] = "no-store"
        response.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY or "same-origin")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", self.permissions)
        response.setdefault("X-Robots-Tag", "noindex, nofollow")
        if getattr(request, "signed_out", False):
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


@receiver(user_logged_out)
def remember_sign_out(request: HttpRequest | None, **kwargs: Any) -> None:
    """Mark the request, so that the browser is told to forget what it holds of us."""
    if request is not None:
        request.signed_out = True  # type: ignore[attr-defined]


class GuardedApplication:
    """WSGI: some content types and queries break Django's request in its making, where no middleware can answer.

    Such as a charset that is no text encoding, or a thousand parameters beside a charset. Whatever happens after the request
    is made, Django turns into an answer itself.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return self.application(environ, start_response)
        except MALFORMED as refused:
            logger.info("refused with 400: %s", type(refused).__name__)
        body = b"Bad request"
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response("400 Bad Request", headers)
        return [body]
