"""What the pages of this app share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from virtualschool.accounts.invitations import send_link
from virtualschool.accounts.models import Cover, User
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.forms import PageForm


def sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, were it nothing; None before anything was."""
    return request.POST if request.method == "POST" else None


def attempt(form: PageForm, act: Callable[[], Any]) -> Any:
    """What the action gives; None when it says that the facts do not fit, which the form then shows."""
    try:
        with transaction.atomic():
            return act()
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None


def mail_link(request: HttpRequest, person: User) -> None:
    """Mail the link for choosing a password, and say whether it went."""
    if send_link(request, person):
        messages.success(request, f"A link for choosing a password went to {person.email}.")
    else:
        messages.error(request, "The mail server did not take the mail. Send the link again from the person’s page.")


def home_of(person: User) -> str:
    """The page of an account."""
    return reverse("accounts:person", args=[person.uuid])


def form_page(
    request: HttpRequest, form: PageForm, heading: str, caption: str = "", *, back: str, **context: Any
) -> HttpResponse:
    """A page that is one form, with what holds now above it."""
    given = {"now": (), "more": (), **context}
    return render(
        request,
        "accounts/form.html",
        {"form": form, "heading": heading, "caption": caption, "back": back, **given},
    )


def period_of(row: Cover) -> str:
    """From the first day of cover until the first day back."""
    return f"{long_date(row.start)} until {long_date(row.end)}"
