"""Mails that this app sends through the outbox. None names a child."""

from referrals.notifications import moves, risk, sen

__all__ = ["moves", "risk", "sen"]
