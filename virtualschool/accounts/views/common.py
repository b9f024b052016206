"""What the pages of this app share."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from virtualschool.accounts.invitations import send_link
from virtualschool.accounts.models import Cover, User
from virtualschool.kernel.formfields import long_date


def mail_link(request: HttpRequest, person: User) -> None:
    """Mail the link for choosing a password, and say whether it went."""
    if send_link(request, person):
        messages.success(request, f"A link for choosing a password went to {person.email}.")
    else:
        messages.error(request, "The mail server did not take the mail. Send the link again from the person’s page.")


def home_of(person: User) -> str:
    """The page of an account."""
    return reverse("accounts:person", args=[person.uuid])


def period_of(row: Cover) -> str:
    """From the first day of cover until the first day back."""
    return f"{long_date(row.start)} until {long_date(row.end)}"
