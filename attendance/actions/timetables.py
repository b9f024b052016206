"""A reduced timetable on its way: recorded, agreed or not, reviewed, and over when the child is full time again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance import arrangements, weekgrid, workflow
from attendance.actions.parts import ended_on_fits, held_of, sent_before
from attendance.enums import Party, ReviewOutcome, TimetableReason, TimetableState
from attendance.models import ReducedTimetable, TimetableAgreement, TimetableReview
from attendance.models.timetables import Step
from attendance.notifications import timetables as notifications
from attendance.policies import timetables as policies
from children.clocks import cancel_clock, meet_clock, start_clock
from children.constraints import told
from children.models import Enrolment
from peps.actions.following import bring_in
from peps.layouts import Circumstance
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.numbers import plain
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import rules
from virtualschool.rulebook.clocks import amount
from virtualschool.rulebook.rules import InForce
from virtualschool.rulebook.schoolyear import words as day_words

REVIEW = "attendance.reduced_timetable.review"
CAME_UP = "A reduced timetable was recorded"


@dataclass(frozen=True)
class TimetableFacts:
    """What is recorded. ``end`` is the first day full time again; ``pattern`` as ``weekgrid`` has it."""

    start: date
    end: date
    hours: Decimal
    pattern: str
    reason: TimetableReason | str
    why: str
    review_on: date
    steps: Sequence[Step]


@dataclass(frozen=True)
class ReviewFacts:
    """What a review came to: going on has a new end, more hours have a number and a pattern; both have a next review."""

    outcome: ReviewOutcome | str
    words: str
    review_on: date
    end: date | None = None
    hours: Decimal | None = None
    pattern: str = ""
    steps: Sequence[Step] = ()


@transaction.atomic
def record_timetable(
    *, enrolment: Enrolment, facts: TimetableFacts, agreed: Mapping[Party, date], by: User, key: UUID
) -> ReducedTimetable:
    """Record it, with what the school and the carer said; whoever else has to agree is asked. Sent twice under one ``key`` it is one.

    Raises:
        Refused: when ``by`` may not record it at this place.
        ValidationError: when it is not reduced, has no end within the rule, no review in time or no way back, or meets another.
        Conflict: when the key is another child's.
    """
    require(policies.can_record_at(by, enrolment))
    known = sent_before(ReducedTimetable.objects.all(), key, enrolment.child_id)
    if known is not None:
        return known
    full = arrangements.full_time_hours(enrolment, facts.start)
    _fits(enrolment, facts, full)
    with told():
        timetable = ReducedTimetable.objects.create(
            uuid=key,
            child=enrolment.child,
            enrolment=enrolment,
            start=facts.start,
            end=facts.end,
            hours=facts.hours,
            full_time_hours=full,
            pattern=facts.pattern,
            reason=TimetableReason(facts.reason),
            why=facts.why,
            way_back=_stored(facts.steps),
            review_on=facts.review_on,
            recorded_by=by,
            recorded_at=now(),
        )
    log.record("timetable.recorded", by=by, subject=timetable, data={"hours": str(facts.hours), "end": facts.end})
    _start_clock(timetable, facts.start, "The reduced timetable began", by)
    for party, on in agreed.items():
        require(policies.can_answer_for(by, timetable, party))
        _say(timetable, party, True, on, "", by)
    _ask(timetable)
    bring_in(child_id=timetable.child_id, circumstance=Circumstance.REDUCED_TIMETABLE, why=CAME_UP, by=by)
    return timetable


@transaction.atomic
def answer(
    *, timetable: ReducedTimetable, round_seen: int, party: Party | str, agrees: bool, on: date, words: str, by: User
) -> ReducedTimetable:
    """Somebody agrees, or does not. The same word twice is one.

    Raises:
        Refused: when ``by`` does not speak for this party.
        Conflict: when it has ended, or goes on for a new reason since the page was drawn.
        ValidationError: for a day to come, or a no without words.
    """
    timetable, party = _locked(timetable), Party(party)
    require(policies.can_answer_for(by, timetable, party))
    _as_seen(timetable, round_seen)
    if on > today():
        raise ValidationError({"on": "The day on which they said so must be today or in the past"})
    if not agrees and not words.strip():
        raise ValidationError({"words": "Say why not"})
    last = timetable.agreements.filter(round=timetable.round, party=party).last()
    if last is None or (last.agrees, last.on, last.words) != (agrees, on, words):
        _say(timetable, party, agrees, on, words, by)
    return timetable


@transaction.atomic
def review(*, timetable: ReducedTimetable, round_seen: int, facts: ReviewFacts, by: User) -> ReducedTimetable:
    """It goes on for a new reason, which is agreed anew, or the child has more hours from now on.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it has ended, or another review came between.
        ValidationError: when the facts do not fit the rules.
    """
    timetable, outcome = _locked(timetable), ReviewOutcome(facts.outcome)
    require(policies.can_review(by, timetable))
    _as_seen(timetable, round_seen)
    workflow.TIMETABLE.target(timetable.state, outcome)
    if not facts.words.strip():
        raise ValidationError({"words": "Say what came of the review"})
    changed = _extended(timetable, facts) if outcome is ReviewOutcome.EXTENDED else _raised(timetable, facts)
    _next_review_fits(today(), facts.review_on)
    _stop_clock(timetable, by)
    _reviewed(timetable, outcome, facts.words, changed | {"review_on": facts.review_on}, by)
    _start_clock(timetable, today(), "The last review", by)
    if outcome is ReviewOutcome.EXTENDED:
        _ask(timetable)
    return timetable


@transaction.atomic
def end(*, timetable: ReducedTimetable, on: date, words: str, by: User) -> ReducedTimetable:
    """The child is full time again from a day on, up to today, or it never began.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it has ended.
        ValidationError: without words, before it began, or for a day to come.
    """
    timetable = _locked(timetable)
    require(policies.can_review(by, timetable))
    workflow.TIMETABLE.target(timetable.state, ReviewOutcome.ENDED)
    if not words.strip():
        raise ValidationError({"words": "Say how it ended"})
    ended_on_fits(on, timetable.start, "The first day full time again")
    return _end(timetable, on, words, by)


@transaction.atomic
def end_all(*, child_id: int, on: date, why: str, enrolment_id: int | None = None) -> int:
    """The child left care, or the school: what runs there has ended.

    Returns:
        how many were running.
    """
    found = held_of(ReducedTimetable.objects.running(), child_id, enrolment_id)
    for timetable in found:
        _end(timetable, max(on, timetable.start), why, None)
    return len(found)


# ---------------------------------------------------------------- parts


def _locked(timetable: ReducedTimetable) -> ReducedTimetable:
    rows = ReducedTimetable.objects.select_for_update(of=("self",)).select_related(
        "child", "enrolment__school", "clock"
    )
    found: ReducedTimetable = rows.get(pk=timetable.pk)
    return found


def _as_seen(timetable: ReducedTimetable, round_seen: int) -> None:
    if timetable.state != TimetableState.RUNNING:
        raise Conflict("This reduced timetable has ended.")
    if timetable.round != round_seen:
        raise Conflict("This was reviewed since you opened the page. Read it again first.")


def _fits(enrolment: Enrolment, facts: TimetableFacts, full: Decimal) -> None:
    _hours_fit(facts.hours, full, facts.pattern)
    if enrolment.end is not None and facts.start >= enrolment.end:
        raise ValidationError({"start": "The child leaves this school before that day"})
    if facts.start < enrolment.start:
        raise ValidationError({"start": f"The child came to this school on {day_words(enrolment.start)}"})
    _length_fits(facts.start, facts.end)
    _next_review_fits(facts.start, facts.review_on)
    _way_back_fits(facts.steps, facts.start, facts.end, facts.hours, full)


def _hours_fit(hours: Decimal, full: Decimal, pattern: str) -> None:
    if hours >= full:
        raise ValidationError({"hours": f"{plain(hours)} hours are full time: {plain(full)} hours by the rule"})
    if len(pattern) != len(weekgrid.WHOLE) or set(pattern) - {"0", "1"}:
        raise ValidationError({"pattern": "Say for each half day whether the child is at school"})
    if (pattern == weekgrid.NOBODY) != (hours == 0):
        raise ValidationError({"pattern": "Tick the half days on which the child is at school for these hours"})


def _length_fits(start: date, end: date) -> None:
    longest = rules.get("attendance.reduced_timetable.longest", on=start)
    if end <= start:
        raise ValidationError({"end": "The first day full time again must be after the first day"})
    if end > start + timedelta(weeks=longest.value):
        raise ValidationError({"end": f"At most {amount(longest)}. {_source(longest)}"})


def _next_review_fits(after: date, review_on: date) -> None:
    rule = rules.get("attendance.reduced_timetable.review", on=after)
    last = after + timedelta(weeks=rule.value)
    if not after <= review_on <= last:
        raise ValidationError(
            {"review_on": f"The review must be from {day_words(after)} to {day_words(last)}. {_source(rule)}"}
        )


def _source(rule: InForce) -> str:
    return f"{rule.words}. Source: {rule.source}"


def _way_back_fits(steps: Sequence[Step], start: date, end: date, hours: Decimal, full: Decimal) -> None:
    """Days and hours go up, from more than now to full time by the day it ends."""
    if not steps or steps[-1].hours < full:
        raise ValidationError({"steps": f"The way back ends with full time: {plain(full)} hours a week"})
    before = Step(start, hours)
    for step in steps:
        if not before.on < step.on <= end or step.hours <= before.hours:
            raise ValidationError({"steps": "Each step has a later day and more hours, up to the day it ends"})
        before = step


def _stored(steps: Sequence[Step]) -> list[dict[str, str]]:
    return [{"on": step.on.isoformat(), "hours": plain(step.hours)} for step in steps]


def _extended(timetable: ReducedTimetable, facts: ReviewFacts) -> dict[str, Any]:
    """Going on: a later end, counted from now by the same rule, and a way back to it."""
    if facts.end is None or facts.end <= max(timetable.end, today()):
        raise ValidationError({"end": f"It was to end on {day_words(timetable.end)}. Give a later day, after today."})
    _length_fits(max(today(), timetable.start), facts.end)
    first = max(today(), timetable.start)
    _way_back_fits(facts.steps, first, facts.end, timetable.hours, timetable.full_time_hours)
    return {"end": facts.end, "way_back": _stored(facts.steps), "round": timetable.round + 1}


def _raised(timetable: ReducedTimetable, facts: ReviewFacts) -> dict[str, Any]:
    if facts.hours is None or facts.hours <= timetable.hours:
        raise ValidationError({"hours": f"More than the {plain(timetable.hours)} hours a week of now"})
    _hours_fit(facts.hours, timetable.full_time_hours, facts.pattern)
    return {"hours": facts.hours, "pattern": facts.pattern}


def _reviewed(
    timetable: ReducedTimetable, outcome: ReviewOutcome, words: str, changed: dict[str, Any], by: User | None
) -> None:
    before = timetable.hours, timetable.end
    timetable.state = TimetableState(workflow.TIMETABLE.target(timetable.state, outcome))
    for name, value in changed.items():
        setattr(timetable, name, value)
    with told():
        timetable.save(update_fields=["state", *changed])
    TimetableReview.objects.create(
        timetable=timetable,
        round=timetable.round,
        outcome=outcome,
        words=words,
        hours_were=before[0],
        hours=timetable.hours,
        end_was=before[1],
        end=timetable.end,
        by=by,
        on=today(),
        at=now(),
    )
    data = {"hours": str(timetable.hours), "end": timetable.end}
    log.record(f"timetable.{outcome.value}", by=by, subject=timetable, child=timetable.child, data=data)


def _end(timetable: ReducedTimetable, on: date, words: str, by: User | None) -> ReducedTimetable:
    _reviewed(timetable, ReviewOutcome.ENDED, words, {"end": on}, by)
    if timetable.clock and by:
        meet_clock(timetable.clock, today(), by=by)
    elif timetable.clock:
        cancel_clock(timetable.clock, today(), words)
    return timetable


def _start_clock(timetable: ReducedTimetable, on: date, started_by: str, by: User) -> None:
    timetable.clock = start_clock(
        child=timetable.child,
        rule_key=REVIEW,
        about="Review of the reduced timetable",
        matter=f"attendance.ReducedTimetable:{timetable.uuid}:{timetable.reviews.count()}",
        started_on=on,
        started_by=started_by,
        by=by,
        group=FieldGroup.ATTENDANCE,
    )
    timetable.save(update_fields=["clock"])


def _stop_clock(timetable: ReducedTimetable, by: User) -> None:
    if timetable.clock:
        meet_clock(timetable.clock, today(), by=by)


def _say(timetable: ReducedTimetable, party: Party, agrees: bool, on: date, words: str, by: User) -> None:
    given = {
        "round": timetable.round,
        "party": party,
        "agrees": agrees,
        "on": on,
        "words": words,
        "by": by,
        "at": now(),
    }
    TimetableAgreement.objects.create(timetable=timetable, **given)
    data = {"party": party.value, "agrees": agrees}
    log.record("timetable.answered", by=by, subject=timetable, child=timetable.child, data=data)


def _ask(timetable: ReducedTimetable) -> None:
    """Nudge those who have to agree and have not said anything in this round."""
    said = set(timetable.agreements.filter(round=timetable.round).values_list("party", flat=True))
    notifications.ask(timetable, [party for party in arrangements.parties(today()) if party not in said])
