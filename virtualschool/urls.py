"""Every address of the service."""

import sys
from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

MOUNTS = [
    ("", "virtualschool.overview.urls"),
    ("children/", "children.urls"),
    ("watch/", "children.urls_watch"),
    ("imports/", "children.urls_imports"),
    ("peps/", "peps.urls"),
    ("attendance/", "attendance.urls"),
    ("money/", "pupil_premium.urls"),
    ("risk/", "referrals.urls"),
    ("rules/", "virtualschool.rulebook.urls"),
    ("people/", "virtualschool.accounts.urls"),
    ("audit/", "virtualschool.audit.urls"),
    ("", "virtualschool.jobs.urls"),
]

urlpatterns = []
for _prefix, _module in MOUNTS:  # building site: goes when every app stands
    try:
        urlpatterns.append(path(_prefix, include(_module)))
    except ImportError as error:
        print(f"urls: {_module} left out: {error}", file=sys.stderr)
urlpatterns += [path("accounts/", include("virtualschool.accounts.urls_signin"))]
if find_spec("virtualschool.kernel.errors"):
    from virtualschool.kernel.errors import handler400, handler403, handler404, handler500  # noqa: F401
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", include("virtualschool.overview.styleguide")))
