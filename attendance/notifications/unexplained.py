"""Who is asked the same day why a child is absent: the social worker, and through them the carer, who has no account here."""

from collections import defaultdict
from collections.abc import Iterable

from attendance import told
from children.enums import RelationKind
from children.models import Alert, Relationship
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox

ASK = "attendance.unexplained"
outbox.register_kind(ASK, "absences that nobody has explained: ask the carer and the school today")


def ask(alerts: Iterable[Alert]) -> None:
    """Once for each alert and person; the head where a child has neither social worker nor advocate. Five statements at most."""
    found = list(alerts)
    if not found:
        return
    who = _asked_of({one.child_id for one in found})
    others = told.heads() if any(one.child_id not in who for one in found) else []
    nudges = {f"{ASK}:{one.uuid.hex}:{user.pk}": user for one in found for user in who.get(one.child_id, others)}
    outbox.post_many(nudges, kind=ASK, urgent=True)


def _asked_of(children: set[int]) -> dict[int, list[User]]:
    """The social workers of each child; the advocate of one who has none."""
    ties = Relationship.objects.of_kind(RelationKind.SOCIAL_WORKER, RelationKind.ADVOCATE).current()
    rows = ties.filter(child__in=children, user__is_active=True).select_related("user").order_by("pk")
    held: dict[str, dict[int, list[User]]] = defaultdict(lambda: defaultdict(list))
    for tie in rows:
        held[tie.kind][tie.child_id].append(tie.user)
    return {**held[RelationKind.ADVOCATE], **held[RelationKind.SOCIAL_WORKER]}
