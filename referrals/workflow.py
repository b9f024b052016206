"""When a report of risk may be answered and closed, and when a school move may go on."""

from referrals.enums import MoveState, RiskState
from virtualschool.kernel.workflow import Workflow, move

OPEN = (RiskState.REPORTED, RiskState.PLAN_MADE)

RISK = Workflow(
    move("plan", [RiskState.REPORTED, RiskState.PLAN_MADE], RiskState.PLAN_MADE),
    move("worsen", [RiskState.PLAN_MADE], RiskState.REPORTED),  # sooner than the plan knew
    move("close", [RiskState.REPORTED, RiskState.PLAN_MADE], RiskState.CLOSED),
)

M = MoveState

# A case that somebody still works on; a child has one of them at a time.
MOVE_OPEN = (M.DRAFT, M.PROPOSED, M.APPROVED, M.ACTED, M.APPLIED, M.OFFERED, M.ON_ROLL)
# Somebody entitled to has said yes, or it was an emergency: places may be applied for, and the child put on a roll.
MOVE_PERMITTED = (M.APPROVED, M.ACTED, M.APPLIED, M.OFFERED)
# What is asked of the case may still be changed.
MOVE_WRITABLE = (M.DRAFT, M.ACTED)

MOVE = Workflow(
    move("propose", [M.DRAFT], M.PROPOSED),
    move("revise", [M.PROPOSED, M.APPROVED, M.REFUSED, M.ACTED, M.APPLIED, M.OFFERED], M.DRAFT),
    move("approve", [M.PROPOSED], M.APPROVED),
    move("refuse", [M.PROPOSED], M.REFUSED),
    move("act", [M.DRAFT, M.PROPOSED], M.ACTED),
    move("apply", [M.APPROVED, M.ACTED, M.APPLIED, M.OFFERED], M.APPLIED),
    move("offer", [M.APPROVED, M.ACTED, M.APPLIED, M.OFFERED], M.OFFERED),
    move("enrol", MOVE_PERMITTED, M.ON_ROLL),
    # the place that was to begin never did: what was permitted still is
    move("fall_through", [M.ON_ROLL], M.APPROVED),
    move("fall_back", [M.ON_ROLL], M.ACTED),
    move("complete", [M.ON_ROLL, M.APPROVED, M.ACTED], M.COMPLETE),
    move("withdraw", [M.DRAFT, M.PROPOSED, M.APPROVED, M.ACTED, M.APPLIED, M.OFFERED], M.WITHDRAWN),
)
