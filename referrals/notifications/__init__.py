"""Mails that this app sends through the outbox. None names a child."""

from referrals.notifications import risk

__all__ = ["risk"]
