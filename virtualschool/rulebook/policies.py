"""Who may read and who may change the council's rules (design: roles)."""

from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook.models import Rule
from virtualschool.rulebook.shipped import Definition


def can_read_rules(user: User) -> Verdict:
    """Everyone signed in: a deadline that nobody can look up is no rule."""
    if user.is_authenticated and user.is_active:
        return ALLOW
    return refuse("Sign in to read the rules.")


def can_change_rules(user: User) -> Verdict:
    """The Virtual School Head."""
    if can_read_rules(user) and user.may(Act.CHANGE_RULES):
        return ALLOW
    return refuse("Only the Virtual School Head changes rules and term dates.")


def can_change_rule(user: User, definition: Definition) -> Verdict:
    """The Virtual School Head, never a legal minimum, and nothing that no page or check asks for."""
    verdict = can_change_rules(user)
    if verdict and not definition.configurable:
        return refuse(
            "This is a minimum set by law or by design. No council can change it.", definition.versions[0].source
        )
    if verdict and not definition.changeable:
        return refuse("Not used yet: nothing in the system asks for this rule, so a change would change nothing.")
    return verdict


def can_withdraw_change(user: User, rule: Rule) -> Verdict:
    """A change whose first day has not passed; a value that came with the system cannot be withdrawn."""
    verdict = can_change_rules(user)
    if not verdict:
        return verdict
    if rule.shipped:
        return refuse("This value came with the system. Change it instead.")
    if rule.withdrawn_at is not None:
        return refuse("This change was withdrawn already.")
    if rule.effective_from < today():
        return refuse(
            "This value has been in force. What was decided under it stays under it: change it from a later day."
        )
    return ALLOW
