"""Who records what a young person takes to an examination and what a school teaches. Whoever reads education reads it."""

from children.models import Child, School
from referrals.models import ChildCourse, SchoolCourse
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

WHO_DOES_WHAT = "Roles of the Virtual School"


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
