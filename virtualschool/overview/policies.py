"""Who may use the pages that compose the others."""

from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, Reach
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

SOURCE = "Roles of the Virtual School"


def can_use_service(user: User) -> Verdict:
    """Everybody who signs in has a home page of their own."""
    return ALLOW


def can_list_children(user: User) -> Verdict:
    """Everybody who reaches children; the list holds theirs only."""
    if user.role_class.reach is Reach.NOBODY:
        return refuse("Your role does not open children's records.", SOURCE)
    return ALLOW


def can_export_roll(user: User) -> Verdict:
    """Taking a list away in a file."""
    if user.may(Act.EXPORT):
        return ALLOW
    return refuse("Your role does not take lists of children away in a file.", SOURCE)


def can_open_child(user: User, child: Child) -> Verdict:
    """Whoever reaches the child; the page shows what the role reads."""
    return ALLOW


def can_read_dashboard(user: User) -> Verdict:
    if user.may(Act.READ_DASHBOARD):
        return ALLOW
    return refuse("The dashboard is for the Virtual School.", SOURCE)
