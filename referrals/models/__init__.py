"""Places at risk, moves of school, admissions and special educational needs."""

from referrals.models.courses import ChildCourse, SchoolCourse, WholeList
from referrals.models.risk import RiskAddition, RiskReport

__all__ = ["ChildCourse", "RiskAddition", "RiskReport", "SchoolCourse", "WholeList"]
