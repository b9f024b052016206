"""Who answers an alert, and who may open a record from outside the team."""

from children.models import Alert, Clock
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules

WHO_DOES_WHAT = "Roles of the Virtual School"
REASON_RULE = "access.reason_length"
NO_SUCH_CHILD = refuse("There is no such child on the roll.", WHO_DOES_WHAT)


def can_read_alerts(user: User) -> Verdict:
    """Whoever works with children reads the alerts of those they reach; the list is cut to what their role reads."""
    if user.role_class.reads:
        return ALLOW
    return refuse("Your role does not read children's records.", WHO_DOES_WHAT)


def can_read_alert(user: User, alert: Alert) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read_alerts(user)


def can_read_clock(user: User, clock: Clock) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read_alerts(user)


def can_read_signs(user: User) -> Verdict:
    """How often signs fire by group is for those who answer them and set their rules."""
    if user.may(Act.ANSWER_SIGNALS):
        return ALLOW
    return refuse("Signs by group are for the Area Learning Advocates and the Virtual School Head.", WHO_DOES_WHAT)


def can_answer_alert(user: User, alert: Alert) -> Verdict:
    """The Virtual School's advocates and head answer."""
    if not (user.may(Act.ANSWER_SIGNALS) or user.may(Act.ANSWER_RISK)):
        return refuse("Alerts are answered by the Area Learning Advocates and the Virtual School Head.", WHO_DOES_WHAT)
    if not Alert.objects.visible_to(user).filter(pk=alert.pk).exists():
        return refuse(
            "This alert is about a child you do not work with, or something your role does not read.", WHO_DOES_WHAT
        )
    return ALLOW


def can_look_outside_team(user: User) -> Verdict:
    """Only a social work team manager looks for a child outside the team."""
    if user.may(Act.BREAK_GLASS):
        return ALLOW
    return refuse("Only a social work team manager may open the record of a child outside the team.", WHO_DOES_WHAT)


def can_break_glass(user: User, *, reason: str) -> Verdict:
    """With a reason of some length; a sealed record is opened by nobody in this way."""
    allowed = can_look_outside_team(user)
    least = rules.get(REASON_RULE, on=today())
    if allowed and len(reason.strip()) < least.value:
        return refuse(f"Give a reason of at least {least.value} characters.", least.source)
    return allowed
