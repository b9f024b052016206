"""A council's own service: everything secret comes from the environment, and nothing has a guess for a default.

Needed: ``SECRET_KEY``, ``ALLOWED_HOSTS`` (comma separated), ``DATABASE_URL``, ``REDIS_URL``, ``VS_VAR``; and
``DATABASE_OWNER_URL`` for migrations. Behind a proxy that ends TLS: ``VS_BEHIND_PROXY=yes``. While a secret key is exchanged for
a new one, ``SECRET_KEY_FALLBACKS`` (comma separated) holds the old ones.
"""

import os

from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import VAR, flag


def needed(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in production.")
    return value


for name in ("DATABASE_URL", "REDIS_URL", "VS_VAR"):
    needed(name)

SECRET_KEY = needed("SECRET_KEY")
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
DEBUG = False
ALLOWED_HOSTS = [host.strip() for host in needed("ALLOWED_HOSTS").split(",")]

if flag("VS_DEMO_MODE", default=False):
    raise ImproperlyConfigured("Demo mode is refused in production: its passwords are public.")
DEMO_MODE = False

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if flag("VS_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
LANGUAGE_COOKIE_SECURE = True

for folder in (VAR / "files", VAR / "mail"):
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
