"""How often somebody who is not signed in may try a link that opens nothing: counted as tries to sign in are."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse

MISSED = "link_missed"


def missed(request: HttpRequest) -> bool:
    """Count a try that opened nothing.

    Returns:
        True when there were too many of them from there, by ``ACCOUNT_RATE_LIMITS``.
    """
    return ratelimit.consume(request, app="allauth.account", action=MISSED, limit_get=True) is None


def missed_too_often(request: HttpRequest) -> bool:
    """Whether there were too many before this one, which is not counted."""
    return ratelimit.consume(request, app="allauth.account", action=MISSED, limit_get=True, dry_run=True) is None


def too_many(request: HttpRequest) -> HttpResponse:
    """The page for it."""
    answer: HttpResponse = ratelimit.respond_429(request)
    return answer
