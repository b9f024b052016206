"""The council's bodies and people: schools, teams, workers, and the twelve who sign in. As many workers as the children need."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password

from children.models import LocalAuthority, School, SchoolLink
from virtualschool.accounts import roles
from virtualschool.accounts.models import Membership, Organisation, User
from virtualschool.overview.demo import words
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendars
from virtualschool.rulebook.schoolyear import Term

DAY = timedelta(days=1)
GROWN = 56  # days of a term after which PEPs of it have come through to their answer
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
# Children to each: a caseload as such workers have it.
CASELOADS = {"socialworker": 19, "iro": 76, "ala": 140, "coordinator": 235, "support": 235}
FEWEST = {"socialworker": 2, "iro": 1, "ala": 2, "coordinator": 1, "support": 3}
COUNCIL = "999"  # no council in England has this number
PHASES_OF_SUPPORT = (["16", "S"], ["P"], ["E"])


@dataclass
class World:
    """Everybody and every place, before there is a child; and the days between which the story is told.

    What began before ``since`` is loaded, what begins later is told through the actions.
    """

    rng: random.Random
    seed: int
    number: int
    on: date
    known: Calendars
    this: Term
    last: Term
    schools: dict[str, list[School]] = field(default_factory=dict)
    teachers: dict[int, list[tuple[date, User]]] = field(default_factory=dict)
    teams: list[Organisation] = field(default_factory=list)
    team_of: dict[int, Organisation] = field(default_factory=dict)
    people: dict[str, list[User]] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)

    @property
    def since(self) -> date:
        """The first day of this term, or of the last one while this is too young to hold PEPs in every state."""
        return self.this.start if (self.on - self.this.start).days >= GROWN else self.last.start

    @property
    def long_ago(self) -> date:
        """Before anything that this authority remembers."""
        return self.on - timedelta(days=365 * 6)

    @property
    def demo_school(self) -> School:
        """Where the demo designated teacher works."""
        return self.schools["S"][1]

    def demo(self, role: str) -> User:
        """The one of a role who signs in."""
        return self.people[role][0]

    def teacher(self, school: School | None, on: date) -> User | None:
        """The school's designated teacher on a day."""
        terms = self.teachers.get(school.pk, []) if school else []
        return next((user for start, user in reversed(terms) if start <= on), None)

    def school_day(self, day: date) -> date:
        """The day itself or the next one on which schools are open; a weekday where that is not known."""
        days = self.known.school_days()
        for ahead in range(70):
            candidate = day + DAY * ahead
            if days.counts(candidate):
                return candidate
        return self.working_day(day)

    def working_day(self, day: date) -> date:
        """The day itself or the next one on which offices are open."""
        days = self.known.working_days()
        return next(day + DAY * ahead for ahead in range(12) if days.counts(day + DAY * ahead) is not False)


def build(seed: int, number: int, on: date) -> World:
    """Make the people and places for so many children in care."""
    known = calendars.load()
    this = known.term_of(on)
    world = World(random.Random(f"{seed}:{on}"), seed, number, on, known, this, known.term_of(this.start - DAY))
    _people(world)
    LocalAuthority.objects.get_or_create(code=COUNCIL, defaults={"name": "Demo Council"})
    _schools(world)
    _teachers(world)
    world.users = {user.pk: user for user in User.objects.filter(is_demo=True)}
    return world


def _people(world: World) -> None:
    password = make_password(settings.DEMO_PASSWORD)
    names = iter(_staff_names(world.rng, 400))
    users = [
        User(
            email=f"{name}@demo.example",
            name=next(names),
            role=name,
            password=password,
            is_demo=True,
            is_administrator=name in {"vsh", "data"},
            telephone="01632 960 000",
        )
        for name in roles.ROLES
    ]
    for role, number in _more(world.number):
        users += [
            User(email=f"{role}{n}@demo.example", name=next(names, "Sam Relief"), role=role, password="!", is_demo=True)
            for n in range(1, number + 1)
        ]
    for user, phases in zip([user for user in users if user.role == "support"], PHASES_OF_SUPPORT, strict=False):
        user.phases = phases
    User.objects.bulk_create(users)
    world.people = {role: [user for user in users if user.role == role] for role in roles.ROLES}
    _teams(world)


def _more(number: int) -> list[tuple[str, int]]:
    """How many there are of a role beside the one who signs in."""
    found = [(role, max(FEWEST[role], round(number / load)) - 1) for role, load in CASELOADS.items()]
    return [*found, ("manager", len(TEAMS) - 1)]


def _staff_names(rng: random.Random, number: int) -> list[str]:
    pairs = [f"{first} {last}" for first in words.STAFF_NAMES for last in words.LAST_NAMES[:60]]
    return rng.sample(pairs, number)


def _teams(world: World) -> None:
    kinds = Organisation.Kind
    rows = [Organisation(kind=kinds.TEAM, name=name, code=f"T{n}") for n, name in enumerate(TEAMS, 1)]
    Organisation.objects.bulk_create(
        [*rows, Organisation(kind=kinds.VIRTUAL_SCHOOL, name="The Virtual School", code="VS")]
    )
    world.teams = rows
    places = []
    for n, worker in enumerate(world.people["socialworker"]):
        team = rows[n % len(rows)]
        world.team_of[worker.pk] = team
        places.append(Membership(user=worker, organisation=team, start=world.long_ago))
    for manager, team in zip(world.people["manager"], rows, strict=True):
        places.append(Membership(user=manager, organisation=team, start=world.long_ago, position="manager"))
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
    SchoolLink.objects.create(
        predecessor=closed, successor=world.schools["S"][0], link_type="Successor", established_on=closed.closed_on
    )


def _school(rng: random.Random, urn: str, name: str, phase: str, kind: str, low: int, high: int) -> School:
    return School(
        urn=urn,
        name=name,
        la_code=COUNCIL,
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
    """A designated teacher in every open school, the demo teacher in theirs; one school has had a change some weeks ago."""
    open_schools = [school for group in world.schools.values() for school in group if school != world.demo_school]
    changed = world.schools["S"][2]
    names = iter(_staff_names(random.Random(world.rng.random()), len(open_schools) + 1))
    users = [
        User(email=f"teacher{n}@demo.example", name=name, role="teacher", password="!", is_demo=True)
        for n, name in enumerate(names, 1)
    ]
    *teachers, successor = User.objects.bulk_create(users)
    world.people["teacher"] += users
    change = world.working_day(world.on - timedelta(days=24))
    world.teachers = {
        school.pk: [(world.long_ago, user)]
        for school, user in zip(
            [world.demo_school, *open_schools], [world.people["teacher"][0], *teachers], strict=True
        )
    }
    world.teachers[changed.pk].append((change, successor))
    rows = []
    for school in [world.demo_school, *open_schools]:
        held = world.teachers[school.pk]
        for (start, user), (end, _) in zip(held, [*held[1:], (None, None)], strict=True):
            place = Membership(user=user, organisation=school.organisation, start=start, end=end)
            place.position = Membership.Position.DESIGNATED_TEACHER
            rows.append(place)
    Membership.objects.bulk_create(rows)
