"""Tags that the components need. Loaded for every template by the settings."""

import datetime as dt
from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from virtualschool.kernel import formfields, formrendering, tables

register = template.Library()


@register.simple_tag(takes_context=True)
def vs_csrf(context: Any) -> SafeString:
    """The CSRF field, also in a component that was included with ``only`` and so has lost ``csrf_token``."""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(context.request))


@register.simple_tag
def tag_class(colour: str = "", status: str = "") -> str:
    """The class of a tag's colour."""
    return tables.tag_class(str(colour or ""), str(status or ""))


@register.filter
def long_date(value: Any) -> str:
    """5 September 2026, with the time when there is one; other values as they are."""
    if isinstance(value, dt.datetime):
        return formfields.long_moment(value)
    if isinstance(value, dt.date):
        return formfields.long_date(value)
    return "" if value is None else str(value)


@register.filter
def machine_date(value: Any) -> str:
    """For the datetime attribute of ``<time>``."""
    return value.isoformat() if isinstance(value, dt.date) else ""


@register.filter
def form_errors(form: Any) -> list[dict[str, str]]:
    """The error summary: words, and the control that each one is about."""
    found = [{"text": str(error), "href": ""} for error in form.non_field_errors()]
    for field in form:
        told = formrendering.errors(field)
        found += [{"text": words, "href": f"#{target}" if target else ""} for words, target in told]
    return found


@register.filter
def govuk_button_kind(kind: Any) -> str:
    """The class of a button of this kind: '', secondary, warning."""
    return {"secondary": "govuk-button--secondary", "warning": "govuk-button--warning"}.get(str(kind or ""), "")


@register.filter
def button_classes(field_classes: Any) -> str:
    """Our classes among those of a crispy button, which brings its own for another framework."""
    return " ".join(name for name in str(field_classes).split() if name.startswith(("govuk-", "vs-", "moj-")))


@register.filter
def alert_kind(level_tag: Any) -> str:
    """The kind of alert for a message's level."""
    return {"success": "success", "warning": "warning", "error": "error"}.get(str(level_tag), "information")
