"""When a PEP, its meeting and its sections may move. Who may is ``policies``; what happens then is ``actions``.

States as the field uses them: planned, preparing, meeting held, submitted, in QA, returned, complete, superseded, rearranged, cancelled.
"""

from peps.enums import ConcernState, MeetingState, PepState, SectionState
from virtualschool.kernel.workflow import Workflow, move

S = PepState

OPEN = (S.PLANNED, S.PREPARING, S.MEETING_HELD, S.SUBMITTED, S.IN_QA, S.RETURNED, S.REARRANGED)
CLOSED = (S.COMPLETE, S.SUPERSEDED, S.CANCELLED)
BEFORE_MEETING = (S.PLANNED, S.PREPARING, S.REARRANGED)
WRITABLE = (S.PLANNED, S.PREPARING, S.MEETING_HELD, S.RETURNED, S.REARRANGED)
HELD = (S.MEETING_HELD, S.SUBMITTED, S.IN_QA, S.RETURNED, S.COMPLETE, S.SUPERSEDED)
WITH_VIRTUAL_SCHOOL = (S.SUBMITTED, S.IN_QA)

# The first words written, or the first meeting planned, start a planned PEP's preparing.
PEP = Workflow(
    move("start", [S.PLANNED], S.PREPARING),
    move("schedule", [S.PLANNED, S.PREPARING, S.REARRANGED], S.PREPARING),
    move("rearrange", [S.PREPARING], S.REARRANGED),
    move("hold_meeting", [S.PREPARING], S.MEETING_HELD),
    move("submit", [S.MEETING_HELD, S.RETURNED], S.SUBMITTED),
    move("take_up", [S.SUBMITTED], S.IN_QA),
    move("return", [S.SUBMITTED, S.IN_QA], S.RETURNED),
    move("approve", [S.SUBMITTED, S.IN_QA], S.COMPLETE),
    move("amend", [S.COMPLETE], S.RETURNED),
    move("withdraw_change", [S.RETURNED, S.SUBMITTED, S.IN_QA], S.COMPLETE),
    move("supersede", [S.COMPLETE], S.SUPERSEDED),
    move("cancel", OPEN, S.CANCELLED),
)

MEETING = Workflow(
    move("hold", [MeetingState.PLANNED], MeetingState.HELD),
    move("rearrange", [MeetingState.PLANNED], MeetingState.REARRANGED),
    move("cancel", [MeetingState.PLANNED], MeetingState.CANCELLED),
)

SECTION = Workflow(
    move("write", [SectionState.NOT_STARTED, SectionState.STARTED], SectionState.STARTED),
    move("write_again", [SectionState.RETURNED], SectionState.RETURNED),
    move("complete", [SectionState.NOT_STARTED, SectionState.STARTED, SectionState.RETURNED], SectionState.COMPLETE),
    move("reopen", [SectionState.COMPLETE], SectionState.STARTED),
    move("return", list(SectionState), SectionState.RETURNED),
)

C = ConcernState

CONCERN_WITH_ADVOCATE = (C.RAISED, C.RAISED_AGAIN)
CONCERN_WAITING = (*CONCERN_WITH_ADVOCATE, C.ESCALATED)
CONCERN_OPEN = (*CONCERN_WAITING, C.ANSWERED)

# What a reviewing officer raises: answered by the advocate, unanswered it goes to the head; closed when care ends.
CONCERN = Workflow(
    move("answer", CONCERN_WAITING, C.ANSWERED),
    move("escalate", CONCERN_WITH_ADVOCATE, C.ESCALATED),
    move("accept", [C.ANSWERED], C.ACCEPTED),
    move("raise_again", [C.ANSWERED], C.RAISED_AGAIN),
    move("close", CONCERN_OPEN, C.CLOSED),
)
