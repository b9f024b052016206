"""Who records a reduced timetable, who says for whom that it is agreed, and who reviews it."""

from django.db.models import QuerySet

from attendance.enums import Party
from attendance.models import ReducedTimetable
from attendance.policies.marks import WHO_DOES_WHAT, can_read
from children.models import Child, Enrolment, School
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

GUIDANCE = "DfE, Working together to improve school attendance (statutory guidance, August 2024)"


def can_read_timetable(user: User, timetable: ReducedTimetable) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read(user)


def can_take_away(user: User) -> Verdict:
    """The register as a file, for roles that take lists away."""
    if user.may(Act.EXPORT):
        return can_read(user)
    return refuse("Your role does not take lists of children away.", WHO_DOES_WHAT)


def can_keep(user: User) -> Verdict:
    """The child's school, and the Virtual School on the school's word."""
    if user.may(Act.KEEP_TIMETABLES):
        return ALLOW
    return refuse("This is recorded by the child's school or by the Virtual School.", WHO_DOES_WHAT)


def can_record_for(user: User, child: Child) -> Verdict:
    """Where the child is on a roll, of the person's own school for a designated teacher."""
    allowed = can_keep(user) & in_own_reach(user, child.pk)
    if allowed and not places(user, child).exists():
        return refuse("The child is on no school's roll today. Record the school first.", GUIDANCE)
    return allowed


def can_record_at(user: User, enrolment: Enrolment) -> Verdict:
    """At just this place."""
    allowed = can_record_for(user, enrolment.child)
    if allowed and not places(user, enrolment.child).filter(pk=enrolment.pk).exists():
        return refuse("The child is not on the roll of this school today, or it is not your school.", WHO_DOES_WHAT)
    return allowed


def can_review(user: User, timetable: ReducedTimetable) -> Verdict:
    """Whoever may record one reviews it and ends it: a designated teacher those of their own school."""
    return can_keep(user) & in_own_reach(user, timetable.child_id) & own_school(user, timetable.enrolment)


def can_answer(user: User, timetable: ReducedTimetable) -> Verdict:
    """Those who may say for somebody whether they agree."""
    if parties_of(user, timetable):
        return ALLOW
    who = "The school and the Virtual School record who agreed, the social worker and the Virtual School say so themselves."
    return refuse(who, GUIDANCE)


def can_answer_for(user: User, timetable: ReducedTimetable, party: Party) -> Verdict:
    if party in parties_of(user, timetable):
        return ALLOW
    return refuse(f"You cannot say whether the {party.label} agrees.", WHO_DOES_WHAT)


def parties_of(user: User, timetable: ReducedTimetable) -> tuple[Party, ...]:
    """For whom the person may say that they agree: nobody answers for the social worker or the Virtual School but they themselves."""
    if not in_own_reach(user, timetable.child_id):
        return ()
    social_work = user.may(Act.WRITE_SOCIAL_WORK_SECTIONS)
    keeps = bool(can_review(user, timetable))
    may = {
        Party.SCHOOL: keeps,
        Party.CARER: keeps or social_work,
        Party.SOCIAL_WORKER: social_work,
        Party.VIRTUAL_SCHOOL: user.may(Act.AGREE_TIMETABLES),
    }
    return tuple(party for party, allowed in may.items() if allowed)


def places(user: User, child: Child) -> QuerySet[Enrolment]:
    """The child's places on rolls today, of schools that the person knows as theirs or may look up."""
    schools = School.objects.visible_to(user)
    found: QuerySet[Enrolment] = Enrolment.objects.current(today()).filter(child=child, school__in=schools)
    return found.select_related("school", "child").order_by("start", "pk")


def own_school(user: User, enrolment: Enrolment | None) -> Verdict:
    if enrolment is None or School.objects.visible_to(user).filter(pk=enrolment.school_id).exists():
        return ALLOW
    return refuse("This is of another school.", WHO_DOES_WHAT)


def in_own_reach(user: User, child: int) -> Verdict:
    """An open grant, as a broken glass is, only reads."""
    if Child.objects.in_own_reach(user).filter(pk=child).exists():
        return ALLOW
    return refuse("You do not work with this child now.", WHO_DOES_WHAT)
