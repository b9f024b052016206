"""The terms before those that are told: their PEPs loaded in bulk, each as whole as one that was told through the actions.

Of a large authority the same is done with this term's PEPs of children to whom nothing else happens: enough are told without them.
"""

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from children.enums import ClockState
from children.models import Clock, PeriodOfCare
from peps import layouts
from peps.actions.stepping import matter
from peps.enums import Attendance, Decision, Owner, PepKind, PepState, Response, Seat, SectionState
from peps.layouts import Circumstance, Occasion
from peps.models import (
    MeetingInvitation,
    Pep,
    PepAnswer,
    PepAuthor,
    PepCost,
    PepMeeting,
    PepReview,
    PepSection,
    PepTarget,
    PepVersion,
)
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import moment, standing_at
from virtualschool.overview.demo import grading, kept, sections, words
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.sections import record
from virtualschool.overview.demo.stories import forgotten
from virtualschool.overview.demo.world import World
from virtualschool.rulebook import clocks, rules, schoolyear
from virtualschool.rulebook.schoolyear import Term

DAY = timedelta(days=1)
YEARS = 3
TOLD = 240  # children whose PEPs of this term are told, however many there are
RIPE = DAY * 14  # what was completed less long ago is told: it is what people have just worked on
SOCIAL_WORK = frozenset({Owner.SOCIAL_WORKER, Owner.CARER})
WITH_MONEY = frozenset({"P", "S"})
# What was taken over of PEPs from the terms before: the child's voice, where they stood, the meeting, the targets.
KEPT = frozenset({"attainment", "my_views", "meeting", "targets"})


@dataclass
class Old:
    """One PEP of long ago with all its rows, before they are saved."""

    pep: Pep
    one: Made
    rng: random.Random
    held: date
    sent: date
    worker: User
    teacher: User
    whole: bool = False  # with every section, and not only what was taken over from before
    clocks: list[Clock] = field(default_factory=list)
    costs: list[PepCost] = field(default_factory=list)

    @property
    def done(self) -> date:
        return self.pep.completed_on

    @property
    def coordinator(self) -> User:
        return self.one.others["coordinator"]

    @property
    def advocate(self) -> User:
        return self.one.others["advocate"]


def terms_before(world: World) -> list[Term]:
    """The terms of the last years, oldest first, without those that are told."""
    found: list[Term] = []
    term = world.known.term_of(world.since - DAY)
    while term.start > world.on - timedelta(days=365 * YEARS):
        found.append(term)
        term = world.known.term_of(term.start - DAY)
    return found[::-1]


def build(world: World, made: list[Made]) -> list[Old]:
    """Load the PEPs of the older terms for these children.

    Returns:
        them, oldest first.
    """
    periods = {row.child_id: row for row in PeriodOfCare.objects.filter(child__in=[one.child for one in made])}
    settled = _settled(made, world)
    terms = [*terms_before(world), *([world.this] if settled else [])]

    def had(one: Made, term: Term) -> bool:
        return one.number in settled if term == world.this else _has_one(one, term)

    latest: dict[int, Pep] = {}
    found: list[Old] = []
    for place, term in enumerate(terms):
        olds = []
        for one in (one for one in made if had(one, term)):
            old = _draft(one, periods[one.child.pk], term, world, latest.get(one.number))
            followed = any(had(one, later) for later in terms[place + 1 :])
            old.pep.state = PepState.SUPERSEDED if followed else PepState.COMPLETE
            latest[one.number] = old.pep
            olds.append(old)
        Clock.objects.bulk_create(clock for old in olds for clock in old.clocks)
        Pep.objects.bulk_create(old.pep for old in olds)
        _write(olds, world)
        found += olds
    return found


def _has_one(one: Made, term: Term) -> bool:
    """Whether the child had a PEP in the term."""
    return not one.short_breaks and one.start < term.end - DAY * 40 and _of_age(one, term)


def _settled(made: list[Made], world: World) -> frozenset[int]:
    """The children of a large authority whose PEP of this term is loaded too: somebody arranges it, and nothing else happens."""
    if world.since < world.this.start:
        return frozenset()
    return frozenset(
        one.number
        for one in made
        if one.number > TOLD and not forgotten(one) and _has_one(one, world.this) and _is_quiet(one, world)
    )


def _is_quiet(one: Made, world: World) -> bool:
    """In care and at one school all term, and the PEP is long complete."""
    days, stay = _days(_rng(one, world.this, world), one, world.this, world), one.stay(world.this.start + DAY * 6)
    if one.start >= world.this.start or one.end is not None or stay is None or stay.start > days.opened:
        return False
    return stay.end is None and days.done + RIPE < world.on


def _of_age(one: Made, term: Term) -> bool:
    return 3 <= schoolyear.age(one.child.date_of_birth, max(term.start, one.start)) < 18


@dataclass(frozen=True)
class Days:
    """When a PEP was opened, its meeting held, sent in and completed."""

    opened: date
    held: date
    sent: date
    done: date


def _rng(one: Made, term: Term, world: World) -> random.Random:
    return random.Random(f"{world.seed}:{one.number}:{term}")


def _days(rng: random.Random, one: Made, term: Term, world: World) -> Days:
    initial = one.start >= term.start
    opened = one.start if initial else world.working_day(term.start)
    held = world.school_day(opened + timedelta(days=rng.randint(6, 13) if initial else rng.randint(14, 55)))
    sent = world.school_day(held + timedelta(days=rng.randint(1, 9)))
    return Days(opened, held, sent, world.working_day(sent + timedelta(days=rng.randint(2, 10))))


def _draft(one: Made, period: PeriodOfCare, term: Term, world: World, previous: Pep | None) -> Old:
    rng = _rng(one, term, world)
    days, initial = _days(rng, one, term, world), one.start >= term.start
    opened, held, sent, done = days.opened, days.held, days.sent, days.done
    stay, year = one.stay(opened), schoolyear.curriculum_year(one.child.date_of_birth, opened)
    pep = Pep(
        child=one.child,
        kind=PepKind.INITIAL if initial else PepKind.REVIEW,
        occasion=f"initial:{period.pk}" if initial else f"term:{term.academic_year}:{term.name.value}",
        phase=schoolyear.phase(year),
        year_group=year,
        academic_year=term.academic_year,
        term=term.name.value,
        period=period,
        school=stay.school if stay else None,
        layout=layouts.current(opened).version,
        previous=previous,
        opened_on=opened,
        opened_why="The child came into care" if initial else f"A PEP for the {str(term).lower()}",
        submission=1,
        submitted_at=moment(sent, 17),
        completed_on=done,
        grade=rng.choice(("green", "green", "green", "amber", "gold")),
    )
    worker = one.worker(held)
    teacher = world.teacher(pep.school, held) or worker
    pep.submitted_by = teacher
    old = Old(pep, one, rng, held, sent, worker, teacher, whole=term == world.this)
    old.clocks = list(_clocks(old, world))
    pep.clock, pep.due_on = old.clocks[-1], old.clocks[-1].due_on
    return old


def _clocks(old: Old, world: World) -> Iterable[Clock]:
    """Those that ran for it, each met."""
    pep = old.pep
    if pep.kind == PepKind.INITIAL:
        first = rules.variant("pep.initial.deadline", by="legal_status", code=old.one.status, on=pep.opened_on)
        whole = rules.get("pep.initial.complete", on=pep.opened_on)
        yield _clock(old, world, first, "initial PEP", pep.opened_on, pep.opened_why, old.held)
        yield _clock(old, world, whole, "initial PEP, complete", pep.opened_on, pep.opened_why, old.done)
    write_up, answer = rules.get("pep.write_up", on=old.held), rules.get("pep.approval", on=old.sent)
    yield _clock(old, world, write_up, "PEP to be sent in", old.held, "The meeting was held", old.sent)
    yield _clock(old, world, answer, "Answer to the PEP", old.sent, "The PEP was sent in", old.done, round_of=1)


def _clock(
    old: Old, world: World, rule: Any, about: str, start: date, started_by: str, met: date, round_of: int = 0
) -> Clock:
    return Clock(
        child=old.one.child,
        rule_id=rule.pk,
        about=about,
        matter=matter(old.pep, round_of),
        started_on=start,
        started_by=started_by,
        due_on=clocks.reckon(rule, start, world.known).due_on or met,
        field_group=FieldGroup.PEP.value,
        state=ClockState.MET,
        stopped_on=met,
    )


# ---------------------------------------------------------------- what is in it


def _write(olds: list[Old], world: World) -> None:
    met = PepMeeting.objects.bulk_create(_meeting(old, world) for old in olds)
    invited = [_invited(old, meeting) for old, meeting in zip(olds, met, strict=True)]
    MeetingInvitation.objects.bulk_create(row for rows in invited for row in rows)
    written = PepSection.objects.bulk_create(row for old in olds for row in _sections(old))
    of_pep: dict[int, list[PepSection]] = {}
    for section in written:
        of_pep.setdefault(section.pep_id, []).append(section)
    answers = {old.pep.pk: _answers(old, of_pep[old.pep.pk]) for old in olds}
    PepAnswer.objects.bulk_create(row for rows in answers.values() for row in rows)
    PepAuthor.objects.bulk_create(
        PepAuthor(pep=old.pep, user=user, since=moment(old.held, 12))
        for old in olds
        for user in dict.fromkeys((old.worker, old.teacher))
    )
    set_then = PepTarget.objects.bulk_create(_target(old) for old in olds)
    for old, target in zip(olds, set_then, strict=True):
        if old.pep.phase in WITH_MONEY and old.pep.school_id:
            old.costs = [_cost(old, target)]
    PepCost.objects.bulk_create(cost for old in olds for cost in old.costs)
    reviews = PepReview.objects.bulk_create(_review(old, {row.key for row in of_pep[old.pep.pk]}) for old in olds)
    last, held = kept.last_targets(old.pep for old in olds), map(kept.of_meeting, met, invited)
    PepVersion.objects.bulk_create(
        PepVersion(
            pep=old.pep,
            number=1,
            at=moment(old.done, 12),
            content=kept.content(old.pep, answers[old.pep.pk], of_it, target, last.get(old.pep.previous_id), review),
        )
        for old, of_it, target, review in zip(olds, held, set_then, reviews, strict=True)
    )
    AuditEvent.objects.bulk_create(
        event for old, meeting in zip(olds, met, strict=True) for event in _events(old, meeting)
    )


def _meeting(old: Old, world: World) -> PepMeeting:
    return PepMeeting(
        pep=old.pep,
        starts_at=moment(old.held, 14),
        place=words.MEETING_PLACE,
        chair=Seat.ADVOCATE,
        state="held",
        arranged_by=old.coordinator,
        next_meeting_on=world.school_day(old.held + DAY * 110),
    )


def _invited(old: Old, meeting: PepMeeting) -> list[MeetingInvitation]:
    seats: dict[User, Seat] = {old.worker: Seat.SOCIAL_WORKER}
    seats.setdefault(old.teacher, Seat.DESIGNATED_TEACHER)
    came = {"meeting": meeting, "required": True, "attendance": Attendance.CAME}
    answered = {"response": Response.ACCEPTED, "responded_at": moment(old.held - DAY * 9, 11)}
    return [
        *(MeetingInvitation(seat=seat, user=user, **came, **answered) for user, seat in seats.items()),
        MeetingInvitation(seat=Seat.CARER, **came),
        MeetingInvitation(meeting=meeting, seat=Seat.CHILD, attendance=Attendance.SENT_VIEWS),
    ]


def _sections(old: Old) -> list[PepSection]:
    circumstances = frozenset({Circumstance.PREVIOUS}) if old.whole and old.pep.previous else frozenset()
    occasion = Occasion(old.pep.phase, old.pep.kind, circumstances, old.pep.year_group)
    return [
        PepSection(
            pep=old.pep,
            key=spec.key,
            owner=Owner.SOCIAL_WORKER if spec.owner == Owner.DESIGNATED_TEACHER and not old.pep.school else spec.owner,
            position=spec.position,
            state=SectionState.COMPLETE,
            completed_by=old.worker if spec.owner in SOCIAL_WORK else old.teacher,
            completed_at=moment(old.sent, 16),
        )
        for spec in layouts.of_version(old.pep.layout).sections_for(occasion)
        if old.whole or spec.key in KEPT
    ]


def _answers(old: Old, written: list[PepSection]) -> list[PepAnswer]:
    with standing_at(moment(old.held, 12)):
        return [
            PepAnswer(
                section=section,
                field=key,
                value=value,
                written_by=section.completed_by,
                written_at=moment(old.held, 12),
            )
            for section in written
            for key, value in sections.answers(section, old.pep, old.rng, old.teacher).items()
        ]


def _target(old: Old) -> PepTarget:
    area, start, goal, measure, what, where = old.rng.choice(words.TARGETS_OF[old.pep.phase])
    return PepTarget(
        pep=old.pep,
        area=area,
        start_point=start,
        goal=goal,
        measure=measure,
        by_when=old.held + DAY * 100,
        why="Agreed with the child and the carer as what would help most.",
        what=what,
        where=where,
        how_often=old.rng.choice(words.HOW_OFTEN),
        named_person=old.teacher.name,
        **_outcome(old),
    )


def _outcome(old: Old) -> dict[str, str]:
    """Looked at in the PEP that followed; that of the last one is still to be."""
    if old.pep.state == PepState.COMPLETE:
        return {}
    return {
        "outcome": old.rng.choice(("met", "met", "partly", "not_met")),
        "evidence": old.rng.choice(words.LONG_TEXT),
    }


def _cost(old: Old, target: PepTarget) -> PepCost:
    item, category, pence, sessions_a_week, weeks = old.rng.choice(words.COSTS)
    return PepCost(
        target=target,
        item=item,
        category=category,
        price_pence=pence,
        sessions_a_week=sessions_a_week,
        weeks=weeks,
        asked_by=old.teacher,
        agreed=True,
        agreed_by=old.advocate,
    )


def _review(old: Old, sections: Collection[str]) -> PepReview:
    return PepReview(
        pep=old.pep,
        submission=1,
        decision=Decision.APPROVED,
        grade=old.pep.grade,
        **grading.fields_of(old.pep, old.pep.year_group, sections),
        reason=old.rng.choice(words.PRAISE),
        by=old.advocate,
        at=moment(old.done, 12),
    )


def _events(old: Old, meeting: PepMeeting) -> Iterable[AuditEvent]:
    pep, child = old.pep, old.one.child.pk
    opened, arranged = moment(pep.opened_on, 5), moment(min(pep.opened_on + DAY * 2, old.held), 9)
    about = {"occasion": pep.occasion, "due_on": old.clocks[0].due_on}
    yield record("pep.opened", None, pep, child, why=pep.opened_why, data=about, at=opened)
    yield record("pep.meeting_scheduled", old.coordinator, meeting, child, data={"on": old.held}, at=arranged)
    yield record("pep.meeting_held", old.coordinator, meeting, child, at=moment(old.held, 16))
    yield record("pep.submitted", old.teacher, pep, child, data={"submission": 1}, at=pep.submitted_at)
    decision = {"grade": pep.grade, "submission": 1}
    yield record("pep.approved", old.advocate, pep, child, data=decision, at=moment(old.done, 12))
