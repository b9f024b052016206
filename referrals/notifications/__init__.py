"""Mails that this app sends through the outbox. None names a child."""

from referrals.notifications import admissions, moves, risk, sen

__all__ = ["admissions", "moves", "risk", "sen"]
