"""Who is nudged about a reviewing officer's concern. A nudge names no child: the list on the person's own page does."""

from collections.abc import Iterable

from children.enums import RelationKind
from children.models import Relationship
from peps.models import Concern
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox

RAISED, ANSWERED, ESCALATED = "concern.raised", "concern.answered", "concern.escalated"
outbox.register_kind(RAISED, "concerns of reviewing officers to answer")
outbox.register_kind(ANSWERED, "answers to concerns you raised")
outbox.register_kind(ESCALATED, "concerns of reviewing officers that nobody answered in time")


def raised(concern: Concern) -> None:
    """The child's advocate has the task; where none is allocated, the head."""
    own = _holders(concern, RelationKind.ADVOCATE)
    _post(RAISED, concern, own or _heads())


def answered(concern: Concern) -> None:
    """The child's reviewing officer of today, who need not be the one who raised it."""
    _post(ANSWERED, concern, _holders(concern, RelationKind.IRO))


def escalated(concern: Concern) -> None:
    _post(ESCALATED, concern, _heads(), urgent=True)


def _holders(concern: Concern, kind: RelationKind) -> list[User]:
    ties = Relationship.objects.current().filter(child=concern.child_id, kind=kind, user__is_active=True)
    return [tie.user for tie in ties.select_related("user")]


def _heads() -> list[User]:
    return list(User.objects.filter(role=roles.VSH.name, is_active=True).order_by("pk"))


def _post(kind: str, concern: Concern, told: Iterable[User], *, urgent: bool = False) -> None:
    nudges = {f"{kind}:{concern.uuid.hex}:{concern.round}:{user.pk}": user for user in told}
    if nudges:
        outbox.post_many(nudges, kind=kind, urgent=urgent)
