"""Named people: one of each role who knows Amy, and for each dated role an outsider who knows another child.

    people = personas.cast()
    people.socialworker          reaches people.amy and not people.bob
    people.outsiders["iro"]      reaches people.bob and not people.amy

Whoever reaches the whole roll (Virtual School Head, advocate, coordinator, business support) has no outsider: both children
are theirs. The data protection officer reaches neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from children.enums import GrantKind, RelationKind
from children.models import AccessGrant, Child, Relationship, School
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.children import (
    AccessGrantFactory,
    ChildFactory,
    EnrolmentFactory,
    RelationshipFactory,
    SchoolFactory,
)
from virtualschool.accounts.models import Membership, Organisation, User
from virtualschool.kernel.dates import today

DATED = ("support", "socialworker", "manager", "iro", "teacher", "sen", "admissions")
WHOLE_ROLL = ("vsh", "ala", "coordinator", "data")
NAMES = {
    "vsh": "Vera Head",
    "ala": "Alan Advocate",
    "coordinator": "Cora Coordinator",
    "support": "Sue Support",
    "socialworker": "Sam Worker",
    "manager": "Mo Manager",
    "iro": "Ira Reviewer",
    "teacher": "Tess Teacher",
    "sen": "Sena Officer",
    "admissions": "Ada Admissions",
    "data": "Dana Business",
    "dpo": "Dina Protection",
}


@dataclass
class Cast:
    """The people and the two children. ``people["iro"]`` is the insider of a role; so is ``people.iro``."""

    amy: Child
    bob: Child
    school: School
    other_school: School
    team: Organisation
    other_team: Organisation
    people: dict[str, User] = field(default_factory=dict)
    outsiders: dict[str, User] = field(default_factory=dict)

    def __getitem__(self, role: str) -> User:
        return self.people[role]

    def __getattr__(self, role: str) -> User:
        try:
            return self.__dict__["people"][role]
        except KeyError:
            raise AttributeError(role) from None

    @property
    def who_reach_amy(self) -> list[User]:
        return [user for role, user in self.people.items() if role != "dpo"]

    @property
    def who_reach_bob(self) -> list[User]:
        return [*self.outsiders.values(), *(self.people[role] for role in WHOLE_ROLL)]


def person(role: str, **fields) -> User:
    """A named person of the role, without any child."""
    return UserFactory(role=role, **{"name": NAMES[role], **fields})


def cast() -> Cast:
    """The whole cast. Amy is in Year 5 (primary), Bob in Year 9 (secondary).

    So many tests begin with it that its rows are made by the factories and written kind by kind, not one by one.
    """
    team, other_team = OrganisationFactory.build(name="North team"), OrganisationFactory.build(name="South team")
    school, other_school = SchoolFactory.build(name="Amy's School"), SchoolFactory.build(name="Bob's School")
    insiders = {role: _built(role, NAMES[role], "P") for role in NAMES}
    outsiders = {role: _built(role, f"Other {NAMES[role]}", "S") for role in DATED}
    _write([team, other_team, school.organisation, other_school.organisation])
    _write([school, other_school])
    _write([*insiders.values(), *outsiders.values()])
    amy, bob = (ChildFactory(in_care=True, first_names=name, year=year) for name, year in (("Amy", 5), ("Bob", 9)))
    people = Cast(amy, bob, school, other_school, team, other_team, insiders, outsiders)
    sides = ((amy, insiders, school, team), (bob, outsiders, other_school, other_team))
    _write([EnrolmentFactory.build(child=child, school=its_school) for child, _, its_school, _ in sides])
    _write([tie for child, workers, _, its_team in sides for tie in _ties(child, workers, its_team)])
    _write([one for _, workers, its_school, its_team in sides for one in _memberships(workers, its_school, its_team)])
    _write([grant for child, workers, _, _ in sides for grant in _grants(child, workers)])
    return people


def _built(role: str, name: str, phase: str) -> User:
    return UserFactory.build(role=role, name=name, phases=[phase] if role == "support" else [])


def _write(rows: list[Any]) -> None:
    type(rows[0])._base_manager.bulk_create(rows)


def _ties(child: Child, workers: dict[str, User], team: Organisation) -> Iterator[Relationship]:
    """The child's team, and the workers there are of those kinds that a child has."""
    yield RelationshipFactory.build(child=child, kind=RelationKind.TEAM, user=None, team=team)
    kinds = {
        RelationKind.SOCIAL_WORKER: "socialworker",
        RelationKind.IRO: "iro",
        RelationKind.SUPPORT: "support",
        RelationKind.ADVOCATE: "ala",
        RelationKind.COORDINATOR: "coordinator",
    }
    for kind, role in kinds.items():
        if role in workers:
            yield RelationshipFactory.build(child=child, kind=kind, user=workers[role])


def _memberships(workers: dict[str, User], school: School, team: Organisation) -> Iterator[Membership]:
    start, position = today() - timedelta(days=365), Membership.Position
    for role, place, held in (
        ("teacher", school.organisation, {"position": position.DESIGNATED_TEACHER}),
        ("manager", team, {"position": position.MANAGER}),
        ("socialworker", team, {}),
    ):
        yield MembershipFactory.build(user=workers[role], organisation=place, start=start, **held)


def _grants(child: Child, workers: dict[str, User]) -> Iterator[AccessGrant]:
    yield AccessGrantFactory.build(child=child, user=workers["sen"])
    yield AccessGrantFactory.build(child=child, user=workers["admissions"], kind=GrantKind.ADMISSION)
