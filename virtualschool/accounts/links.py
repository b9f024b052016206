"""The single-use link by which somebody chooses a password."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

from virtualschool.kernel.dates import now


class LinkTokens(PasswordResetTokenGenerator):
    """Works once, and for as long as it should.

    An invitation waits in a mailbox for ``PASSWORD_RESET_TIMEOUT``; a link for an account that has a password already lasts
    ``RESET_LINK_AGE``. A link dies with a change of password or email address, and when the account is closed.
    """

    def check_token(self, user: Any, token: str | None) -> bool:
        if not super().check_token(user, token):
            return False
        return not user.has_usable_password() or self._age(str(token)) <= settings.RESET_LINK_AGE.total_seconds()

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"

    def _age(self, token: str) -> int:
        """Seconds since the link was made."""
        return self._num_seconds(self._now()) - base36_to_int(token.split("-")[0])

    def _now(self) -> datetime:
        """In UTC, so that a link lasts no hour more or less on the nights when the clocks change."""
        return now().astimezone(UTC).replace(tzinfo=None)
