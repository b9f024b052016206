"""Whom a school move tells at once: those who are asked, and those who decide. No mail names a child."""

from children.enums import RelationKind
from children.models import Child, Enrolment
from referrals.models import NominatedOfficer, SchoolMove
from referrals.notifications.people import readers, social_workers
from virtualschool.accounts import roles
from virtualschool.accounts.models import Membership, User
from virtualschool.accounts.roles import Act
from virtualschool.jobs import outbox

ASKED = "move.asked"
TO_DECIDE = "move.to_decide"
EMERGENCY = "move.emergency"
DECIDED = "move.decided"
TO_ENROL = "move.to_enrol"
OPENED = "move.opened"
FELL_THROUGH = "move.fell_through"


def tell_asked(move: SchoolMove, turn: int) -> None:
    """The reviewing officer, the social worker and the present school's designated teacher, that they are asked."""
    for user in [*_tied(move.child, RelationKind.IRO, RelationKind.SOCIAL_WORKER), *_teachers(move.from_place)]:
        if user.pk != move.proposed_by_id:
            outbox.post(key=f"{ASKED}:{move.uuid}:{turn}:{user.pk}", to=user, kind=ASKED, urgent=True)


def tell_deciders(move: SchoolMove, turn: int, *, nominated: bool, head: bool) -> None:
    """Those by whom it may be decided; the head whenever the year is flagged, and where nobody is nominated who could decide."""
    found: dict[int, User] = {}
    if nominated:
        found |= {user.pk: user for user in _officers()}
        head = head or not found
    if head or not nominated:
        found |= {user.pk: user for user in (_heads() if head else _advocates(move.child))}
    for user in found.values():
        if user.pk != move.proposed_by_id:
            outbox.post(key=f"{TO_DECIDE}:{move.uuid}:{turn}:{user.pk}", to=user, kind=TO_DECIDE, urgent=True)


def tell_of_emergency(move: SchoolMove, turn: int, *, nominated: bool) -> None:
    """The Virtual School Head, the advocate and the reviewing officer: a child moved, or moves today, without an approval.

    ``nominated``: in the years in which they approve, the nominated officers too.
    """
    told = [*_heads(), *_advocates(move.child), *_tied(move.child, RelationKind.IRO)]
    told += _officers() if nominated else []
    for user in {user.pk: user for user in told}.values():
        if user.pk != move.acted_by_id:
            outbox.post(key=f"{EMERGENCY}:{move.uuid}:{turn}:{user.pk}", to=user, kind=EMERGENCY, urgent=True)


def tell_opened(move: SchoolMove) -> None:
    """A care placement needs another school: those who lead the case that opened for it, the social worker and the advocate."""
    for user in [*_tied(move.child, RelationKind.SOCIAL_WORKER), *_advocates(move.child)]:
        outbox.post(key=f"{OPENED}:{move.uuid}:{user.pk}", to=user, kind=OPENED, urgent=True)


def tell_fallen_through(move: SchoolMove, place_pk: int) -> None:
    """The place that the child was to begin is gone: the social worker and the advocate."""
    for user in [*_tied(move.child, RelationKind.SOCIAL_WORKER), *_advocates(move.child)]:
        outbox.post(key=f"{FELL_THROUGH}:{move.uuid}:{place_pk}:{user.pk}", to=user, kind=FELL_THROUGH, urgent=True)


def tell_decided(move: SchoolMove, turn: int) -> None:
    """Whoever proposed it, and the social worker of today, if they may open it still."""
    for user in readers(move, [*social_workers(move.child), move.proposed_by]):
        outbox.post(key=f"{DECIDED}:{move.uuid}:{turn}:{user.pk}", to=user, kind=DECIDED, urgent=True)


def tell_offered(move: SchoolMove, school_pk: int) -> None:
    """The coordinator of the child, or every one: somebody puts the child on the roll."""
    own = _tied(move.child, RelationKind.COORDINATOR)
    for user in own or User.objects.filter(role=roles.COORDINATOR.name, is_active=True):
        outbox.post(key=f"{TO_ENROL}:{move.uuid}:{school_pk}:{user.pk}", to=user, kind=TO_ENROL, urgent=True)


def _tied(child: Child, *kinds: str) -> list[User]:
    ties = child.relationships.of_kind(*kinds).current().values("user")
    return list(User.objects.filter(pk__in=ties, is_active=True))


def _officers() -> list[User]:
    """Who holds a nomination today and is still of those who may be nominated."""
    held = NominatedOfficer.objects.current().filter(user__is_active=True).select_related("user")
    return [officer.user for officer in held if officer.user.may(Act.AGREE_MOVES)]


def _heads() -> list[User]:
    return list(User.objects.filter(role=roles.VSH.name, is_active=True))


def _advocates(child: Child) -> list[User]:
    """The child's own; where none is allocated, every one, and the head."""
    own = _tied(child, RelationKind.ADVOCATE)
    every = User.objects.filter(role__in=[roles.ALA.name, roles.VSH.name], is_active=True)
    return own or list(every)


def _teachers(place: Enrolment | None) -> list[User]:
    if place is None:
        return []
    ties = Membership.objects.current().filter(
        organisation=place.school.organisation_id, position__in=Membership.REACHING
    )
    return list(User.objects.filter(pk__in=ties.values("user"), is_active=True))


outbox.register_kind(ASKED, "school moves on which you are asked")
outbox.register_kind(TO_DECIDE, "school moves to decide")
outbox.register_kind(EMERGENCY, "emergency moves that were acted on")
outbox.register_kind(DECIDED, "school moves that were decided")
outbox.register_kind(TO_ENROL, "school places offered: put the child on the roll")
outbox.register_kind(OPENED, "school moves that a new care placement needs")
outbox.register_kind(FELL_THROUGH, "school places that were to begin and never did")
