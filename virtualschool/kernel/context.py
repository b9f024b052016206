"""What every page's frame needs, worked out only when a page draws it. Upper apps register what they know of."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

Link = dict[str, Any]
Supplier = Callable[[HttpRequest], Any]

# The first is for everybody, the rest for who is signed in.
FOOTER = (
    ("Accessibility statement", "overview:accessibility"),
    ("Rules and deadlines", "rulebook:list"),
    ("Help", "overview:help"),
)

RENEW = "overview:help"

_suppliers: dict[str, Supplier] = {}


def register_navigation(supplier: Supplier) -> None:
    """``supplier(request)`` gives the main navigation: dicts of text, href, active."""
    _suppliers["navigation"] = supplier


def register_night_banner(supplier: Supplier) -> None:
    """``supplier(request)`` gives None, or text (with href and link_text) when the last complete night is too old."""
    _suppliers["night_banner"] = supplier


def register_person(supplier: Supplier) -> None:
    """``supplier(request)`` gives the signed-in person's name, role in words, and href of their own page."""
    _suppliers["person"] = supplier


class Frame:
    """The parts of ``layout/base.html``. Each is worked out once, and only if the page draws it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.product = getattr(settings, "PRODUCT_NAME", "Virtual School")
        self.council = getattr(settings, "COUNCIL_NAME", "")
        self.demo_mode = bool(getattr(settings, "DEMO_MODE", False))

    @cached_property
    def signed_in(self) -> bool:
        user = getattr(self.request, "user", None)
        return bool(user is not None and user.is_authenticated)

    @cached_property
    def navigation(self) -> Sequence[Link]:
        return self._supplied("navigation") or ()

    @cached_property
    def night_banner(self) -> Link | None:
        banner = self._supplied("night_banner")
        return {"href": "", "link_text": "", **banner} if banner else None

    @cached_property
    def person(self) -> Link:
        known = self._supplied("person") or {"name": self.request.user.get_username()}
        return {"role": "", "href": "", **known}

    @cached_property
    def footer(self) -> list[Link]:
        found = []
        for text, name in FOOTER if self.signed_in else FOOTER[:1]:
            try:
                found.append({"text": text, "href": reverse(name)})
            except NoReverseMatch:
                continue
        return found

    @property
    def idle_seconds(self) -> int:
        """How long a page may stay open before its session ends."""
        return int(settings.SESSION_IDLE_AGE.total_seconds())

    @cached_property
    def renew_href(self) -> str:
        """What a page that is still worked on asks for, so that its session goes on; nothing for whoever is not signed in."""
        try:
            return reverse(RENEW) if self.signed_in else ""
        except NoReverseMatch:
            return ""

    @cached_property
    def demo_sign_ins(self) -> Sequence[tuple[str, str]]:
        """Email address and role of each demonstration sign-in; none outside demo mode."""
        return getattr(settings, "DEMO_SIGN_INS", ()) if self.demo_mode else ()

    @cached_property
    def demo_password(self) -> str:
        return str(getattr(settings, "DEMO_PASSWORD", "")) if self.demo_mode else ""

    def _supplied(self, name: str) -> Any:
        supplier = _suppliers.get(name)
        return supplier(self.request) if supplier and self.signed_in else None


def layout(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the frame of the page."""
    return {"layout": Frame(request)}
