"""Who works with a child, for a nudge by mail. A nudge names no child: the list on the person's own page does."""

from collections.abc import Iterable

from children.enums import RelationKind
from children.models import Enrolment, Relationship
from peps.people import designated_teacher
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox
from virtualschool.kernel.dates import today


def holders(child_id: int, *kinds: RelationKind) -> list[User]:
    """Those who are tied to the child today in one of these ways."""
    ties = Relationship.objects.current().filter(child=child_id, kind__in=kinds, user__is_active=True)
    return [tie.user for tie in ties.select_related("user").order_by("pk")]


def heads() -> list[User]:
    return list(User.objects.filter(role=roles.VSH.name, is_active=True).order_by("pk"))


def advocate_or_heads(child_id: int) -> list[User]:
    """The child's advocate; where none is allocated, the head."""
    return holders(child_id, RelationKind.ADVOCATE) or heads()


def teacher(enrolment: Enrolment) -> list[User]:
    """The school's designated teacher, or while there is none the deputy."""
    found = designated_teacher(enrolment.school, today())
    return [found] if found else []


def nudge(kind: str, matter: str, people: Iterable[User], *, urgent: bool = False) -> None:
    """Once for each person and matter."""
    nudges = {f"{kind}:{matter}:{user.pk}": user for user in people}
    if nudges:
        outbox.post_many(nudges, kind=kind, urgent=urgent)
