"""When a report of risk may be answered and closed."""

from referrals.enums import RiskState
from virtualschool.kernel.workflow import Workflow, move

OPEN = (RiskState.REPORTED, RiskState.PLAN_MADE)

RISK = Workflow(
    move("plan", [RiskState.REPORTED, RiskState.PLAN_MADE], RiskState.PLAN_MADE),
    move("close", [RiskState.REPORTED, RiskState.PLAN_MADE], RiskState.CLOSED),
)
