"""Who has which part in a child's PEP on a day."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from children.enums import RelationKind
from children.models import Child, Relationship, School
from peps.enums import Owner, Seat
from virtualschool.accounts.models import Membership, User
from virtualschool.accounts.roles import FieldGroup

# The rulebook names people by their roles; a meeting gives them seats.
SEATS = {
    "socialworker": Seat.SOCIAL_WORKER,
    "teacher": Seat.DESIGNATED_TEACHER,
    "carer": Seat.CARER,
    "child": Seat.CHILD,
    "parent": Seat.PARENT,
    "ala": Seat.ADVOCATE,
    "coordinator": Seat.COORDINATOR,
    "support": Seat.SUPPORT,
    "iro": Seat.IRO,
}
CHAIRS = {
    "virtual_school": Seat.ADVOCATE,
    "coordinator": Seat.COORDINATOR,
    "teacher": Seat.DESIGNATED_TEACHER,
    "socialworker": Seat.SOCIAL_WORKER,
}
SEAT_OF_TIE = {
    RelationKind.SOCIAL_WORKER: Seat.SOCIAL_WORKER,
    RelationKind.ADVOCATE: Seat.ADVOCATE,
    RelationKind.COORDINATOR: Seat.COORDINATOR,
    RelationKind.SUPPORT: Seat.SUPPORT,
    RelationKind.IRO: Seat.IRO,
}
OWNER_SEATS = {
    Owner.SOCIAL_WORKER: Seat.SOCIAL_WORKER,
    Owner.DESIGNATED_TEACHER: Seat.DESIGNATED_TEACHER,
    Owner.KEY_ADULT: Seat.DESIGNATED_TEACHER,
    Owner.CARER: Seat.SOCIAL_WORKER,
    Owner.VIRTUAL_SCHOOL: Seat.COORDINATOR,
}
# Seats whose holders write the PEP; ``peps.migrations.0002_guards`` says the same to the database.
WRITERS = (Seat.SOCIAL_WORKER, Seat.DESIGNATED_TEACHER)
# Seats of people whose names are not everybody's to read who reads the PEP.
NAMED_FOR = {Seat.CARER: FieldGroup.CARER, Seat.PARENT: FieldGroup.BIRTH_FAMILY}


@dataclass(frozen=True)
class People:
    """The people with accounts, by their seat. A carer, a parent and the child have a seat and no account."""

    by_seat: dict[str, User]

    def at(self, seat: str) -> User | None:
        return self.by_seat.get(seat)

    def owning(self, owner: str) -> User | None:
        """Who is asked for a section that ``owner`` fills."""
        return self.by_seat.get(OWNER_SEATS[Owner(owner)])

    def name_of_owner(self, owner: str) -> str:
        found = self.owning(owner)
        return found.name if found else f"no {Owner(owner).label} known"


def people_of(child: Child, school: School | None, on: date) -> People:
    """The child's workers, and the designated teacher of the school, on the day. Two queries."""
    found: dict[str, User] = {}
    ties = Relationship.objects.filter(child=child, kind__in=SEAT_OF_TIE).current(on).select_related("user")
    for tie in ties:
        found[SEAT_OF_TIE[RelationKind(tie.kind)]] = tie.user
    teacher = designated_teacher(school, on)
    if teacher is not None:
        found[Seat.DESIGNATED_TEACHER] = teacher
    return People(found)


def people_of_all(peps: Collection[Any], on: date) -> dict[int, People]:
    """``people_of`` for many PEPs, by their keys. The PEPs come with their schools. Two queries, however many they are."""
    at_child: dict[int, dict[str, User]] = defaultdict(dict)
    ties = Relationship.objects.filter(child__in={pep.child_id for pep in peps}, kind__in=SEAT_OF_TIE).current(on)
    for tie in ties.select_related("user"):
        at_child[tie.child_id][SEAT_OF_TIE[RelationKind(tie.kind)]] = tie.user
    teachers = _teachers({pep.school.organisation_id for pep in peps if pep.school}, on)
    found = {}
    for pep in peps:
        teacher = teachers.get(pep.school.organisation_id) if pep.school else None
        found[pep.pk] = People(at_child[pep.child_id] | ({Seat.DESIGNATED_TEACHER: teacher} if teacher else {}))
    return found


def designated_teacher(school: School | None, on: date) -> User | None:
    """The school's designated teacher on the day, or while there is none the deputy."""
    if school is None:
        return None
    return _teachers({school.organisation_id}, on).get(school.organisation_id)


def _teachers(organisations: Collection[int], on: date) -> dict[int, User]:
    """Each school's designated teacher, or while there is none the deputy, by its organisation."""
    deputies, teachers = {}, {}
    positions = (Membership.Position.DESIGNATED_TEACHER, Membership.Position.DEPUTY)
    members = Membership.objects.filter(
        organisation__in=organisations, position__in=positions, user__is_active=True
    ).current(on)
    for member in members.select_related("user"):
        kept = teachers if member.position == Membership.Position.DESIGNATED_TEACHER else deputies
        kept[member.organisation_id] = member.user
    return deputies | teachers
