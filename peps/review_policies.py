"""Who reads the review diary and takes it away; who raises a concern about a child's education, who answers, and who settles it."""

from children.enums import RelationKind
from children.models import Child
from children.querysets import user_and_covered
from peps.models import Concern
from peps.policies import ROLES, can_list
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_read_diary(user: User) -> Verdict:
    """A review is a matter of the care plan, and the diary says how the PEP stands to it."""
    if user.reads(FieldGroup.PEP) and user.reads(FieldGroup.LEGAL):
        return ALLOW
    return refuse("The review diary is for roles that read both the care plan's dates and PEPs.", ROLES)


def can_take_diary(user: User) -> Verdict:
    """Roles that take lists away, and reviewing officers their own diary."""
    if user.may(Act.EXPORT) or user.may(Act.RECORD_CONCERN):
        return can_read_diary(user)
    return refuse("Your role does not take lists of children away.", ROLES)


def can_read_summary(user: User, child: Child) -> Verdict:
    """Whoever reads PEPs, of the children they reach: the door has looked the child up through ``visible_to``."""
    return can_list(user)


def can_list_concerns(user: User) -> Verdict:
    """Roles that read PEPs; the list is of the children they reach."""
    return can_list(user)


def can_read_concern(user: User, concern: Concern) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_list(user)


def can_raise_some_concern(user: User) -> Verdict:
    if user.may(Act.RECORD_CONCERN):
        return ALLOW
    return refuse("Concerns and recommendations are raised by the child's Independent Reviewing Officer.", ROLES)


def can_raise_concern(user: User, child: Child) -> Verdict:
    """The child's reviewing officer of today, by allocation and not by a grant."""
    return can_raise_some_concern(user) & _in_own_reach(user, child.pk)


def can_settle_concern(user: User, concern: Concern) -> Verdict:
    """The child's reviewing officer of today accepts an answer or raises it again, whoever raised it first."""
    return can_raise_some_concern(user) & _in_own_reach(user, concern.child_id)


def can_answer_concern(user: User, concern: Concern) -> Verdict:
    """The child's own advocate or who covers for them, and the head, to whom it goes without one or unanswered."""
    if user.may(Act.ANSWER_SIGNALS):
        own = Child.objects.related_to(user_and_covered(user), RelationKind.ADVOCATE).filter(pk=concern.child_id)
        if user.may(Act.OVERRIDE) or own.exists():
            return _in_own_reach(user, concern.child_id)
    return refuse("This is answered by the child's own Area Learning Advocate, or by the Virtual School Head.", ROLES)


def _in_own_reach(user: User, child: int) -> Verdict:
    if Child.objects.in_own_reach(user).filter(pk=child).exists():
        return ALLOW
    return refuse("You do not work with this child now.", ROLES)
