"""When a PEP, its meeting and its sections may move. Who may is ``policies``; what happens then is ``actions``.

States as the field uses them: planned, preparing, meeting held, submitted, in QA, returned, complete, superseded, rearranged, cancelled.
"""

from peps.enums import MeetingState, PepState
from virtualschool.kernel.workflow import Workflow, move

S = PepState

OPEN = (S.PLANNED, S.PREPARING, S.MEETING_HELD, S.SUBMITTED, S.IN_QA, S.RETURNED, S.REARRANGED)
CLOSED = (S.COMPLETE, S.SUPERSEDED, S.CANCELLED)
BEFORE_MEETING = (S.PLANNED, S.PREPARING, S.REARRANGED)
WRITABLE = (S.PREPARING, S.MEETING_HELD, S.RETURNED, S.REARRANGED)
WITH_VIRTUAL_SCHOOL = (S.SUBMITTED, S.IN_QA)

PEP = Workflow(
    move("schedule", [S.PLANNED, S.PREPARING, S.REARRANGED], S.PREPARING),
    move("rearrange", [S.PREPARING], S.REARRANGED),
    move("hold_meeting", [S.PREPARING], S.MEETING_HELD),
    move("submit", [S.MEETING_HELD, S.RETURNED], S.SUBMITTED),
    move("take_up", [S.SUBMITTED], S.IN_QA),
    move("return", [S.SUBMITTED, S.IN_QA], S.RETURNED),
    move("approve", [S.SUBMITTED, S.IN_QA], S.COMPLETE),
    move("supersede", [S.COMPLETE], S.SUPERSEDED),
    move("cancel", OPEN, S.CANCELLED),
)

MEETING = Workflow(
    move("hold", [MeetingState.PLANNED], MeetingState.HELD),
    move("rearrange", [MeetingState.PLANNED], MeetingState.REARRANGED),
    move("cancel", [MeetingState.PLANNED], MeetingState.CANCELLED),
)
