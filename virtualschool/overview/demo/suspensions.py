"""Suspensions of this term: drawn from the seed and the child's number alone, so that the record and the register tell of the same days."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from attendance.actions.exclusions import ExclusionFacts, name_provision, record_exclusion
from attendance.enums import ExclusionKind
from children.models import School
from virtualschool.accounts.models import User
from virtualschool.overview.demo.diary import Diary
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
EVERY = 5  # one child of so many from this year of school up
FROM_YEAR = 5
BACK = (5, 12, 26)  # days before today on which one may begin
LENGTHS = (1, 1, 2, 2, 3, 7)
REASONS = (("DB",), ("VA",), ("PP", "DB"), ("VP",), ("LD",))
TRIED = (
    "Time out with the learning mentor, a report card for two weeks, and a call to the carer each Friday.",
    "A quiet room at lunch, seating changed in three lessons, and a meeting with the carer on the plan.",
    "Two sessions with the inclusion lead; the educational psychologist was asked for advice.",
)
SAYS = (
    "I was told to leave the room and nobody asked me what happened first.",
    "I know it was wrong. I want to say sorry to Miss and start again.",
    "",
)
WHERE = "Work with a tutor at the inclusion centre, 9.30 to 2.30"


@dataclass(frozen=True)
class Suspended:
    """Whole days away; ``end`` is the first day back."""

    school: School
    start: date
    end: date


def drawn(world: World, one: Made) -> list[Suspended]:
    """Those of one child: whole school days within one stay, apart from each other, over or running today."""
    rng = random.Random(f"{world.seed}:{one.number}:suspended")
    if one.year < FROM_YEAR or one.number % EVERY or one.end or one.short_breaks or one.start >= world.since:
        return []
    found: list[Suspended] = []
    for back in sorted(rng.sample(BACK, rng.choice((1, 1, 2, 3))), reverse=True):
        start = world.on - timedelta(days=back)
        end = start + DAY * rng.choice(LENGTHS)
        stay = one.stay(start)
        fits = stay and stay.start < start and (stay.end is None or end <= stay.end)
        apart = not found or found[-1].end <= start
        if stay and fits and apart and world.known.school_days().counts(start):
            found.append(Suspended(stay.school, start, end))
    return found


def days_away(world: World, one: Made) -> set[date]:
    """The days on which the register has code E."""
    return {each.start + DAY * n for each in drawn(world, one) for n in range((each.end - each.start).days)}


def enter(world: World, made: Iterable[Made], diary: Diary, ours: frozenset[int]) -> None:
    """Put them into the diary: recorded on the first day by the advocate, who heard of it from the school."""
    for one in made:
        rng = random.Random(f"{world.seed}:{one.number}:told")
        for each in drawn(world, one):
            told = _Told(one, each, rng.choice(REASONS), rng.choice(TRIED), rng.choice(SAYS), rng.random() < 0.7)
            if one.number in ours:
                by = one.others["advocate"]
                diary.enter(each.start, 11, partial(told.be_recorded, by), by=by)


@dataclass(frozen=True)
class _Told:
    """What the school told of one."""

    one: Made
    each: Suspended
    reasons: tuple[str, ...]
    tried: str
    says: str
    taught: bool

    def be_recorded(self, by: User) -> None:
        start = self.each.start
        facts = ExclusionFacts(
            kind=ExclusionKind.SUSPENSION,
            start=start,
            end=self.each.end,
            reasons=self.reasons,
            alternatives=self.tried,
            child_says=self.says,
            work_set="Set in the school’s online classroom and marked each day.",
            told_carer_on=start,
            told_social_worker_on=start,
            told_virtual_school_on=start,
        )
        made = record_exclusion(child=self.one.child, school=self.each.school, facts=facts, by=by)
        if self.taught:
            name_provision(exclusion=made, where=WHERE, start=start, by=by)
