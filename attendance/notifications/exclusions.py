"""Who hears of a suspension the same day: the child's social workers, their advocate and the Virtual School Head."""

from attendance.models import Exclusion
from children.enums import RelationKind
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox

TOLD = "attendance.suspended"


def recipients(exclusion: Exclusion, *, apart_from: User | None = None) -> list[User]:
    """Those allocated today and every head; where no advocate is allocated, every advocate. Two queries."""
    kinds = [RelationKind.SOCIAL_WORKER, RelationKind.ADVOCATE]
    ties = exclusion.child.relationships.of_kind(*kinds).current().filter(user__is_active=True).select_related("user")
    own = {tie.user_id: tie for tie in ties}
    wanted = [roles.VSH.name]
    if all(tie.kind != RelationKind.ADVOCATE for tie in own.values()):
        wanted.append(roles.ALA.name)
    others = User.objects.filter(role__in=wanted, is_active=True).exclude(pk__in=own).order_by("role", "name")
    return [user for user in [*(tie.user for tie in own.values()), *others] if user != apart_from]


def tell(exclusion: Exclusion, matter: str, by: User | None) -> None:
    """A mail at once that something waits. ``matter`` tells the record from what became of it."""
    nudges = {f"{TOLD}:{matter}:{user.pk}": user for user in recipients(exclusion, apart_from=by)}
    outbox.post_many(nudges, kind=TOLD, urgent=True)


outbox.register_kind(TOLD, "news of a suspension or permanent exclusion")
