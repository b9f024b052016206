"""What every page with one form does: take what was sent, try the action, say what it refused, draw the form."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

T = TypeVar("T")


def sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, were it nothing; None before anything was."""
    return request.POST if request.method == "POST" else None


def attempt(form: BaseForm, act: Callable[[], T]) -> T | None:
    """What the action gives. Where it says that the facts do not fit, nothing of it stays, the form says so, and this is None.

    What it says stands under the field that it names, or above the form when the form has no such field.
    """
    try:
        with transaction.atomic():
            return act()
    except ValidationError as refused:
        for name, words in _by_field(refused).items():
            form.add_error(name if name in form.fields else None, words)
        return None


def _by_field(refused: ValidationError) -> dict[str, list[str]]:
    if hasattr(refused, "error_dict"):
        return {name: list(words) for name, words in refused.message_dict.items()}
    return {NON_FIELD_ERRORS: list(refused.messages)}


def form_page(
    request: HttpRequest,
    form: BaseForm,
    *,
    heading: str,
    back: str,
    caption: str = "",
    intro: Sequence[str] = (),
    warning: str = "",
    rows: Sequence[Mapping[str, Any]] = (),
    more: Sequence[Mapping[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """One form on a page. ``intro`` are paragraphs before it, ``rows`` a summary list of what it is about, ``more`` links after it."""
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "caption": caption,
        "intro": intro,
        "warning": warning,
        "rows": rows,
        "more": more,
    }
    return render(request, "layout/form.html", context, status=status)


def done(request: HttpRequest, words: str, href: str) -> HttpResponse:
    """Say it and go on."""
    messages.success(request, words)
    return redirect(href)
