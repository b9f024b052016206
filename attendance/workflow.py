"""When a record of attendance may move. Who may is ``policies``; what happens then is ``actions``."""

from attendance.enums import LeaveEvent, LeaveState, ProvisionEvent, ProvisionState, ReviewOutcome, TimetableState
from virtualschool.kernel.workflow import Workflow, move

TIMETABLE = Workflow(
    move(ReviewOutcome.EXTENDED, [TimetableState.RUNNING], TimetableState.RUNNING),
    move(ReviewOutcome.MORE_HOURS, [TimetableState.RUNNING], TimetableState.RUNNING),
    move(ReviewOutcome.ENDED, [TimetableState.RUNNING], TimetableState.ENDED),
)

PROVISION = Workflow(
    move(ProvisionEvent.REVIEWED, [ProvisionState.RUNNING], ProvisionState.RUNNING),
    move(ProvisionEvent.ENDED, [ProvisionState.RUNNING], ProvisionState.ENDED),
)

L = LeaveState

LEAVE_OPEN = (L.ASKED, L.VIEWED, L.ANSWERED)
LEAVE_STANDING = (*LEAVE_OPEN, L.GRANTED)

# The school may decide before anybody has answered, and change its mind: the law leaves it to the school.
LEAVE = Workflow(
    move(LeaveEvent.VIEWED, [L.ASKED], L.VIEWED),
    move(LeaveEvent.ANSWERED, [L.ASKED, L.VIEWED], L.ANSWERED),
    move(LeaveEvent.GRANTED, [*LEAVE_OPEN, L.NOT_GRANTED], L.GRANTED),
    move(LeaveEvent.NOT_GRANTED, [*LEAVE_OPEN, L.GRANTED], L.NOT_GRANTED),
    move(LeaveEvent.WITHDRAWN, LEAVE_STANDING, L.WITHDRAWN),
)
