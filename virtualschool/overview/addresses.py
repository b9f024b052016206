"""Every address of the service, with what its page declares; the access matrix and ``manage.py list_urls`` read the same list."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = "public"
SIGNED_IN = "signed in"
# django-allauth's own pages cannot carry our decorator; each is declared here, and one that is not fails a test.
LIBRARY_PAGES = {
    "account_login": PUBLIC,
    "account_logout": SIGNED_IN,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_inactive": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_index": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
}


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name, the pattern as written, and what its page declares (nothing: ``policy`` is empty)."""

    name: str
    pattern: str
    methods: tuple[str, ...] = ()
    policy: str = ""
    models: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As ``manage.py list_urls --json`` prints it."""
        return {
            "name": self.name,
            "pattern": self.pattern,
            "methods": list(self.methods),
            "policy": self.policy,
            "models": self.models,
        }


def addresses() -> list[Address]:
    """Every pattern of the URL configuration, in its order."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(entries: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[Address]:
    for entry in entries:
        pattern = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, pattern, inner)
        else:
            yield _address(entry, pattern, f"{namespace}{entry.name or ''}")


def _address(entry: URLPattern, pattern: str, name: str) -> Address:
    spec = getattr(entry.callback, "page", None)
    if spec is not None:
        return Address(name, pattern, spec.methods, spec.policy, spec.model_labels())
    return Address(name, pattern, ("GET", "POST"), LIBRARY_PAGES.get(name, ""))
