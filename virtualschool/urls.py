"""Every address of the service."""

from django.conf import settings
from django.urls import include, path

from virtualschool.kernel.errors import handler400, handler403, handler404, handler429, handler500

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

urlpatterns = [
    path("", include("virtualschool.overview.urls")),
    path("children/", include("children.urls")),
    path("watch/", include("children.urls.watch")),
    path("imports/", include("children.urls.imports")),
    path("peps/", include("peps.urls")),
    path("say/", include("peps.urls_voice")),
    path("attendance/", include("attendance.urls")),
    path("money/", include("pupil_premium.urls")),
    path("risk/", include("referrals.urls")),
    path("courses/", include("referrals.urls.courses")),
    path("sen/", include("referrals.urls.sen")),
    path("moves/", include("referrals.urls.moves")),
    path("admissions/", include("referrals.urls.admissions")),
    path("rules/", include("virtualschool.rulebook.urls")),
    path("people/", include("virtualschool.accounts.urls")),
    path("audit/", include("virtualschool.audit.urls")),
    path("", include("virtualschool.jobs.urls")),
    path("accounts/", include("virtualschool.accounts.urls_signin")),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", include("virtualschool.overview.styleguide")))
