"""What the sign-in library asks of us: nobody signs up, made-up people are refused outside demo mode, and who gets mail."""

import logging
import smtplib
from threading import Thread
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest

logger = logging.getLogger(__name__)
NOT_TAKEN = (smtplib.SMTPException, OSError)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person, unless made up and this is not a demo: then the same answer as to a wrong password."""
        user = super().authenticate(request, **credentials)
        return None if user is not None and user.is_demo and not settings.DEMO_MODE else user

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Nobody has a user name."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail to somebody with an account.

        Whoever asks from outside must not learn from the time an answer takes whether there is an account, so the answer does not
        wait for the mail server. An administrator waits, and is told when it did not take the mail.
        """
        request: HttpRequest = self.request
        message = self.render_mail(template_prefix, email, {"request": request, "email": email, **context})
        if request.user.is_authenticated:
            message.send()
        else:
            Thread(target=_send, args=[message], name="account-mail", daemon=True).start()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except NOT_TAKEN:
        logger.exception("The mail server did not take a mail about an account")
