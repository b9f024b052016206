"""What is kept of attendance, by what it is about."""

from attendance.models.exclusions import Exclusion, ExclusionStep
from attendance.models.leave import LeaveRequest, LeaveStep
from attendance.models.mappings import SourceMapping
from attendance.models.marks import AttendanceDay, AttendanceYear, MarkChange, MarkDispute, MarkSource
from attendance.models.provision import AlternativeProvision, ProvisionCheck, ProvisionReview
from attendance.models.timetables import ReducedTimetable, TimetableAgreement, TimetableReview

__all__ = [
    "AlternativeProvision",
    "AttendanceDay",
    "AttendanceYear",
    "Exclusion",
    "ExclusionStep",
    "LeaveRequest",
    "LeaveStep",
    "MarkChange",
    "MarkDispute",
    "MarkSource",
    "ProvisionCheck",
    "ProvisionReview",
    "ReducedTimetable",
    "SourceMapping",
    "TimetableAgreement",
    "TimetableReview",
]
