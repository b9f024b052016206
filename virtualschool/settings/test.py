"""The test suite. The plugin `vs_pytest` starts the servers and says in the environment where they are."""

import sys
from pathlib import Path

from .base import *
from .base import BASE_DIR, TEMPLATES

SECRET_KEY = "tests-only-no-secret-at-all"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DEMO_MODE = True

# Argon2 is slow by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,20/5m/key"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True


class UndefinedVariable(Exception):
    """A template of ours names something that its view does not hand over."""


class Strict(str):
    """Stands for an undefined variable and raises where a template of ours would have shown it as nothing.

    Templates of packages may lean on Django's leniency, so those get the usual empty string.
    """

    __slots__ = ()

    def __contains__(self, key: object) -> bool:
        return key == "%s"

    def __mod__(self, variable: object) -> str:
        context = sys._getframe(1).f_locals["context"]
        rendered = (context.template, context.render_context.template)
        if all(Path(template.origin.name).is_relative_to(BASE_DIR / "templates") for template in rendered):
            raise UndefinedVariable(f"{variable} in {rendered[1].origin.template_name}")
        return ""


TEMPLATES[0]["OPTIONS"] |= {"string_if_invalid": Strict("%s")}
