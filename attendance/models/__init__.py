"""What is kept of attendance, by what it is about."""

from attendance.models.marks import AttendanceDay, AttendanceYear, MarkChange, MarkDispute, MarkSource

__all__ = ["AttendanceDay", "AttendanceYear", "MarkChange", "MarkDispute", "MarkSource"]
