"""Places at risk, moves of school, admissions and special educational needs."""

from referrals.models.risk import RiskAddition, RiskReport

__all__ = ["RiskAddition", "RiskReport"]
