"""Asking for a page as a browser would, and what every answer must have."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponseBase
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from virtualschool.audit.models import AccessLog

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# No page tells another site where its reader came from; one with a token in its address does not tell even this one.
REFERRERS = ("same-origin", "strict-origin")
# What a page may write when it is only looked at: who looked, and the session.
WRITTEN_BY_LOOKING = ("audit_accesslog", "django_session")
DIGEST = "SELECT '{0}', count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{0}\" t"
VARIES = ("X-Request-ID", "Date", "Set-Cookie")


@dataclass(frozen=True)
class Answer:
    """What came back. ``status`` is 500 when the page broke, and ``broke`` says how."""

    status: int
    body: bytes
    headers: dict[str, str]
    broke: str = ""

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def alike(self) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
        """All that a reader could tell two answers apart by."""
        return self.status, self.body, tuple(sorted((k, v) for k, v in self.headers.items() if k not in VARIES))

    @property
    def request_id(self) -> str:
        """What the log knows the request by."""
        return self.headers.get("X-Request-ID", "")

    @property
    def faults(self) -> list[str]:
        """What is missing of the headers that every answer has."""
        policy = self.headers.get("Content-Security-Policy", "")
        wanted = ("sandbox",) if "sandbox" in policy else POLICY
        found = [
            f"{name}: {self.headers.get(name)!r}" for name, value in HEADERS.items() if value != self.headers.get(name)
        ]
        found += [] if self.headers.get("Referrer-Policy") in REFERRERS else ["Referrer-Policy"]
        found += [f"no {part} in the policy" for part in wanted if part not in policy]
        return found + ["unsafe policy"] if "unsafe" in policy else found


class Browser:
    """One person's browser: sends the token that every form carries, and follows nothing."""

    def __init__(self, user: Any = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.token = _get_new_csrf_string()
        self.client.cookies["csrftoken"] = self.token
        if user is not None:
            self.client.force_login(user)

    def get(self, url: str, **data: Any) -> Answer:
        return self._ask("get", url, data)

    def search(self, url: str, shown: str = "", **data: Any) -> Answer:
        """Post the filter of a list; get the list, or what is ``shown`` by the same query, as the answer leads on."""
        sent = self.post(url, **data)
        if sent.status != 302:
            return sent
        _, mark, query = sent.headers["Location"].partition("?")
        return self.get(f"{shown or url}{mark}{query}")

    def head(self, url: str) -> Answer:
        return self._ask("head", url, {})

    def options(self, url: str) -> Answer:
        return self._ask("options", url, "")

    def post(self, url: str, **data: Any) -> Answer:
        return self._ask("post", url, data | {"csrfmiddlewaretoken": self.token})

    def post_without_token(self, url: str) -> Answer:
        return self._ask("post", url, {})

    def _ask(self, method: str, url: str, data: Any) -> Answer:
        try:
            response = getattr(self.client, method)(url, data)
        except Exception as broke:
            return Answer(500, b"", {}, f"{type(broke).__name__}: {broke}"[:300])
        body = _body(response)
        return Answer(response.status_code, body, dict(response.headers))


def _body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]


@contextmanager
def undone() -> Iterator[None]:
    """What is done here is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Log:
    """The access log from here on."""

    def __init__(self) -> None:
        self.last = AccessLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def new(self) -> list[AccessLog]:
        """What was written since this was last asked."""
        rows = list(AccessLog.objects.filter(pk__gt=self.last).order_by("pk"))
        self.last = rows[-1].pk if rows else self.last
        return rows

    def by_request(self) -> dict[str, list[AccessLog]]:
        """The same by the id of the request that wrote it, which its answer carries."""
        found: dict[str, list[AccessLog]] = {}
        for row in self.new():
            found.setdefault(row.request_id, []).append(row)
        return found


def contents() -> dict[str, str]:
    """A digest of every table but those that are written by looking."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall() if name not in WRITTEN_BY_LOOKING]
        cursor.execute(" UNION ALL ".join(DIGEST.format(name) for name in tables))
        return dict(cursor.fetchall())


def changed(before: dict[str, str]) -> list[str]:
    """The tables that are not as they were."""
    after = contents()
    return sorted(name for name in after if after[name] != before.get(name))
