"""Who records alternative provision, its checks and its reviews."""

from attendance.models import AlternativeProvision
from attendance.policies.marks import can_read
from attendance.policies.timetables import can_keep, in_own_reach, own_school
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.kernel.verdicts import Verdict


def can_read_provision(user: User, provision: AlternativeProvision) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read(user)


def can_record_for(user: User, child: Child) -> Verdict:
    """The child's school or the Virtual School; a child without a school may be taught elsewhere, too."""
    return can_keep(user) & in_own_reach(user, child.pk)


def can_keep_provision(user: User, provision: AlternativeProvision) -> Verdict:
    """Checks, reviews and the end: a designated teacher those of their own school's children."""
    return can_record_for(user, provision.child) & own_school(user, provision.enrolment)
