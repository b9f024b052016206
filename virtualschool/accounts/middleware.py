"""How long a session lasts, and the second step that everybody takes outside demo mode."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from virtualschool.kernel.dates import now

BEGAN, SEEN = "began_at", "seen_at"
A_MINUTE = 60
WITHOUT_SECOND_STEP = ("mfa_", "account_logout", "account_reauthenticate")


class SessionLimitsMiddleware:
    """Ends a session that was idle too long (``SESSION_IDLE_AGE``) or is too old (``SESSION_ABSOLUTE_AGE``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if self._over(request):
                logout(request)
                messages.info(request, "You were signed out because you were away for a while. Sign in to go on.")
                return redirect(_login_path(request))
            self._mark(request)
        return self.get_response(request)

    def _over(self, request: HttpRequest) -> bool:
        if request.user.is_demo and not settings.DEMO_MODE:  # signed in while this was a demo
            return True
        began, seen = request.session.get(BEGAN), request.session.get(SEEN)
        if began is None or seen is None:
            return False
        idle = now() - datetime.fromisoformat(seen) > settings.SESSION_IDLE_AGE
        return idle or now() - datetime.fromisoformat(began) > settings.SESSION_ABSOLUTE_AGE

    def _mark(self, request: HttpRequest) -> None:
        """Write the moment down once a minute at most: a session is a row in the database."""
        moment = now()
        request.session.setdefault(BEGAN, moment.isoformat())
        seen = request.session.get(SEEN)
        if seen is None or (moment - datetime.fromisoformat(seen)).total_seconds() > A_MINUTE:
            request.session[SEEN] = moment.isoformat()


class SecondStepMiddleware:
    """Outside demo mode nobody goes on without a second step when signing in; it sends them to set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Before any page but those for setting it up."""
        if settings.DEMO_MODE or not request.user.is_authenticated or _may_wait(request):
            return None
        return None if is_mfa_enabled(request.user) else redirect("mfa_activate_totp")


def _may_wait(request: HttpRequest) -> bool:
    name = request.resolver_match.url_name if request.resolver_match else ""
    return bool(name) and name.startswith(WITHOUT_SECOND_STEP)


def _login_path(request: HttpRequest) -> str:
    """Signing in, and from there on to the page that was asked for; what was sent with a form is not sent again."""
    path = reverse(settings.LOGIN_URL)
    return f"{path}?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else path
