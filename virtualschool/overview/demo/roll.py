"""Who the made-up children are: drawn as a whole, in memory, each from the seed, its number and the date alone."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from children import upn
from children.enums import EducationAnswer
from children.models import Child, School
from virtualschool.accounts.models import User
from virtualschool.overview.demo import words
from virtualschool.overview.demo.world import World
from virtualschool.rulebook import schoolyear

DAY = timedelta(days=1)
AGES = (2, 3, 3, 3, 4, 4, 4, 4, 4, 5, 6, 6, 7, 7, 8, 8, 9, 9)  # weight of each year of age from 0 to 17
CARE_DAYS = ((0.02, 2, 12), (0.05, 13, 60), (0.28, 61, 365), (0.65, 366, 1900))
PLACES = (
    ("U4", "PR1"),
    ("U4", "PR4"),
    ("U4", "PR1"),
    ("U1", "PR1"),
    ("U6", "PR4"),
    ("K2", "PR4"),
    ("P1", "PR0"),
    ("K3", "PR4"),
)
ETHNICITIES = ("WBRI",) * 11 + ("WOTH", "MWBC", "MWAS", "MOTH", "APKN", "AOTH", "BCRB", "BAFR", "BOTH", "OOTH")
LANGUAGES = ("Tigrinya", "Arabic", "Pashto", "Kurdish")
# Leavers of the days that are told, for every hundred children in care; why care ceased (the return's REC).
LEAVERS = 6
REASONS = ("E4A", "E4A", "E4A", "E45", "E46", "E11", "E12", "E48", "E13")
AT_DEMO_SCHOOL = 12
SOON = DAY * 30  # a school begun so soon after a care placement was begun because of it
EXAM_YEARS = (10, 11)  # nobody plans a change of school in these


@dataclass(frozen=True)
class Place:
    """A care placement from a day on."""

    start: date
    kind: str
    provider: str
    carer: str
    address: str
    postcode: str
    out_of_area: bool
    same_carer: bool
    reason: str  # why the one before ended


@dataclass(frozen=True)
class Stay:
    """A time on a school's roll."""

    school: School
    start: date
    end: date | None


@dataclass
class Made:
    """One child before it is saved, with all that will be known of it up to the day."""

    rng: random.Random
    number: int
    child: Child
    year: int
    start: date
    end: date | None = None
    end_reason: str = ""
    status: str = ""
    need: str = ""
    places: list[Place] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    workers: list[tuple[date, User]] = field(default_factory=list)
    others: dict[str, User] = field(default_factory=dict)

    @property
    def short_breaks(self) -> bool:
        return self.status == "V4"

    def between(self, first: int, last: int) -> timedelta:
        """So many days, from ``first`` to ``last``."""
        return timedelta(days=self.rng.randint(first, last))

    def worker(self, on: date) -> User:
        """The social worker on a day."""
        return next((user for start, user in reversed(self.workers) if start <= on), self.workers[0][1])

    def stay(self, on: date) -> Stay | None:
        """Where the child is on roll on a day."""
        return next((one for one in self.stays if one.start <= on and (one.end is None or on < one.end)), None)

    def schooling(self, on: date) -> EducationAnswer:
        """What a care placement of the day means for school, by the schools that follow."""
        if not any(on <= one.start <= on + SOON for one in self.stays):
            return EducationAnswer.UNDISTURBED
        examined = schoolyear.curriculum_year(self.child.date_of_birth, on) in EXAM_YEARS
        return EducationAnswer.EMERGENCY if examined else EducationAnswer.MOVES

    def school(self, on: date) -> School | None:
        found = self.stay(on)
        return found.school if found else None


def draw(world: World) -> list[Made]:
    """So many children in care as the world has, and those who leave in the days that are told."""
    leavers = max(2, world.number * LEAVERS // 100)
    made = [_child(n, world) for n in range(1, world.number + leavers + 1)]
    secondary = [one for one in made if _at_secondary(one, world) and one.end is None]
    for one in secondary[:: max(1, len(secondary) // AT_DEMO_SCHOOL)][: AT_DEMO_SCHOOL + 1]:
        last = one.stays[-1]
        one.stays[-1] = Stay(world.demo_school, last.start, last.end)
    return made


def _at_secondary(one: Made, world: World) -> bool:
    return bool(one.stays) and one.stays[-1].end is None and one.stays[-1].school in world.schools["S"]


def _child(n: int, world: World) -> Made:
    rng = random.Random(f"{world.seed}:{n}:{world.on}")
    leaves = n > world.number
    years = rng.choices(range(18), AGES)[0]
    born = world.on - timedelta(days=years * 365 + years // 4 + rng.randrange(1, 360))
    share = ((1.0, 300, 1500),) if leaves else CARE_DAYS
    _, first, last = rng.choices(share, [one[0] for one in share])[0]
    start = max(world.on - timedelta(days=rng.randint(first, last)), born + DAY)
    one = Made(rng, n, _who(rng, n, years, born, start), schoolyear.curriculum_year(born, world.on), start)
    one.status = "V4" if n % 41 == 0 else rng.choices(("C2", "C1", "V2", "E1"), (60, 15, 22, 3))[0]
    one.need = rng.choice(("N1", "N1", "N1", "N3", "N4", "N5", "N8"))
    if leaves and start < world.on - DAY * 40:
        earliest = max(world.since, start + DAY * 30)
        one.end = earliest + timedelta(days=rng.randrange(1, max(2, (world.on - earliest).days)))
        one.end_reason = rng.choice(REASONS)
    one.places = _places(one, world)
    one.stays = _stays(one, world)
    one.workers = _workers(one, world)
    one.others = {
        kind: people[n % len(people)]
        for kind, people in (
            ("iro", world.people["iro"]),
            ("advocate", world.people["ala"]),
            ("coordinator", world.people["coordinator"]),
        )
    }
    return one


def _who(rng: random.Random, n: int, years: int, born: date, start: date) -> Child:
    unaccompanied = years >= 15 and rng.random() < 0.3
    number = _upn(rng, n) if years >= 4 and not unaccompanied else ""
    return Child(
        child_id=f"D{n:06d}",
        first_names=rng.choice(words.FIRST_NAMES),
        last_name=rng.choice(words.LAST_NAMES),
        date_of_birth=born,
        sex=rng.choice("MF"),
        ethnicity=rng.choice(ETHNICITIES),
        first_language=rng.choice(LANGUAGES) if unaccompanied else "English",
        interpreter_needed=unaccompanied and rng.random() < 0.6,
        is_unaccompanied=unaccompanied,
        upn=number,
        upn_problem=upn.problem(number),
        known_from=start,
    )


def _upn(rng: random.Random, n: int) -> str:
    rest = f"999{4000 + n // 1000}{rng.randrange(10, 25)}{n % 1000:03d}"
    letter = upn.check_letter(rest)
    return f"{letter if n % 97 else 'Z'}{rest}"  # one in ninety-seven has a wrong letter, as rolls do


def _places(one: Made, world: World) -> list[Place]:
    """The care placements, with the moves; a move is at least ten days after the one before."""
    moves = one.rng.choices((0, 1, 2, 3), (55, 28, 12, 5))[0]
    room = ((one.end or world.on) - one.start).days - 10
    days = sorted(one.rng.sample(range(10, room, 10), min(moves, room // 20))) if room > 60 else []
    return [_place(one, one.start + timedelta(days=day), first=day == 0) for day in (0, *days)]


def _place(one: Made, start: date, *, first: bool) -> Place:
    kind, provider = one.rng.choice(PLACES)
    if kind == "K3" and one.year < 12:
        kind, provider = "U4", "PR1"
    return Place(
        start=start,
        kind=kind,
        provider=provider,
        carer=f"{one.rng.choice(words.CARERS)} {one.rng.choice(words.LAST_NAMES)}",
        address=f"{one.rng.randrange(1, 99)} {one.rng.choice(words.STREETS)}",
        postcode=f"ZZ{one.rng.randrange(1, 20)} {one.rng.randrange(1, 9)}AA",
        out_of_area=one.rng.random() < 0.3,
        same_carer=not first and one.rng.random() < 0.1,
        reason="" if first else one.rng.choice(("CARPL", "CREQB", "CLOSE", "CHILD")),
    )


# ---------------------------------------------------------------- schools


def _stays(one: Made, world: World) -> list[Stay]:
    """The schools of the years by age, some with a move and a gap, a few without a school today."""
    found: list[Stay] = []
    for stay in _by_age(one, world):
        found += _with_move(one, world, stay)
    if found and found[-1].end is None and _loses_school(one):
        last = found.pop()
        end = world.working_day(world.on - one.between(4, 40))
        found.append(Stay(last.school, last.start, max(min(end, world.on - DAY), last.start + DAY)))
    return found


def _loses_school(one: Made) -> bool:
    return 0 <= one.year <= 11 and one.rng.random() < 0.02


def _by_age(one: Made, world: World) -> list[Stay]:
    entries = [(year, phase) for year, phase in ((-1, "E"), (0, "P"), (7, "S"), (12, "16")) if year <= one.year]
    if not entries or (one.year == -1 and one.rng.random() < 0.4):
        return []
    if one.child.is_unaccompanied:
        return _arriving(one, world, entries[-1][1])
    special = one.rng.random() < 0.09 and one.year >= 1
    this_year = schoolyear.academic_year(world.on)
    starts = [world.known.term(this_year - (one.year - year), "autumn").start for year, _ in entries]
    kinds = ["X" if special and phase in {"P", "S"} else phase for _, phase in entries]
    return [
        Stay(_pick(one, world, kind), start, end)
        for kind, start, end in zip(kinds, starts, [*starts[1:], None], strict=True)
    ]


def _arriving(one: Made, world: World, phase: str) -> list[Stay]:
    """Somebody who came from abroad starts at a school some weeks after coming into care."""
    start = world.school_day(one.start + one.between(8, 35))
    return [Stay(_pick(one, world, phase), start, None)] if start < world.on else []


def _pick(one: Made, world: World, kind: str) -> School:
    return one.rng.choice([school for school in world.schools[kind] if school != world.demo_school])


def _with_move(one: Made, world: World, stay: Stay) -> list[Stay]:
    """A change of school on the way, for one in six, with some days or none between."""
    until = stay.end or world.on
    if one.rng.random() > 0.17 or (until - stay.start).days < 200:
        return [stay]
    left = stay.start + timedelta(days=one.rng.randint(60, (until - stay.start).days - 60))
    began = left + one.between(0, 25)
    kind = next(kind for kind, schools in world.schools.items() if stay.school in schools)
    other = one.rng.choice([school for school in world.schools[kind] if school not in (stay.school, world.demo_school)])
    return [Stay(stay.school, stay.start, left), Stay(other, began, stay.end)]


# ---------------------------------------------------------------- social workers


def _workers(one: Made, world: World) -> list[tuple[date, User]]:
    """The social worker of the caseload, after another for some, and after two others for a few."""
    workers = world.people["socialworker"]
    changes = one.rng.choices((0, 1, 2), (79, 18, 3))[0]
    room = ((one.end or world.on) - one.start).days
    if room < 150:
        changes = 0
    days = sorted(one.rng.sample(range(10, min(room - 20, 300), 5), changes), reverse=True)
    starts = [one.start, *((one.end or world.on) - timedelta(days=day) for day in days)]
    return [
        (start, workers[(one.number - 1 + 7 * (changes - place)) % len(workers)]) for place, start in enumerate(starts)
    ]
