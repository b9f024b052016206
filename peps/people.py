"""Who has which part in a child's PEP on a day."""

from dataclasses import dataclass
from datetime import date

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


def designated_teacher(school: School | None, on: date) -> User | None:
    """The school's designated teacher on the day, or while there is none the deputy."""
    if school is None:
        return None
    positions = [Membership.Position.DESIGNATED_TEACHER, Membership.Position.DEPUTY]
    members = (
        Membership.objects.filter(organisation=school.organisation_id, position__in=positions, user__is_active=True)
        .current(on)
        .select_related("user")
    )
    by_position = {member.position: member.user for member in members}
    return next((by_position[position] for position in positions if position in by_position), None)
