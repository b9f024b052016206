"""Who plans a term's meetings, and who only looks at the plan."""

from collections.abc import Iterable

from children.models import Child
from peps import planner
from peps.models import Pep
from peps.policies import ARRANGING, ROLES
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_use_planner(user: User) -> Verdict:
    """Those who plan PEPs, the school for its own children, and the advocates who have to come to meetings."""
    if user.reads(FieldGroup.PEP) and any(user.may(act) for act in (*ARRANGING, Act.GRADE_PEPS)):
        return ALLOW
    return refuse("A term's meetings are planned by the PEP coordinators, the schools and the advocates.", ROLES)


def arranges_meetings(user: User) -> bool:
    """Whether the person's role arranges meetings at all; of one PEP ``policies.can_schedule`` says it."""
    return any(user.may(act) for act in ARRANGING)


def can_plan_several(user: User) -> Verdict:
    """Whoever arranges meetings at all, for several at a time; each is asked about when it is planned."""
    if user.reads(FieldGroup.PEP) and arranges_meetings(user):
        return ALLOW
    return refuse("PEP meetings are arranged by the PEP coordinators and the child's school.", ROLES)


def reached(user: User, peps: Iterable[Pep]) -> set[int]:
    """Those of the PEPs whose children are the person's by role. One query for all."""
    children = Child.objects.in_own_reach(user)
    return set(Pep.objects.filter(pk__in=[pep.pk for pep in peps], child__in=children).values_list("pk", flat=True))


def plannable(user: User, peps: Iterable[Pep]) -> set[int]:
    """Those that have no meeting and whose the person may plan: ``policies.can_schedule`` for a page of them, in one query."""
    if not can_plan_several(user):
        return set()
    waiting = Pep.objects.filter(planner.without_meeting(), pk__in=[pep.pk for pep in peps])
    own = waiting.filter(child__in=Child.objects.in_own_reach(user))
    return set(own.values_list("pk", flat=True))
