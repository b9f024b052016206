"""Who reports that a placement or a school place is at risk, and who makes the plan."""

from children.models import Child
from referrals import workflow
from referrals.models import RiskReport
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

WHO_DOES_WHAT = "Roles of the Virtual School"
DEVON = "Devon Virtual School: information for IROs and social workers"


def can_report(user: User) -> Verdict:
    """Social workers must tell the Virtual School as soon as a breakdown is possible (Devon); its own staff may write it down too."""
    if user.may(Act.REPORT_RISK):
        return ALLOW
    return refuse("A risk is reported by social workers, their managers and the Virtual School.", DEVON)


def can_report_on(user: User, child: Child) -> Verdict:
    """By the role's own reach; an open grant, as a broken glass is, only reads."""
    allowed = can_report(user)
    if allowed and not Child.objects.in_own_reach(user).filter(pk=child.pk).exists():
        return refuse("You do not work with this child.", WHO_DOES_WHAT)
    return allowed


def can_read_reports(user: User) -> Verdict:
    """Those who report or answer risk and read narrative: a report is what somebody wrote of a child's trouble.

    Who reads no narrative, an Independent Reviewing Officer as well, learns from the alert which place it is and how soon.
    """
    if (user.may(Act.REPORT_RISK) or user.may(Act.ANSWER_RISK)) and user.reads(FieldGroup.NARRATIVE):
        return ALLOW
    return refuse("Your role does not read reports of risk.", WHO_DOES_WHAT)


def can_read_report(user: User, report: RiskReport) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read_reports(user)


def can_answer(user: User, report: RiskReport) -> Verdict:
    """The plan and the outcome are the Virtual School's; it makes them with the social worker."""
    if not user.may(Act.ANSWER_RISK):
        return refuse("The plan is made by the Area Learning Advocates and the Virtual School Head.", DEVON)
    if not Child.objects.in_own_reach(user).filter(pk=report.child_id).exists():
        return refuse("This report is about a child you do not work with.", WHO_DOES_WHAT)
    return ALLOW


def can_add_to(user: User, report: RiskReport) -> Verdict:
    """More may be added to an open report by whoever could have made it."""
    allowed = can_report_on(user, report.child)
    if allowed and report.state not in workflow.OPEN:
        return refuse("This report is closed; report the risk anew.", DEVON)
    return allowed
