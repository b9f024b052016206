"""Who has the next word on leave in term time."""

from attendance import told
from attendance.models import LeaveRequest
from children.enums import RelationKind
from virtualschool.jobs import outbox

VIEW, ANSWER, DECIDE, DECIDED = "leave.view", "leave.answer", "leave.decide", "leave.decided"
outbox.register_kind(VIEW, "requests for leave in term time that wait for your view")
outbox.register_kind(ANSWER, "requests for leave in term time that wait for the Virtual School")
outbox.register_kind(DECIDE, "requests for leave in term time that wait for the head teacher’s decision")
outbox.register_kind(DECIDED, "requests for leave in term time that were decided")


def ask_worker(leave: LeaveRequest) -> None:
    told.nudge(VIEW, leave.uuid.hex, told.holders(leave.child_id, RelationKind.SOCIAL_WORKER))


def ask_virtual_school(leave: LeaveRequest) -> None:
    """The head, whose exception it may be, and the child's advocate."""
    people = {user.pk: user for user in [*told.heads(), *told.holders(leave.child_id, RelationKind.ADVOCATE)]}
    told.nudge(ANSWER, leave.uuid.hex, people.values())


def ask_school(leave: LeaveRequest) -> None:
    told.nudge(DECIDE, leave.uuid.hex, told.teacher(leave.enrolment))


def decided(leave: LeaveRequest) -> None:
    """Whoever asked, and the child's social worker; a decision that is changed is told again."""
    people = {user.pk: user for user in [leave.asked_by, *told.holders(leave.child_id, RelationKind.SOCIAL_WORKER)]}
    told.nudge(DECIDED, f"{leave.uuid.hex}:{leave.steps.count()}", people.values())
