"""The mail that lets an invited person choose a password: the sign-in library's own reset link, single-use and short-lived."""

import logging

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from virtualschool.accounts.adapter import NOT_TAKEN
from virtualschool.accounts.models import User

logger = logging.getLogger(__name__)


def send_link(request: HttpRequest, person: User) -> bool:
    """Mail the link.

    Returns:
        whether the mail server took it; when not, the person's page offers to send it again.
    """
    form = ResetPasswordForm({"email": person.email})
    if not form.is_valid():
        return False
    try:
        form.save(request)
    except NOT_TAKEN:
        logger.exception("The link for account %s was not taken by the mail server", person.pk)
        return False
    return True
