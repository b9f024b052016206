"""The terms before the last one: their PEPs loaded in bulk, as coherent as those that were told through the actions."""

import random
from datetime import date, timedelta

from children.models import Child, PeriodOfCare
from peps import layouts
from peps.enums import Attendance, Decision, Grade, PepKind, PepState, Response, Seat, SectionState
from peps.models import MeetingInvitation, Pep, PepAnswer, PepMeeting, PepReview, PepSection, PepTarget, PepVersion
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import moment
from virtualschool.overview.demo import words
from virtualschool.overview.demo.stories import weekday
from virtualschool.overview.demo.world import World
from virtualschool.rulebook import calendars, schoolyear
from virtualschool.rulebook.schoolyear import Term

DAY = timedelta(days=1)


def terms_before(on: date, years: int = 3) -> list[Term]:
    """The terms of the last ``years``, oldest first, without this one and the one before it."""
    known = calendars.load()
    found: list[Term] = []
    term = known.term_of(on)
    while term.start > on - timedelta(days=365 * years):
        found.append(term)
        term = known.term_of(term.start - DAY)
    return list(reversed(found[2:]))


def build(world: World, seed: int) -> int:
    """Load the PEPs of the older terms.

    Returns:
        how many.
    """
    latest: dict[int, Pep] = {}
    count = 0
    for term in terms_before(world.on):
        peps = _peps_of(term, world, seed, latest)
        count += len(peps)
        latest |= {pep.child_id: pep for pep in peps}
    return count


def _peps_of(term: Term, world: World, seed: int, latest: dict[int, Pep]) -> list[Pep]:
    rows = PeriodOfCare.objects.filter(short_breaks=False, start__lt=term.end - timedelta(days=40)).select_related(
        "child"
    )
    periods = [row for row in rows if _of_age(row.child, term)]
    peps = [_pep(row, term, world, latest.get(row.child_id)) for row in periods]
    Pep.objects.bulk_create(peps)
    rngs = [random.Random(f"{seed}:{pep.child.child_id}:{term}") for pep in peps]
    _write(list(zip(peps, rngs, strict=True)), world)
    return peps


def _of_age(child: Child, term: Term) -> bool:
    years = schoolyear.age(child.date_of_birth, term.start)
    return 3 <= years < 18  # rule pep.start_age and pep.end, as they were


def _pep(period: PeriodOfCare, term: Term, world: World, previous: Pep | None) -> Pep:
    opened = max(term.start, period.start)
    initial = period.start >= term.start
    done = weekday(opened + timedelta(days=35))
    return Pep(
        child=period.child,
        kind=PepKind.INITIAL if initial else PepKind.REVIEW,
        occasion=f"initial:{period.pk}" if initial else f"term:{term.academic_year}:{term.name.value}",
        phase=schoolyear.phase(schoolyear.curriculum_year(period.child.date_of_birth, opened)),
        academic_year=term.academic_year,
        term=term.name.value,
        state=PepState.SUPERSEDED,
        period=period,
        layout=layouts.current(opened).version,
        previous=previous,
        opened_on=opened,
        opened_why="The child came into care" if initial else f"The {term.name.value} term began",
        due_on=done,
        submission=1,
        submitted_at=moment(done - DAY * 5, 16),
        completed_on=done,
        grade=Grade.GREEN,
    )


def _write(rows: list[tuple[Pep, random.Random]], world: World) -> None:
    meetings = PepMeeting.objects.bulk_create(_meeting(pep, world) for pep, _ in rows)
    MeetingInvitation.objects.bulk_create(_carer(meeting) for meeting in meetings)
    sections = PepSection.objects.bulk_create(
        _section(pep, key, n) for pep, _ in rows for n, key in enumerate(("my_views", "targets"), 1)
    )
    writer = world.coordinators[0]
    views = [section for section in sections if section.key == "my_views"]
    PepAnswer.objects.bulk_create(_words(section, rng, writer) for section, (_, rng) in zip(views, rows, strict=True))
    PepTarget.objects.bulk_create(_target(pep, rng) for pep, rng in rows)
    PepReview.objects.bulk_create(_review(pep, rng, world.advocates) for pep, rng in rows)
    PepVersion.objects.bulk_create(
        PepVersion(pep=pep, number=1, at=moment(pep.completed_on, 12), content={"imported": True, "grade": pep.grade})
        for pep, _ in rows
    )


def _meeting(pep: Pep, world: World) -> PepMeeting:
    on = weekday(pep.opened_on + timedelta(days=20))
    return PepMeeting(
        pep=pep,
        starts_at=moment(on, 14),
        place="At school",
        chair=Seat.ADVOCATE,
        state="held",
        arranged_by=world.coordinators[0],
        next_meeting_on=weekday(on + DAY * 110),
    )


def _carer(meeting: PepMeeting) -> MeetingInvitation:
    return MeetingInvitation(
        meeting=meeting, seat=Seat.CARER, name="Carer", response=Response.ACCEPTED, attendance=Attendance.CAME
    )


def _section(pep: Pep, key: str, position: int) -> PepSection:
    owner = "key_adult" if key == "my_views" else "designated_teacher"
    return PepSection(pep=pep, key=key, owner=owner, position=position, state=SectionState.COMPLETE)


def _words(section: PepSection, rng: random.Random, writer: User) -> PepAnswer:
    said = rng.choice(words.MY_WORDS).format(adult="my teacher")
    return PepAnswer(
        section=section, field="my_words", value=said, written_by=writer, written_at=section.pep.submitted_at
    )


def _target(pep: Pep, rng: random.Random) -> PepTarget:
    area, start, goal, measure, what, where = rng.choice(words.TARGETS)
    return PepTarget(
        pep=pep,
        area=area,
        start_point=start,
        goal=goal,
        measure=measure,
        by_when=pep.due_on + DAY * 90,
        what=what,
        where=where,
        how_often="twice a week",
        named_person="Designated teacher",
        outcome=rng.choice(("met", "met", "partly", "not_met")),
        evidence=rng.choice(words.LONG_TEXT),
    )


def _review(pep: Pep, rng: random.Random, advocates: list[User]) -> PepReview:
    return PepReview(
        pep=pep,
        submission=1,
        decision=Decision.APPROVED,
        grade=pep.grade,
        reason=rng.choice(words.PRAISE),
        by=rng.choice(advocates),
        at=moment(pep.completed_on, 12),
    )
