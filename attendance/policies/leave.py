"""Who asks for leave in term time, who says what they think of it, and who records what the head decided."""

from attendance.leave import rules as leaverules
from attendance.models import LeaveRequest
from attendance.policies.marks import WHO_DOES_WHAT, can_read
from attendance.policies.timetables import in_own_reach, own_school, places
from children.models import Child, Enrolment
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_read_leave(user: User, leave: LeaveRequest) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read(user)


def can_ask(user: User) -> Verdict:
    """The social worker, the school, or the coordinator in the name of a carer."""
    if user.may(Act.ASK_FOR_LEAVE):
        return ALLOW
    return refuse(
        "Leave is asked for by the social worker, by the school, or by the coordinator in the name of a carer.",
        WHO_DOES_WHAT,
    )


def can_ask_for(user: User, child: Child) -> Verdict:
    allowed = can_ask(user) & in_own_reach(user, child.pk)
    if allowed and not places(user, child).exists():
        return refuse("Only a school grants leave, and the child is on no school's roll today.", leaverules.REGULATIONS)
    return allowed


def can_ask_at(user: User, enrolment: Enrolment) -> Verdict:
    """At just this place."""
    allowed = can_ask_for(user, enrolment.child)
    if allowed and not places(user, enrolment.child).filter(pk=enrolment.pk).exists():
        return refuse("The child is not on the roll of this school today, or it is not your school.", WHO_DOES_WHAT)
    return allowed


def can_view(user: User, leave: LeaveRequest) -> Verdict:
    """The child's social worker, or the manager of their team."""
    if user.may(Act.WRITE_SOCIAL_WORK_SECTIONS):
        return in_own_reach(user, leave.child_id)
    return refuse("The child's social worker says what they think of it.", WHO_DOES_WHAT)


def can_answer(user: User, leave: LeaveRequest) -> Verdict:
    """Whether the Virtual School supports it: an advocate or the head."""
    if user.may(Act.ANSWER_LEAVE):
        return in_own_reach(user, leave.child_id)
    return refuse("Whether the Virtual School supports it is said by the Virtual School.", WHO_DOES_WHAT)


def can_support(user: User, leave: LeaveRequest) -> Verdict:
    """What the rules do not support is an exception of the Virtual School Head's, where the council leaves room for one."""
    by_rule = leaverules.of_request(leave, today())
    exception = by_rule if not user.may(Act.OVERRIDE) else leaverules.no_exception(leave.kind, today())
    return can_answer(user, leave) & (ALLOW if by_rule else exception)


def can_decide(user: User, leave: LeaveRequest) -> Verdict:
    """Only the school grants leave; its designated teacher records the head's decision, or business support on the school's word."""
    if user.may(Act.RECORD_LEAVE_DECISION):
        return in_own_reach(user, leave.child_id) & own_school(user, leave.enrolment)
    return refuse(
        "Only the school grants leave. Its designated teacher records what the head decided.", leaverules.REGULATIONS
    )


def can_withdraw(user: User, leave: LeaveRequest) -> Verdict:
    """Whoever may ask for it."""
    return can_ask(user) & in_own_reach(user, leave.child_id) & own_school(user, leave.enrolment)
