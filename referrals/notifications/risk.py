"""Whom a report of risk goes to at once: the child's Area Learning Advocate and, by the council's rule, the Virtual School Head."""

from children.enums import RelationKind
from children.models import Child
from referrals.models import RiskReport
from referrals.notifications.people import readers, social_workers
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox
from virtualschool.kernel.dates import today
from virtualschool.rulebook import rules

REPORTED = "risk.reported"
PLANNED = "risk.planned"
TOLD = "placement.risk_told"


def recipients(child: Child) -> list[User]:
    """The child's advocate, or every advocate where none is allocated; and every head, by the rule or where there is no advocate."""
    ties = child.relationships.of_kind(RelationKind.ADVOCATE).current().values("user")
    people = User.objects.filter(is_active=True).order_by("role", "name")
    advocates = list(people.filter(pk__in=ties)) or list(people.filter(role=roles.ALA.name))
    if advocates and rules.get(TOLD, on=today()).value == "advocate":
        return advocates
    heads = people.filter(role=roles.VSH.name).exclude(pk__in=[user.pk for user in advocates])
    return [*advocates, *heads]


def tell_virtual_school(report: RiskReport, matter: str) -> None:
    """A mail at once that something waits; ``matter`` tells a report from what is added to it."""
    for user in recipients(report.child):
        outbox.post(key=f"{REPORTED}:{matter}:{user.pk}", to=user, kind=REPORTED, urgent=True)


def tell_reporter(report: RiskReport, turn: int) -> None:
    """Whoever reported it is told of each plan; where they may not open it any more, the social worker of today."""
    people = readers(report, [report.reported_by]) or readers(report, social_workers(report.child))
    outbox.post_many({f"{PLANNED}:{report.uuid}:{turn}:{user.pk}": user for user in people}, kind=PLANNED)


outbox.register_kind(REPORTED, "reports that a care placement or school place is at risk")
outbox.register_kind(PLANNED, "plans for what you reported")
