"""Every address of the service."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from virtualschool.audit.pages import page


@page(public=True)
def health(request: HttpRequest) -> HttpResponse:
    """Whether this process can reach its database; for load balancers, says nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("health/", health, name="health"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/", include("allauth.mfa.urls")),
]
