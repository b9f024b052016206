"""Mails that attendance sends through the outbox. None names a child."""

from attendance.notifications import leave, timetables

__all__ = ["leave", "timetables"]
