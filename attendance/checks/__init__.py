"""The night's watch over attendance. Importing it registers the checks of this app."""

from attendance.checks import leave, marks, provision, timetables

__all__ = ["leave", "marks", "provision", "timetables"]
