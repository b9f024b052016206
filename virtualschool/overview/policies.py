"""Who may use the pages that compose the others."""

from datetime import timedelta

from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, Reach
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules

SOURCE = "Roles of the Virtual School"
HOUR = timedelta(hours=1)
LATEST = 1000


def can_use_service(user: User) -> Verdict:
    """Everybody who signs in has a home page of their own."""
    return ALLOW


def can_list_children(user: User) -> Verdict:
    """Everybody who reaches children; the list holds theirs only."""
    if user.role_class.reach is Reach.NOBODY:
        return refuse("Your role does not open children's records.", SOURCE)
    return ALLOW


def can_search(user: User) -> Verdict:
    """As often as the rule ``search.an_hour`` allows: whoever needs more is trying names."""
    allowed = can_list_children(user)
    rule = rules.get("search.an_hour", on=today())
    if allowed and _searches_of_late(user) >= rule.value:
        return refuse(
            f"You have searched {rule.value} times in an hour. Use the list of children instead.", rule.source
        )
    return allowed


def _searches_of_late(user: User) -> int:
    """How many of the last thousand pages were searches of the last hour; the log is too long to look at all of it."""
    latest = AccessLog.objects.filter(user_id=str(user.pk)).order_by("-pk").values("pk")[:LATEST]
    return AccessLog.objects.filter(pk__in=latest, kind=AccessKind.SEARCH, at__gt=now() - HOUR).count()


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
