"""What is kept of attendance, by what it is about."""

from attendance.models.marks import AttendanceDay, AttendanceYear, MarkChange, MarkDispute, MarkSource
from attendance.models.timetables import ReducedTimetable, TimetableAgreement, TimetableReview

__all__ = [
    "AttendanceDay",
    "AttendanceYear",
    "MarkChange",
    "MarkDispute",
    "MarkSource",
    "ReducedTimetable",
    "TimetableAgreement",
    "TimetableReview",
]
