"""Whom a report of risk goes to at once: the child's Area Learning Advocate and the Virtual School Head."""

from children.enums import RelationKind
from children.models import Child
from referrals.models import RiskReport
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox

REPORTED = "risk.reported"
PLANNED = "risk.planned"


def recipients(child: Child) -> list[User]:
    """The child's advocate and every head; where no advocate is allocated, every advocate. Two queries."""
    ties = child.relationships.of_kind(RelationKind.ADVOCATE).current().values("user")
    own = list(User.objects.filter(pk__in=ties, is_active=True))
    wanted = [roles.VSH.name] if own else [roles.VSH.name, roles.ALA.name]
    others = User.objects.filter(role__in=wanted, is_active=True).exclude(pk__in=[user.pk for user in own])
    return [*own, *others.order_by("role", "name")]


def tell_virtual_school(report: RiskReport, matter: str) -> None:
    """A mail at once that something waits; ``matter`` tells a report from what is added to it."""
    for user in recipients(report.child):
        outbox.post(key=f"{REPORTED}:{matter}:{user.pk}", to=user, kind=REPORTED, urgent=True)


def tell_reporter(report: RiskReport) -> None:
    """Whoever reported it is told that there is a plan."""
    outbox.post(key=f"{PLANNED}:{report.uuid}:{report.reported_by_id}", to=report.reported_by, kind=PLANNED)


outbox.register_kind(REPORTED, "reports that a care placement or school place is at risk")
outbox.register_kind(PLANNED, "plans for what you reported")
