"""The night's watch over attendance. Importing it registers the checks of this app."""

from attendance.checks import exclusions, leave, marks, provision, timetables

__all__ = ["exclusions", "leave", "marks", "provision", "timetables"]
