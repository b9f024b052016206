"""Three years of attendance: each child with a habit of their own, some whose attendance has begun to fall, a few schools that are silent."""

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from attendance.actions.mappings import add_mapping
from attendance.enums import DateFormat, FileShape
from attendance.imports.layout import Layout
from attendance.marking import record_marks
from attendance.weekgrid import DAYS, HALVES
from virtualschool.overview.demo import suspensions
from virtualschool.overview.demo.roll import Made, Stay
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
YEARS = 3
SOURCE = "collection"
WEEKLY = Layout(
    FileShape.WEEK,
    "Week beginning",
    tuple(f"{day[:3]} {half.upper()}" for day in DAYS for half in HALVES),
    upn="UPN",
    date_format=DateFormat.DAY_FIRST,
)
SILENT_DAYS = 12
FALLING, SILENT = 0.03, 0.012
ABSENT = ("I", "I", "I", "I", "M", "O", "O", "N", "U", "C")
# How much is missed: so many children of a hundred, from this share of their sessions to that.
HABITS = ((79, 0.005, 0.06), (15, 0.11, 0.32), (6, 0.52, 0.85))
Row = tuple[int, date, str, str]


def map_source(world: World) -> None:
    """The collector sends a file a week, with a row for each child."""
    add_mapping(source=SOURCE, layout=WEEKLY, by=world.demo("data"))


def build(world: World, made: Iterable[Made]) -> int:
    """Load the marks of these children's time in care.

    Returns:
        how many sessions.
    """
    school_days = world.known.school_days()
    first = world.on - timedelta(days=365 * YEARS)
    days = [day for day in (first + DAY * n for n in range(365 * YEARS)) if school_days.counts(day)]
    return record_marks(_rows(world, made, days), source=SOURCE).created


def _rows(world: World, made: Iterable[Made], days: list[date]) -> Iterator[Row]:
    for one in made:
        habit = _habit(one, world)
        for stay in one.stays:
            if stay.school.phase_name != "Nursery":
                yield from _of(one, stay, world, habit, days)


def _habit(one: Made, world: World) -> float:
    """The share of sessions that a child misses. Those who hardly come are of secondary age."""
    rng = random.Random(f"{world.seed}:{one.number}:habit")
    _, low, high = rng.choices(HABITS, [share for share, _, _ in HABITS])[0]
    if low > 0.5 and one.year < 7:
        return rng.uniform(0.01, 0.06)
    return rng.uniform(low, high)


def _of(one: Made, stay: Stay, world: World, habit: float, days: list[date]) -> Iterator[Row]:
    """One child at one school: spells of absence that come to the child's share, and sometimes a fall in the last weeks."""
    rng = random.Random(f"{world.seed}:{one.number}:{stay.start}:marks")
    since = max(stay.start, one.start)
    until = min(stay.end or world.on, one.end or world.on)
    falls = world.on - timedelta(days=rng.randint(20, 40)) if rng.random() < FALLING and habit < 0.3 else date.max
    silent = world.on - timedelta(days=SILENT_DAYS) if rng.random() < SILENT else date.max
    suspended = suspensions.days_away(world, one)
    owed = rng.random()
    for day in days:
        if not since <= day < until or day >= silent:
            continue
        if day in suspended:
            yield one.child.pk, day, "E", "E"
            continue
        owed += min(0.95, habit + (0.35 if day >= falls else 0))
        if owed >= 1 and rng.random() < 0.75:
            owed -= 1
            code = rng.choice(ABSENT)
            yield one.child.pk, day, code, code
        else:
            late = rng.random()
            yield one.child.pk, day, "L" if late < 0.03 else "/", "M" if late > 0.99 else "\\"
