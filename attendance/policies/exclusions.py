"""Who reads suspensions and permanent exclusions, and who records them."""

from attendance.models import Exclusion
from attendance.policies.marks import WHO_DOES_WHAT, can_read
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

GUIDANCE = "DfE, Suspension and permanent exclusion (statutory guidance, 2023)"


def can_list(user: User) -> Verdict:
    """Roles that read attendance; each sees the children it reaches, a designated teacher those of their own school."""
    return can_read(user)


def can_take_away(user: User) -> Verdict:
    """The list as a file."""
    allowed = can_list(user)
    if allowed and not user.may(Act.EXPORT):
        return refuse("Your role does not take lists away.", WHO_DOES_WHAT)
    return allowed


def can_read_of(user: User, child: Child) -> Verdict:
    """The door has looked the child up through ``visible_to``."""
    return can_read(user)


def can_read_one(user: User, exclusion: Exclusion) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read(user)


def can_record(user: User) -> Verdict:
    """The head must tell the Virtual School without delay: the designated teacher records it, or whoever there hears of it."""
    if user.may(Act.RECORD_EXCLUSIONS):
        return ALLOW
    return refuse("Suspensions are recorded by the child’s school and by the Virtual School.", GUIDANCE)


def can_record_for(user: User, child: Child) -> Verdict:
    """Of children whom the role reaches of itself; an open grant only reads."""
    allowed = can_record(user)
    if allowed and not Child.objects.in_own_reach(user).filter(pk=child.pk).exists():
        return refuse("You do not work with this child.", WHO_DOES_WHAT)
    return allowed


def can_change(user: User, exclusion: Exclusion) -> Verdict:
    """Whoever could have recorded it, a designated teacher for their own school alone."""
    allowed = can_record_for(user, exclusion.child)
    if allowed and not Exclusion.objects.visible_to(user).filter(pk=exclusion.pk).exists():
        return refuse("Another school recorded this.", WHO_DOES_WHAT)
    return allowed
