"""Named people: one of each role who knows Amy, and for each dated role an outsider who knows another child.

    people = personas.cast()
    people.socialworker          reaches people.amy and not people.bob
    people.outsiders["iro"]      reaches people.bob and not people.amy

Whoever reaches the whole roll (Virtual School Head, advocate, coordinator, business support) has no outsider: both children
are theirs. The data protection officer reaches neither.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from children.enums import GrantKind
from children.models import Child, School
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.children import AccessGrantFactory, ChildFactory, SchoolFactory
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
    """The whole cast. Amy is in Year 5 (primary), Bob in Year 9 (secondary)."""
    team, other_team = OrganisationFactory(name="North team"), OrganisationFactory(name="South team")
    school, other_school = SchoolFactory(name="Amy's School"), SchoolFactory(name="Bob's School")
    insiders = {role: person(role, phases=["P"] if role == "support" else []) for role in NAMES}
    outsiders = {
        role: person(role, name=f"Other {NAMES[role]}", phases=["S"] if role == "support" else []) for role in DATED
    }
    amy = _child("Amy", 5, school, team, insiders)
    bob = _child("Bob", 9, other_school, other_team, outsiders)
    people = Cast(amy, bob, school, other_school, team, other_team, insiders, outsiders)
    for place, its_school, its_team, child in (
        (insiders, school, team, amy),
        (outsiders, other_school, other_team, bob),
    ):
        _join(place, its_school, its_team)
        AccessGrantFactory(child=child, user=place["sen"])
        AccessGrantFactory(child=child, user=place["admissions"], kind=GrantKind.ADMISSION)
    return people


def _child(name: str, year: int, school: School, team: Organisation, workers: dict[str, User]) -> Child:
    return ChildFactory(
        in_care=True,
        first_names=name,
        year=year,
        school=school,
        team=team,
        social_worker=workers["socialworker"],
        iro=workers["iro"],
        support=workers["support"],
        advocate=workers.get("ala"),
        coordinator=workers.get("coordinator"),
    )


def _join(workers: dict[str, User], school: School, team: Organisation) -> None:
    start = today() - timedelta(days=365)
    MembershipFactory(
        user=workers["teacher"],
        organisation=school.organisation,
        start=start,
        position=Membership.Position.DESIGNATED_TEACHER,
    )
    MembershipFactory(user=workers["manager"], organisation=team, start=start, position=Membership.Position.MANAGER)
    MembershipFactory(user=workers["socialworker"], organisation=team, start=start)
