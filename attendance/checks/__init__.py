"""The night's watch over attendance. Importing it registers the checks of this app."""

from attendance.checks import marks, timetables

__all__ = ["marks", "timetables"]
