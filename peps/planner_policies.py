"""Who plans a term's meetings, and who only looks at the plan."""

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
