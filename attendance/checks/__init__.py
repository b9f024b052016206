"""The night's watch over attendance. Importing it registers the checks of this app."""

from attendance.checks import exclusions, leave, levels, marks, provision, timetables, unexplained

__all__ = ["exclusions", "leave", "levels", "marks", "provision", "timetables", "unexplained"]
