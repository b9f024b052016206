"""When a record of attendance may move. Who may is ``policies``; what happens then is ``actions``."""

from attendance.enums import ReviewOutcome, TimetableState
from virtualschool.kernel.workflow import Workflow, move

TIMETABLE = Workflow(
    move(ReviewOutcome.EXTENDED, [TimetableState.RUNNING], TimetableState.RUNNING),
    move(ReviewOutcome.MORE_HOURS, [TimetableState.RUNNING], TimetableState.RUNNING),
    move(ReviewOutcome.ENDED, [TimetableState.RUNNING], TimetableState.ENDED),
)
