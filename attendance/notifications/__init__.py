"""Mails that attendance sends through the outbox. None names a child."""

from attendance.notifications import exclusions, leave, timetables

__all__ = ["exclusions", "leave", "timetables"]
