"""Places at risk, moves of school, admissions and special educational needs."""

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
    "Consultation",
    "MoveDecision",
    "MoveException",
    "NominatedOfficer",
    "ProposedSchool",
    "RiskAddition",
    "RiskReport",
    "SchoolMove",
    "SenMatter",
    "SenStep",
]
