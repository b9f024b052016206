"""Who says by hand in which year's form a PEP is written."""

from peps import workflow
from peps.enums import PepState
from peps.models import Pep
from peps.policies import GUIDANCE, ROLES, SEPARATION, Standing, reaches
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

BY_HAND = (Act.PLAN_PEPS, Act.GRADE_PEPS)


def can_set_form(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """The coordinators and the advocates, of an open PEP that has not been sent in: what was sent in was read in its form."""
    if not (reaches(user, pep, at) and any(user.may(act) for act in BY_HAND)):
        return refuse("The form of a PEP is set by the PEP coordinators and the Area Learning Advocates.", ROLES)
    if pep.state not in workflow.WRITABLE:
        return refuse(f"The PEP is “{pep.get_state_display()}”: its form stands as it was written.", GUIDANCE)
    if pep.state == PepState.RETURNED:
        return refuse("Only what was returned is open, so the form stays the one that was graded.", SEPARATION)
    return ALLOW
