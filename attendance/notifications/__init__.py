"""Mails that attendance sends through the outbox. None names a child."""

from attendance.notifications import timetables

__all__ = ["timetables"]
