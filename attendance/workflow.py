"""When a record of attendance may move. Who may is ``policies``; what happens then is ``actions``."""

from attendance.enums import ExclusionState as State
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

# Suspensions and permanent exclusions (DfE, Suspension and permanent exclusion, 2023).
# Days of these were spent away from school: also of one that the governors or the head took back later.
GIVEN = (
    State.GIVEN,
    State.GOVERNORS,
    State.UPHELD,
    State.REVIEW,
    State.FINAL,
    State.REINSTATED,
    State.CANCELLED,
)
# Nobody has taken it back, so the child is away on its days.
STANDING = (State.GIVEN, State.GOVERNORS, State.UPHELD, State.REVIEW, State.FINAL)
BEFORE_GOVERNORS = (State.GIVEN, State.GOVERNORS)
BEFORE_FINAL = (State.PROPOSED, State.GIVEN, State.GOVERNORS, State.UPHELD, State.REVIEW)
TAKEN_BACK = (State.REINSTATED, State.WITHDRAWN, State.CANCELLED)

SUSPENSION = Workflow(
    move("to_governors", [State.GIVEN], State.GOVERNORS),
    move("uphold", BEFORE_GOVERNORS, State.UPHELD),
    move("reinstate", BEFORE_GOVERNORS, State.REINSTATED),
    move("cancel", BEFORE_GOVERNORS, State.CANCELLED),
    move("strike", [State.GIVEN, State.GOVERNORS, State.UPHELD], State.STRUCK),
)

PERMANENT = Workflow(
    move("give", [State.PROPOSED], State.GIVEN),
    move("to_governors", [State.GIVEN], State.GOVERNORS),
    move("uphold", BEFORE_GOVERNORS, State.UPHELD),
    move("reinstate", [State.GIVEN, State.GOVERNORS, State.REVIEW], State.REINSTATED),
    move("ask_review", [State.UPHELD], State.REVIEW),
    move("reconsider", [State.REVIEW], State.GOVERNORS),
    move("confirm", [State.UPHELD, State.REVIEW], State.FINAL),
    move("withdraw", BEFORE_FINAL, State.WITHDRAWN),
    move("strike", BEFORE_FINAL, State.STRUCK),
)
