"""How the roll's pages draw a form and say that something was done."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render


def sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, were it nothing; None before anything was."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest,
    form: BaseForm,
    *,
    heading: str,
    back: str,
    caption: str = "",
    intro: Sequence[str] = (),
    warning: str = "",
    rows: Sequence[dict[str, Any]] = (),
    status: int = 200,
) -> HttpResponse:
    """One form on a page. ``intro`` are paragraphs before it, ``rows`` a summary list of what it is about."""
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "caption": caption,
        "intro": intro,
        "warning": warning,
        "rows": rows,
    }
    return render(request, "children/form.html", context, status=status)


def done(request: HttpRequest, words: str, href: str) -> HttpResponse:
    """Say it and go on."""
    messages.success(request, words)
    return redirect(href)
