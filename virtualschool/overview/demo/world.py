"""The council's bodies and people: schools, teams, workers, and the twelve who sign in."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password

from children.models import School, SchoolLink
from virtualschool.accounts import roles
from virtualschool.accounts.models import Membership, Organisation, User
from virtualschool.overview.demo import words

TEAMS = ("Assessment north", "Assessment south", "Through care east", "Through care west", "Disability", "Leaving care")
# phase, register's phase, type, low age, high age, how many, name's end
KINDS = (
    ("E", "Nursery", "Local authority nursery school", 2, 5, 4, "Nursery School"),
    ("P", "Primary", "Community school", 4, 11, 22, "Primary School"),
    ("P", "Primary", "Academy converter", 4, 11, 8, "Primary Academy"),
    ("S", "Secondary", "Academy sponsor led", 11, 16, 9, "Academy"),
    ("S", "Secondary", "Community school", 11, 18, 9, "School"),
    ("X", "Not applicable", "Community special school", 4, 16, 6, "Special School"),
    ("A", "Not applicable", "Pupil referral unit", 5, 16, 2, "Alternative Provision Academy"),
    ("16", "16 plus", "Further education", 16, 99, 4, "College"),
)
DEMO_SCHOOL_ROLL = 0.16


@dataclass
class World:
    """Everybody and every place, before there is a child."""

    rng: random.Random
    on: date
    schools: dict[str, list[School]] = field(default_factory=dict)
    demo_school: School | None = None
    teams: list[Organisation] = field(default_factory=list)
    workers: list[User] = field(default_factory=list)
    team_of: dict[int, Organisation] = field(default_factory=dict)
    iros: list[User] = field(default_factory=list)
    advocates: list[User] = field(default_factory=list)
    coordinators: list[User] = field(default_factory=list)
    supporters: list[User] = field(default_factory=list)
    demo: dict[str, User] = field(default_factory=dict)

    @property
    def long_ago(self) -> date:
        """Before anything that this authority remembers."""
        return self.on - timedelta(days=365 * 6)


def build(rng: random.Random, on: date) -> World:
    """Make the people and places."""
    world = World(rng, on)
    _people(world)
    _schools(world)
    _teachers(world)
    return world


def _people(world: World) -> None:
    password = make_password(settings.DEMO_PASSWORD)
    names = iter(_staff_names(world.rng, 150))
    users = [
        User(
            email=f"{name}@demo.example",
            name=next(names),
            role=name,
            password=password,
            is_demo=True,
            is_administrator=name in {"vsh", "data"},
            phases=["16", "S"] if name == "support" else [],
            telephone="01632 960 000",
        )
        for name in roles.ROLES
    ]
    more = (("socialworker", 35), ("iro", 8), ("ala", 4), ("coordinator", 2), ("support", 2), ("manager", 5))
    for role, number in more:
        users += [
            User(email=f"{role}{n}@demo.example", name=next(names), role=role, password="!", is_demo=True)
            for n in range(1, number + 1)
        ]
    for user, phases in zip(
        [u for u in users if u.email.startswith("support") and "@demo" in u.email][1:], (["P"], ["E"]), strict=True
    ):
        user.phases = phases
    User.objects.bulk_create(users)
    made = list(User.objects.filter(is_demo=True).order_by("pk"))
    of = {role: [user for user in made if user.role == role] for role in roles.ROLES}
    world.demo = {role: people[0] for role, people in of.items()}
    world.workers, world.iros, world.advocates = of["socialworker"], of["iro"], of["ala"]
    world.coordinators, world.supporters = of["coordinator"], of["support"]
    _teams(world, of["manager"])


def _staff_names(rng: random.Random, number: int) -> list[str]:
    pairs = [f"{first} {last}" for first in words.STAFF_NAMES for last in words.LAST_NAMES[:60]]
    return rng.sample(pairs, number)


def _teams(world: World, managers: list[User]) -> None:
    kinds = Organisation.Kind
    rows = [Organisation(kind=kinds.TEAM, name=name, code=f"T{n}") for n, name in enumerate(TEAMS, 1)]
    rows += [Organisation(kind=kinds.VIRTUAL_SCHOOL, name="The Virtual School", code="VS")]
    Organisation.objects.bulk_create(rows)
    world.teams = list(Organisation.objects.teams().order_by("pk"))
    start = world.long_ago
    places = []
    for n, worker in enumerate(world.workers):
        team = world.teams[n % len(world.teams)]
        world.team_of[worker.pk] = team
        places.append(Membership(user=worker, organisation=team, start=start))
    for manager, team in zip(managers, world.teams, strict=True):
        places.append(Membership(user=manager, organisation=team, start=start, position="manager"))
    Membership.objects.bulk_create(places)


def _schools(world: World) -> None:
    names = world.rng.sample(words.SCHOOL_FIRST, len(words.SCHOOL_FIRST))
    made: list[tuple[str, School]] = []
    for phase, register_phase, kind, low, high, number, ending in KINDS:
        for _ in range(number):
            first = names[len(made) % len(names)]
            again = " Park" if len(made) >= len(names) else ""
            urn = str(900100 + len(made))
            made.append((phase, _school(world.rng, urn, f"{first}{again} {ending}", register_phase, kind, low, high)))
    closed = _school(world.rng, "900099", "Old Mill Community School", "Secondary", "Community school", 11, 16)
    closed.status, closed.closed_on = School.Status.CLOSED, date(world.on.year - 1, 8, 31)
    _save([closed, *(school for _, school in made)])
    for phase, school in made:
        world.schools.setdefault(phase, []).append(school)
    successor = world.schools["S"][0]
    SchoolLink.objects.create(
        predecessor=closed, successor=successor, link_type="Successor", established_on=closed.closed_on
    )
    world.demo_school = world.schools["S"][1]


def _school(rng: random.Random, urn: str, name: str, phase: str, kind: str, low: int, high: int) -> School:
    return School(
        urn=urn,
        name=name,
        la_code="999",
        establishment_number=str(4000 + int(urn) % 1000),
        type_name=kind,
        type_group="Academies" if "cadem" in kind else "Local authority maintained schools",
        phase_name=phase,
        low_age=low,
        high_age=high,
        opened_on=date(1990 + rng.randrange(20), 9, 1),
        street=f"{rng.randrange(1, 90)} School Road",
        town="Sampleton",
        postcode=f"ZZ{rng.randrange(1, 9)} {rng.randrange(1, 9)}ZZ",
        telephone="01632 960 100",
    )


def _save(schools: list[School]) -> None:
    bodies = [Organisation(kind=Organisation.Kind.SCHOOL, name=school.name, code=school.urn) for school in schools]
    for school, body in zip(schools, Organisation.objects.bulk_create(bodies), strict=True):
        school.organisation = body
    School.objects.bulk_create(schools)


def _teachers(world: World) -> None:
    """A designated teacher in every open school; the demo teacher in theirs."""
    names = iter(_staff_names(random.Random(world.rng.random()), 100))
    schools = [school for group in world.schools.values() for school in group if school != world.demo_school]
    users = [
        User(email=f"teacher{n}@demo.example", name=next(names), role="teacher", password="!", is_demo=True)
        for n in range(1, len(schools) + 1)
    ]
    places = zip([world.demo_school, *schools], [world.demo["teacher"], *User.objects.bulk_create(users)], strict=True)
    Membership.objects.bulk_create(
        Membership(user=user, organisation=school.organisation, start=world.long_ago, position="designated_teacher")
        for school, user in places
    )
