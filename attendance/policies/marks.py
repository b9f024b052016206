"""Who reads attendance, and who enters marks."""

from collections.abc import Collection
from datetime import date

from children.models import Child, School
from children.querysets import ChildQuerySet
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

WHO_DOES_WHAT = "Roles of the Virtual School"


def can_read(user: User) -> Verdict:
    """Roles that read attendance; each sees the children it reaches and no others."""
    if user.reads(FieldGroup.ATTENDANCE):
        return ALLOW
    return refuse("Your role does not read attendance.", WHO_DOES_WHAT)


def can_read_child(user: User, child: Child) -> Verdict:
    """The door has looked the child up through ``visible_to``."""
    return can_read(user)


def can_mark(user: User) -> Verdict:
    """The register is the school's: its designated teacher enters marks here, and the Virtual School on the school's word."""
    if user.may(Act.RECORD_ATTENDANCE):
        return ALLOW
    return refuse("Marks are entered by the child's school.", WHO_DOES_WHAT)


def can_mark_children(user: User, children: Collection[int], on: date) -> Verdict:
    """Those who were on the roll of one of the person's schools on the day, by primary key."""
    allowed = can_mark(user)
    if allowed and set(children) - set(to_mark(user, on).filter(pk__in=children).values_list("pk", flat=True)):
        return refuse("One of the children was not on the roll of your school on that day.", WHO_DOES_WHAT)
    return allowed


def to_mark(user: User, on: date) -> ChildQuerySet:
    """The children whose marks of the day this person may enter."""
    schools = School.objects.visible_to(user)
    found: ChildQuerySet = Child.objects.in_own_reach(user).enrolled_at(schools, on)
    return found
