"""Who sends a PEP in, who answers it, and who opens a completed one again."""

from peps import workflow
from peps.models import Pep
from peps.policies.reach import CONTENT, GUIDANCE, ROLES, SEPARATION, Standing, reaches, standing
from peps.policies.reading import can_read
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_submit(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """The designated teacher; for a child without a school, the social worker or the PEP coordinator."""
    own = reaches(user, pep, at)
    if not workflow.PEP.allows(pep.state, "submit"):
        return refuse(f"The PEP is “{pep.get_state_display()}”: it is sent in after its meeting.", GUIDANCE)
    if own and user.may(Act.SUBMIT_PEPS):
        return ALLOW
    if own and pep.school_id is None and (user.may(Act.WRITE_SOCIAL_WORK_SECTIONS) or user.may(Act.PLAN_PEPS)):
        return ALLOW
    return refuse("The PEP is sent in by the school's designated teacher.", GUIDANCE)


def can_grade(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """An advocate or the head of the Virtual School who wrote none of it, whatever their role was when they wrote."""
    at = at or standing(user, pep)
    if not user.may(Act.GRADE_PEPS) or not at.own:
        return refuse(
            "PEPs are quality-assured by the Area Learning Advocates and the Virtual School Head.", SEPARATION
        )
    if at.wrote:
        return refuse("You wrote part of this PEP, so somebody else answers it.", SEPARATION)
    return ALLOW


def can_amend(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Those who grade PEPs or plan them open a completed one; one that a later PEP has superseded is history."""
    if not workflow.PEP.allows(pep.state, "amend"):
        return refuse(f"The PEP is “{pep.get_state_display()}”: only a completed one is opened to be changed.", CONTENT)
    if (user.may(Act.GRADE_PEPS) or user.may(Act.PLAN_PEPS)) and reaches(user, pep, at):
        return ALLOW
    return refuse("A completed PEP is opened by the Virtual School: those who grade PEPs, and the coordinators.", ROLES)


def can_read_grade(user: User, pep: Pep) -> Verdict:
    """Whoever reads the PEP reads how it was graded: the feedback is for those who write the next one."""
    return can_read(user, pep)
