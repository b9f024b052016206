"""Mails that this app sends through the outbox. None names a child."""

from referrals.notifications import risk, sen

__all__ = ["risk", "sen"]
