"""What an open report of risk says where it stands beside other facts: which place, since when, how soon. Never why, in whose words."""

from typing import Any

from children.evidence import evidence, fact
from referrals.enums import AtRisk
from referrals.models import RiskReport
from virtualschool.accounts.roles import FieldGroup

REPORTED = "placement.reported_at_risk"
WITHOUT_PLAN = "placement.risk_without_plan"
GROUP = FieldGroup.LEGAL


def natural_key(report: RiskReport) -> str:
    return f"referrals.RiskReport:{report.uuid}"


def reported(report: RiskReport) -> dict[str, Any]:
    """The alert's evidence; the same from the report itself and from the night."""
    place = AtRisk(report.at_risk).label
    sentence = f"The {place} was reported to be at risk: {report.get_how_soon_display()}"
    return evidence(sentence, fact(report.reported_on, "Reported", report.get_absolute_url()))
