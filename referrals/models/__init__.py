"""Places at risk, moves of school, admissions and special educational needs."""

from referrals.models.admissions import Application, ApplicationStep
from referrals.models.courses import ChildCourse, CoursePlan, SchoolCourse, WholeList
from referrals.models.moves import (
    Consultation,
    MoveDecision,
    MoveException,
    NominatedOfficer,
    ProposedSchool,
    SchoolMove,
)
from referrals.models.risk import RiskAddition, RiskReport
from referrals.models.sen import SenMatter, SenStep

__all__ = [
    "Application",
    "ApplicationStep",
    "ChildCourse",
    "Consultation",
    "CoursePlan",
    "MoveDecision",
    "MoveException",
    "NominatedOfficer",
    "ProposedSchool",
    "RiskAddition",
    "RiskReport",
    "SchoolCourse",
    "SchoolMove",
    "SenMatter",
    "SenStep",
    "WholeList",
]
