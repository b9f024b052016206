"""When each kind of SEN matter may take its next step. Who may take it, the policies say."""

from referrals.enums import (
    SEN_STATES,
    AnnualState,
    AssessmentState,
    ConsultState,
    HandoverState,
    NoticeState,
    PhaseState,
    SenEvent,
    SenKind,
)
from virtualschool.kernel.workflow import Workflow, move

NOTICE = Workflow(
    move(SenEvent.ANSWER, [NoticeState.WAITING, NoticeState.ANSWERED], NoticeState.ANSWERED),
    move(SenEvent.CLOSE, [NoticeState.WAITING, NoticeState.ANSWERED], NoticeState.CLOSED),
)
ASSESSMENT = Workflow(
    move(SenEvent.ASSESS, [AssessmentState.ASKED], AssessmentState.ASSESSING),
    move(SenEvent.REFUSE, [AssessmentState.ASKED], AssessmentState.REFUSED),
    move(SenEvent.DRAFT, [AssessmentState.ASSESSING, AssessmentState.DRAFTED], AssessmentState.DRAFTED),
    move(SenEvent.FINALISE, [AssessmentState.DRAFTED], AssessmentState.FINAL),
    move(SenEvent.NO_PLAN, [AssessmentState.ASSESSING], AssessmentState.NO_PLAN),
    move(
        SenEvent.CLOSE,
        [AssessmentState.ASKED, AssessmentState.ASSESSING, AssessmentState.DRAFTED],
        AssessmentState.CLOSED,
    ),
)
REVIEW = Workflow(
    move(SenEvent.PLAN_MEETING, [AnnualState.DUE, AnnualState.PLANNED], AnnualState.PLANNED),
    move(SenEvent.HOLD, [AnnualState.DUE, AnnualState.PLANNED], AnnualState.HELD),
    move(SenEvent.DECIDE, [AnnualState.HELD], AnnualState.DECIDED),
    move(SenEvent.PEP_BESIDE, [AnnualState.DUE], AnnualState.DUE),
    move(SenEvent.PEP_BESIDE, [AnnualState.PLANNED], AnnualState.PLANNED),
    move(SenEvent.CLOSE, [AnnualState.DUE, AnnualState.PLANNED, AnnualState.HELD], AnnualState.CLOSED),
)
PHASE = Workflow(
    move(SenEvent.NAME_SCHOOL, [PhaseState.STARTED, PhaseState.NAMED], PhaseState.NAMED),
    move(SenEvent.ISSUE, [PhaseState.STARTED, PhaseState.NAMED], PhaseState.ISSUED),
    move(SenEvent.CLOSE, [PhaseState.STARTED, PhaseState.NAMED], PhaseState.CLOSED),
)
HANDOVER = Workflow(
    move(SenEvent.HAND_OVER, [HandoverState.KNOWN], HandoverState.HANDED_OVER),
    move(SenEvent.TELL_PARENT, [HandoverState.HANDED_OVER], HandoverState.PARENT_TOLD),
    move(SenEvent.CLOSE, [HandoverState.KNOWN, HandoverState.HANDED_OVER], HandoverState.CLOSED),
)
CONSULTATION = Workflow(
    move(SenEvent.ACCEPT, [ConsultState.CONSULTED], ConsultState.ACCEPTED),
    move(SenEvent.DECLINE, [ConsultState.CONSULTED], ConsultState.DECLINED),
    move(SenEvent.CLOSE, [ConsultState.CONSULTED], ConsultState.CLOSED),
)
TABLES: dict[str, Workflow] = {
    SenKind.MOVE: NOTICE,
    SenKind.ASSESSMENT: ASSESSMENT,
    SenKind.REVIEW: REVIEW,
    SenKind.PHASE: PHASE,
    SenKind.HANDOVER: HANDOVER,
    SenKind.CONSULTATION: CONSULTATION,
}
FIRST: dict[str, str] = {
    SenKind.MOVE: NoticeState.WAITING,
    SenKind.ASSESSMENT: AssessmentState.ASKED,
    SenKind.REVIEW: AnnualState.DUE,
    SenKind.PHASE: PhaseState.STARTED,
    SenKind.HANDOVER: HandoverState.KNOWN,
    SenKind.CONSULTATION: ConsultState.CONSULTED,
}
# Nothing happens after these: the matter is closed, and with it the SEN officers' reach.
LAST: tuple[str, ...] = tuple(
    dict.fromkeys(
        str(state) for kind, states in SEN_STATES.items() for state in states if not TABLES[kind].events(state)
    )
)
