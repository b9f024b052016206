"""The made-up children: care, placements, schools, needs and who works with them, loaded in bulk and coherent."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from children import upn
from children.enums import RelationKind, SenStatus
from children.models import (
    CareEpisode,
    CarePlacement,
    CareReview,
    Child,
    Enrolment,
    HealthReturn,
    MissingEpisode,
    PeriodOfCare,
    Relationship,
    School,
    SenRecord,
)
from virtualschool.overview.demo import words
from virtualschool.overview.demo.world import DEMO_SCHOOL_ROLL, World
from virtualschool.rulebook import schoolyear

DAY = timedelta(days=1)
AGES = (2, 3, 3, 3, 4, 4, 4, 4, 4, 5, 6, 6, 7, 7, 8, 8, 9, 9)  # weight of each year of age from 0 to 17
CARE_DAYS = ((0.02, 3, 12), (0.05, 13, 60), (0.28, 61, 365), (0.65, 366, 1900))
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


@dataclass
class Made:
    """One child before it is saved, with all that hangs from it."""

    rng: random.Random
    child: Child
    care_start: date
    year: int

    def between(self, first: int, last: int) -> timedelta:
        """So many days, from ``first`` to ``last``."""
        return timedelta(days=self.rng.randint(first, last))


def build(world: World, seed: int, number: int) -> list[Child]:
    """Load the roll; every row depends on the seed, the child's number and the date alone."""
    made = [_child(random.Random(f"{seed}:{n}:{world.on}"), n, world) for n in range(1, number + 1)]
    Child.objects.bulk_create([one.child for one in made])
    rows: dict[type, list[Any]] = {}

    def keep(*records: Any) -> None:
        for record in records:
            rows.setdefault(type(record), []).append(record)

    for one in made:
        keep(*_enrolments(one, world), *_needs(one, world), *_reviews(one, world), *_health(one, world))
    _care(made, world)
    _relate(made, world)
    for model, records in rows.items():
        model._default_manager.bulk_create(records)
    return [one.child for one in made]


def _child(rng: random.Random, n: int, world: World) -> Made:
    years = rng.choices(range(18), AGES)[0]
    born = world.on - timedelta(days=years * 365 + years // 4 + rng.randrange(1, 360))
    _, first, last = rng.choices(CARE_DAYS, [share for share, _, _ in CARE_DAYS])[0]
    care_start = max(world.on - timedelta(days=rng.randint(first, last)), born + DAY)
    sex = rng.choice("MF")
    unaccompanied = years >= 15 and rng.random() < 0.3
    child = Child(
        child_id=f"D{n:06d}",
        first_names=rng.choice(words.FIRST_NAMES),
        last_name=rng.choice(words.LAST_NAMES),
        date_of_birth=born,
        sex=sex,
        ethnicity=rng.choice(ETHNICITIES),
        first_language="English" if not unaccompanied else rng.choice(("Tigrinya", "Arabic", "Pashto", "Kurdish")),
        interpreter_needed=unaccompanied and rng.random() < 0.6,
        is_unaccompanied=unaccompanied,
        upn=_upn(rng, n) if years >= 4 and not unaccompanied else "",
        known_from=care_start,
    )
    return Made(rng, child, care_start, schoolyear.curriculum_year(born, world.on))


def _upn(rng: random.Random, n: int) -> str:
    rest = f"999{4000 + n % 90}{rng.randrange(10, 25)}{n % 1000:03d}"
    letter = upn.check_letter(rest)
    return f"{letter if n % 97 else 'Z'}{rest}"  # one in ninety-seven has a wrong letter, as rolls do


def _care(made: list[Made], world: World) -> None:
    """Periods, placements and episodes; a move of placement is a new episode on the day the last one ended."""
    periods = PeriodOfCare.objects.bulk_create(
        PeriodOfCare(child=one.child, start=one.care_start, short_breaks=_short_breaks(one)) for one in made
    )
    placements = [_placements(one, world) for one in made]
    CarePlacement.objects.bulk_create(row for rows in placements for row in rows)
    CareEpisode.objects.bulk_create(
        episode
        for one, period, rows in zip(made, periods, placements, strict=True)
        for episode in _episodes(one, period, rows)
    )
    MissingEpisode.objects.bulk_create(row for one in made for row in _missing(one, world))


def _short_breaks(one: Made) -> bool:
    return int(one.child.child_id[1:]) % 41 == 0


def _placements(one: Made, world: World) -> list[CarePlacement]:
    moves = one.rng.choices((0, 1, 2, 3), (55, 28, 12, 5))[0]
    room = (world.on - one.care_start).days
    days = sorted(one.rng.sample(range(10, room), moves)) if room > 60 else []
    starts = [one.care_start, *(one.care_start + timedelta(days=day) for day in days)]
    rows = []
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        kind, provider = one.rng.choice(PLACES)
        rows.append(
            CarePlacement(
                child=one.child,
                start=start,
                end=end,
                placement_type=kind if kind != "K3" or one.year >= 12 else "U4",
                provider=provider if kind != "K3" or one.year >= 12 else "PR1",
                carer_name=f"{one.rng.choice(words.CARERS)} {one.rng.choice(words.LAST_NAMES)}",
                carer_telephone="01632 960 200",
                address=f"{one.rng.randrange(1, 99)} {one.rng.choice(words.STREETS)}",
                postcode=f"ZZ{one.rng.randrange(1, 20)} {one.rng.randrange(1, 9)}AA",
                area_code="999",
                out_of_area=one.rng.random() < 0.3,
                end_reason="" if end is None else one.rng.choice(("CARPL", "CREQB", "CLOSE", "CHILD")),
            )
        )
    return rows


def _episodes(one: Made, period: PeriodOfCare, placements: list[CarePlacement]) -> list[CareEpisode]:
    status = "V4" if period.short_breaks else one.rng.choices(("C2", "C1", "V2", "E1"), (60, 15, 22, 3))[0]
    need = one.rng.choice(("N1", "N1", "N1", "N3", "N4", "N5", "N8"))
    return [
        CareEpisode(
            child=one.child,
            period=period,
            placement=place,
            start=place.start,
            reason_new="S" if n == 0 else "P",
            legal_status=status,
            need=need,
            placement_type=place.placement_type,
            provider=place.provider,
            end=place.end,
            reason_ceased="" if place.end is None else "X1",
            reason_place_change=place.end_reason,
            home_postcode="ZZ9 9ZZ",
            placement_postcode=place.postcode,
            ofsted_urn="SC900001",
        )
        for n, place in enumerate(placements)
    ]


def _missing(one: Made, world: World) -> list[MissingEpisode]:
    if one.year < 8 or one.rng.random() > 0.06:
        return []
    start = world.on - one.between(5, 80)
    return [MissingEpisode(child=one.child, kind="M", start=start, end=start + DAY)] if start > one.care_start else []


def _enrolments(one: Made, world: World) -> list[Enrolment]:
    """The schools of the last years by age, some with a move and a gap, a few without a school today."""
    stages = _stages(one, world)
    rows: list[Enrolment] = []
    for n, (school, start, end) in enumerate(stages):
        last = n == len(stages) - 1
        if last and _loses_school(one):
            end = max(world.on - one.between(3, 40), start + DAY)
        rows.append(
            Enrolment(
                child=one.child,
                school=school,
                start=start,
                end=end,
                end_reason="Moved" if end else "",
                hours_offered=25,
            )
        )
    return [row for row in rows if row.end is None or row.end > row.start]


def _loses_school(one: Made) -> bool:
    return 0 <= one.year <= 11 and one.rng.random() < 0.025


def _stages(one: Made, world: World) -> list[tuple[School, date, date | None]]:
    entries = [(year, phase) for year, phase in ((-1, "E"), (0, "P"), (7, "S"), (12, "16")) if year <= one.year]
    if not entries or (one.year == -1 and one.rng.random() < 0.4):
        return []
    special = one.rng.random() < 0.09 and one.year >= 1
    found: list[tuple[School, date, date | None]] = []
    for n, (year, phase) in enumerate(entries):
        start = date(schoolyear.academic_year(world.on) - (one.year - year), 9, 1)
        end = None if n == len(entries) - 1 else date(start.year + (entries[n + 1][0] - year), 9, 1)
        kind = "X" if special and phase in {"P", "S"} else phase
        found += _with_move(one, world, _pick(one, world, kind), kind, start, end)
    return found


def _pick(one: Made, world: World, kind: str) -> School:
    if kind == "S" and one.rng.random() < DEMO_SCHOOL_ROLL and world.demo_school:
        return world.demo_school
    return one.rng.choice(world.schools[kind])


def _with_move(
    one: Made, world: World, school: School, kind: str, start: date, end: date | None
) -> list[tuple[School, date, date | None]]:
    until = end or world.on
    if one.rng.random() > 0.18 or (until - start).days < 200:
        return [(school, start, end)]
    left = start + timedelta(days=one.rng.randint(60, (until - start).days - 60))
    began = left + one.between(0, 25)
    other = one.rng.choice([candidate for candidate in world.schools[kind] if candidate != school])
    return [(school, start, left), (other, began, end)]


def _needs(one: Made, world: World) -> list[SenRecord]:
    if one.year < 0:
        return []
    status = one.rng.choices((SenStatus.NONE, SenStatus.SUPPORT, SenStatus.EHCP), (44, 27, 29))[0]
    if status == SenStatus.NONE:
        return []
    start = world.on - one.between(60, 900)
    plan = start if status == SenStatus.EHCP else None
    need = one.rng.choice(("SEMH", "SLCN", "MLD", "ASD"))
    due = world.on + one.between(-20, 300) if plan else None
    return [
        SenRecord(
            child=one.child,
            status=status,
            primary_need=need,
            plan_on=plan,
            annual_review_due=due,
            maintained_by="999" if plan else "",
            start=start,
        )
    ]


def _reviews(one: Made, world: World) -> list[CareReview]:
    if _short_breaks(one):
        return []
    days = [one.care_start + timedelta(days=20)]
    while days[-1] < world.on + timedelta(days=20):
        days.append(days[-1] + timedelta(days=90 if len(days) == 1 else 178))
    held = "PN1" if schoolyear.age(one.child.date_of_birth, world.on) >= 4 else "PN0"
    return [CareReview(child=one.child, on=day, participation=held if day < world.on else "") for day in days]


def _health(one: Made, world: World) -> list[HealthReturn]:
    if one.year < 0 or (world.on - one.care_start).days < 400:
        return []
    score = min(40, max(0, int(one.rng.gauss(14, 6))))
    after = min(40, max(0, score + one.rng.randint(-4, 7)))
    this = world.on.year if world.on.month >= 4 else world.on.year - 1
    return [
        HealthReturn(child=one.child, year=this - 1, sdq_score=score),
        HealthReturn(child=one.child, year=this, sdq_score=after),
    ]


def _relate(made: list[Made], world: World) -> None:
    rows: list[Relationship] = []
    for n, one in enumerate(made):
        worker = world.workers[n % len(world.workers)]
        people = {
            RelationKind.IRO: world.iros[n % len(world.iros)],
            RelationKind.ADVOCATE: world.advocates[n % len(world.advocates)],
            RelationKind.COORDINATOR: world.coordinators[n % len(world.coordinators)],
        }
        started = one.care_start
        if one.rng.random() < 0.2 and (world.on - started).days > 120:
            before = world.workers[(n + 7) % len(world.workers)]
            change = world.on - one.between(20, 110)
            rows.append(
                Relationship(child=one.child, kind=RelationKind.SOCIAL_WORKER, user=before, start=started, end=change)
            )
            rows.append(
                Relationship(
                    child=one.child, kind=RelationKind.TEAM, team=world.team_of[before.pk], start=started, end=change
                )
            )
            started = change
        rows.append(Relationship(child=one.child, kind=RelationKind.SOCIAL_WORKER, user=worker, start=started))
        rows.append(Relationship(child=one.child, kind=RelationKind.TEAM, team=world.team_of[worker.pk], start=started))
        rows += [
            Relationship(child=one.child, kind=kind, user=user, start=one.care_start) for kind, user in people.items()
        ]
    Relationship.objects.bulk_create(rows)
