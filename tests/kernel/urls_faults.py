"""Addresses that go wrong on purpose."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from virtualschool import urls
from virtualschool.kernel.errors import handler400, handler403, handler404, handler500  # noqa: F401
from virtualschool.kernel.verdicts import Conflict, Refused, refuse

FAULTS = {
    "refused": Refused(refuse("You wrote part of this PEP.", "Council rule: quality assurance")),
    "conflict": Conflict("Somebody else approved it first."),
    "suspicious": SuspiciousOperation("tampered"),
    "denied": PermissionDenied(),
    "missing": Http404(),
    "away": OperationalError("server closed the connection unexpectedly"),
    "closed": InterfaceError("connection already closed"),
    "broken": ZeroDivisionError(),
}


@login_not_required
def fault(request: HttpRequest, name: str) -> HttpResponse:
    raise FAULTS[name]


@login_not_required
@transaction.non_atomic_requests
def echo(request: HttpRequest) -> HttpResponse:
    """What reached the view, so that a test can see that it was let through."""
    return HttpResponse(
        f"{request.GET.get('q', '')}|{request.POST.get('q', '')}|{','.join(f.name for f in request.FILES.values())}"
    )


urlpatterns = [path("fault/<str:name>/", fault), path("echo/", echo), *urls.urlpatterns]
