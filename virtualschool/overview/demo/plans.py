"""When each step of a PEP is: drawn at once when it opens, whatever day it is told up to."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from peps.enums import PepKind
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
# Of a hundred PEPs so many go through in time; the others are late at one step, or nobody arranges them.
PACES = {"in_time": 82, "late_meeting": 6, "late_sending": 6, "late_answer": 4, "left": 2}
DECLINED, RETURNED, TARDY, CALLED_OFF = 0.08, 0.12, 0.13, 0.3


@dataclass(frozen=True)
class Plan:
    """The days of one PEP. ``arranged`` is None when nobody sees to it."""

    arranged: date | None
    meeting: date
    declined: bool  # the social worker cannot come to the first meeting
    seen_to: date  # when the coordinator rearranges that
    named_later: bool  # without a new time at first
    second: date  # the meeting in its place
    tardy: str  # the owner who writes late, if any
    sent: int  # days from the meeting to the sending in
    answered: int  # days from there to the answer
    returned: bool
    mended: int  # days until it is sent in again, and until it is approved then

    @property
    def held(self) -> date:
        return self.second if self.declined else self.meeting


def plan_for(rng: random.Random, world: World, kind: str, opened: date, due: date) -> Plan:
    """The plan of a PEP that opened on a day and whose meeting is due on another."""
    pace = rng.choices(list(PACES), list(PACES.values()))[0]
    first = opened + timedelta(days=12 if kind == PepKind.REVIEW else 4)
    last = max(due, first + DAY * 2)
    if pace == "late_meeting":
        meeting = last + timedelta(days=rng.randint(4, 24))
    else:
        meeting = first + timedelta(days=round((last - first).days * rng.triangular(0, 1, 0.4)))
    meeting = world.school_day(meeting)
    notice = rng.randint(15, 30) if kind == PepKind.REVIEW else rng.randint(3, 7)
    arranged = world.working_day(max(opened + DAY, meeting - timedelta(days=notice)))
    answered_on = arranged + timedelta(days=rng.randint(1, 3))
    seen_to = world.working_day(answered_on + timedelta(days=rng.randint(3, 8)))
    second = world.school_day(max(meeting, seen_to) + timedelta(days=rng.randint(4, 11)))
    declined = rng.random() < DECLINED and arranged + DAY * 2 < meeting
    return Plan(
        arranged=None if pace == "left" else min(arranged, meeting - DAY),
        meeting=meeting,
        declined=declined,
        seen_to=seen_to,
        named_later=rng.random() < CALLED_OFF,
        second=second,
        tardy=rng.choice(("social_worker", "designated_teacher")) if rng.random() < TARDY else "",
        sent=rng.randint(18, 30) if pace == "late_sending" else rng.randint(1, 10),
        answered=rng.randint(17, 30) if pace == "late_answer" else rng.randint(2, 11),
        returned=rng.random() < RETURNED,
        mended=rng.randint(2, 6),
    )
