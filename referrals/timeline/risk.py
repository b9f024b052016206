"""Reports, plans and outcomes of risk, for the child's timeline."""

from children.models import Child
from referrals.enums import AtRisk
from referrals.models import RiskReport
from virtualschool.accounts.models import User
from virtualschool.kernel.moments import Moment

KIND = "risk"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Reports, plans and outcomes that this person may know of. One query; the words stay on the report's own page."""
    told: list[Moment] = []
    rows = (
        RiskReport.objects.visible_to(user).filter(child=child).select_related("reported_by", "planned_by", "closed_by")
    )
    for one in rows:
        place, href = AtRisk(one.at_risk).label, one.get_absolute_url()
        told.append(
            Moment(
                one.reported_on, f"{place} reported to be at risk".capitalize(), KIND, one.reported_by.name, href=href
            )
        )
        if one.planned_on and one.planned_by:
            told.append(Moment(one.planned_on, f"Plan made for the {place}", KIND, one.planned_by.name, href=href))
        if one.closed_on:
            by = one.closed_by.name if one.closed_by else ""
            outcome = one.get_outcome_display().capitalize()
            told.append(Moment(one.closed_on, "Report of risk closed", KIND, by, outcome, href))
    return told
