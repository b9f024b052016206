"""Mails that attendance sends through the outbox. None names a child."""

from attendance.notifications import exclusions, leave, timetables, unexplained

__all__ = ["exclusions", "leave", "timetables", "unexplained"]
