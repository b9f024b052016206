"""Three years of attendance: each child with a habit of their own, some whose attendance has begun to fall, a few schools that are silent."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from attendance.marks import record_marks
from children.models import Enrolment
from virtualschool.overview.demo.world import World
from virtualschool.rulebook import calendars

DAY = timedelta(days=1)
YEARS = 3
SILENT_DAYS = 12
ABSENT = ("I", "I", "I", "I", "M", "O", "O", "N", "U", "C", "E")
Row = tuple[int, date, str, str]


def build(world: World, seed: int) -> int:
    """Load the marks.

    Returns:
        how many child-days.
    """
    school_days = calendars.load().school_days()
    first = world.on - timedelta(days=365 * YEARS)
    days = [day for day in (first + timedelta(days=n) for n in range(365 * YEARS)) if school_days.counts(day)]
    rows = list(_rows(world, seed, days))
    record_marks(rows, source="collection")
    return len(rows)


def _rows(world: World, seed: int, days: list[date]) -> Iterator[Row]:
    places = (
        Enrolment.objects.main()
        .exclude(school__phase_name="Nursery")
        .select_related("child")
        .order_by("child", "start")
    )
    for place in places:
        rng = random.Random(f"{seed}:{place.child.child_id}:{place.start}:marks")
        yield from _of(place, world.on, rng, days)


def _of(place: Enrolment, on: date, rng: random.Random, days: list[date]) -> Iterator[Row]:
    """One child at one school: a rate of absence, spells of it, and sometimes a fall in the last weeks."""
    rate = min(0.7, rng.expovariate(1 / (0.045 if place.school_id % 3 else 0.09)))
    falls = on - timedelta(days=rng.randint(15, 45)) if rng.random() < 0.05 else date.max
    silent = on - timedelta(days=SILENT_DAYS) if rng.random() < 0.02 else date.max
    away = False
    for day in days:
        if day < place.start or (place.end is not None and day >= place.end) or day >= silent:
            continue
        chance = min(0.9, rate + (0.35 if day >= falls else 0))
        away = rng.random() < (chance + (1 - chance) * 0.5 if away else chance * 0.55)
        if away:
            code = rng.choice(ABSENT)
            yield place.child_id, day, code, code
        else:
            late = rng.random()
            yield place.child_id, day, "L" if late < 0.03 else "/", "M" if late > 0.99 else "\\"
