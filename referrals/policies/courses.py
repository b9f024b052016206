"""Who records what a young person takes to an examination and what a school teaches. Whoever reads education reads it."""

from children.models import Child, School
from referrals.enums import MoveState
from referrals.models import ChildCourse, SchoolCourse, SchoolMove
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

WHO_DOES_WHAT = "Roles of the Virtual School"
DEVON = "Devon Virtual School: information for IROs and social workers"
UNDECIDED = (MoveState.DRAFT, MoveState.PROPOSED, MoveState.ACTED)


def can_read_courses(user: User, child: Child) -> Verdict:
    """The door has looked the child up through ``visible_to``."""
    if user.reads(FieldGroup.EDUCATION):
        return ALLOW
    return refuse("Your role does not read a child's education.", WHO_DOES_WHAT)


def can_record_some(user: User) -> Verdict:
    if user.may(Act.RECORD_COURSES):
        return ALLOW
    return refuse(
        "Courses are recorded by the school's designated teacher, the coordinators and the advocates.", WHO_DOES_WHAT
    )


def can_record_for(user: User, child: Child) -> Verdict:
    """A designated teacher for the children on their school's roll today; an open grant only reads."""
    allowed = can_record_some(user)
    if allowed and not Child.objects.in_own_reach(user).filter(pk=child.pk).exists():
        return refuse("You do not work with this child now.", WHO_DOES_WHAT)
    return allowed


def can_change(user: User, course: ChildCourse) -> Verdict:
    return can_record_for(user, course.child)


def can_read_school_courses(user: User, school: School) -> Verdict:
    """The door has looked the school up."""
    if user.reads(FieldGroup.EDUCATION):
        return ALLOW
    return refuse("Your role does not work with schools.", WHO_DOES_WHAT)


def can_record_at(user: User, school: School) -> Verdict:
    """A designated teacher what their own school teaches."""
    if not user.may(Act.RECORD_SCHOOL_COURSES):
        return refuse(
            "What a school teaches is recorded by its designated teacher or by the Virtual School.", WHO_DOES_WHAT
        )
    if not School.objects.visible_to(user).filter(pk=school.pk).exists():
        return refuse("This is another school.", WHO_DOES_WHAT)
    return ALLOW


def can_change_school_course(user: User, course: SchoolCourse) -> Verdict:
    return can_record_at(user, course.school)


def can_compare(user: User, move: SchoolMove, school: School) -> Verdict:
    """Sets the courses beside a school's: whoever knows of the case, also before the school is proposed."""
    return can_read_courses(user, move.child)


def can_plan_some(user: User, move: SchoolMove) -> Verdict:
    """Plans what becomes of the courses while the case is undecided: who proposes moves, and who records courses."""
    if not (user.may(Act.PROPOSE_MOVES) or user.may(Act.RECORD_COURSES)):
        return refuse("What becomes of the courses is planned by the social worker and the Virtual School.", DEVON)
    if not Child.objects.in_own_reach(user).filter(pk=move.child_id).exists():
        return refuse("You do not work with this child now.", WHO_DOES_WHAT)
    if move.state not in UNDECIDED:
        return refuse("This case is decided or closed. Take it back to plan anew.", WHO_DOES_WHAT)
    return ALLOW


def can_plan_for(user: User, move: SchoolMove, school: School) -> Verdict:
    allowed = can_plan_some(user, move)
    if allowed and not move.schools.filter(school=school).exists():
        return refuse("This school is not proposed in this case. Propose it first.", DEVON)
    return allowed
