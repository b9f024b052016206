"""What the sign-in library asks of us: nobody signs up, and made-up people are refused outside demo mode."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


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
