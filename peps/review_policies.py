"""Who reads and takes away the review diary."""

from peps.policies import ROLES
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
