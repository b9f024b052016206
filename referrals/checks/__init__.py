"""The night's watch over places at risk and moves. Importing it registers the checks of this app."""

from referrals.checks import admissions, moves, risk, sen

__all__ = ["admissions", "moves", "risk", "sen"]
