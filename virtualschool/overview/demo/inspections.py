"""What inspections found of the made-up schools: grades of old, report cards, both, or nothing; a few below the line."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from children.inspection import EVERY_SCHOOL, FIRST_REPORT_CARD, SAFEGUARDING, Kind, Point, Safeguarding
from children.models import School, SchoolJudgement
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
OLDEST = 365 * 7
GRADES = ("Good",) * 7 + ("Outstanding",) * 2 + ("Requires improvement",)
POINTS = (Point.EXPECTED,) * 6 + (Point.STRONG,) * 3 + (Point.ATTENTION,)
SOURCE = "Inspection report"
# Of every so many schools: the first has a report card alone, the second both, the third nothing yet; the others an old grade.
OF_A_KIND = 5


def judge(world: World) -> None:
    """One draw for all schools, so that it is the same however many children there are."""
    rng = random.Random(f"{world.seed}:{world.on}:inspections")
    schools = [school for kind in sorted(world.schools) for school in world.schools[kind]]
    known = [one for number, school in enumerate(schools) for one in _of(world, rng, number, school)]
    SchoolJudgement.objects.bulk_create([*known, *_below(world, rng)])


def _of(world: World, rng: random.Random, number: int, school: School) -> Iterator[SchoolJudgement]:
    graded, carded, grade, points = _graded_on(world, rng), _carded_on(world, rng), rng.choice(GRADES), _points(rng)
    kind = number % OF_A_KIND
    if school in _told_apart(world) or kind == 2:
        return
    if kind != 0 or carded is None:
        yield _grade(school, graded, grade)
    if kind < 2 and carded is not None:
        yield _card(school, carded, points)


def _told_apart(world: World) -> list[School]:
    """The schools that are below the line: by a report card, or by an old grade; and one that has got better since."""
    return world.schools["S"][-3:]


def _below(world: World, rng: random.Random) -> Iterator[SchoolJudgement]:
    by_card, by_grade, better = _told_apart(world)
    carded, graded = _carded_on(world, rng), _graded_on(world, rng)
    if carded is not None:
        yield _grade(by_card, graded, "Good")
        yield _card(by_card, carded, _points(rng) | {"achievement": Point.URGENT.value})
        yield _card(better, carded, dict.fromkeys(_points(rng), Point.EXPECTED.value) | _safe())
    for school in (by_grade, better):
        yield _grade(school, graded, "Inadequate")


def _graded_on(world: World, rng: random.Random) -> date:
    """A weekday in the years before report cards, and before the day."""
    last = min(world.on - DAY * 60, FIRST_REPORT_CARD - DAY * 400)
    return _weekday(last - DAY * rng.randrange(OLDEST))


def _carded_on(world: World, rng: random.Random) -> date | None:
    """A weekday since there are report cards, two weeks before the day at the latest; None while there are none."""
    room, chance = (world.on - DAY * 14 - FIRST_REPORT_CARD).days, rng.random()
    day = FIRST_REPORT_CARD + DAY * int(max(0, room) * chance)
    return max(_weekday(day), FIRST_REPORT_CARD) if room >= 0 else None


def _weekday(day: date) -> date:
    """The day itself, or the Friday before."""
    return day - DAY * max(0, day.isoweekday() - 5)


def _points(rng: random.Random) -> dict[str, str]:
    return {area.value: rng.choice(POINTS).value for area in EVERY_SCHOOL} | _safe()


def _safe() -> dict[str, str]:
    return {SAFEGUARDING: Safeguarding.MET.value}


def _grade(school: School, on: date, grade: str) -> SchoolJudgement:
    return SchoolJudgement(school=school, kind=Kind.GRADE, on=on, outcome={"overall": grade}, source=SOURCE)


def _card(school: School, on: date, outcome: dict[str, str]) -> SchoolJudgement:
    return SchoolJudgement(school=school, kind=Kind.REPORT_CARD, on=on, outcome=outcome, source=SOURCE)
