"""A reviewing officer's concern on its way: raised, answered, accepted or raised again; unanswered it goes to the head.

Each step is kept with its words, and nobody changes a step afterwards. Formal dispute resolution is not here: it is the IRO
Handbook's, and goes beyond the Virtual School.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from children.clocks import cancel_clock, meet_clock, start_clock
from children.models import Child, PeriodOfCare
from peps import concern_notifications as notifications
from peps import review_policies as policies
from peps import workflow
from peps.enums import ConcernArea, ConcernEvent, ConcernKind, ConcernState
from peps.models import Concern, ConcernStep, Pep
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook.schoolyear import words as day_words

RULE = "pep.iro_concern.answer"
STARTED_BY = {1: "The reviewing officer raised it"}


@dataclass(frozen=True)
class ConcernFacts:
    """What is raised: in the reviewing officer's words, about which PEP and section of it if any, wanted by when."""

    kind: ConcernKind | str
    area: ConcernArea | str
    words: str
    wanted_by: date | None = None
    pep: Pep | None = None
    section: str = ""


@transaction.atomic
def raise_concern(*, child: Child, facts: ConcernFacts, by: User, key: UUID) -> Concern:
    """Make it a task with a day. Sent twice under one ``key`` (a double click) it is one concern.

    Raises:
        Refused: when ``by`` is not the child's reviewing officer.
        ValidationError: without words, for a day gone by, or a PEP or section that is not the child's.
        Conflict: when the key is another concern's.
    """
    require(policies.can_raise_concern(by, child))
    _fits(child, facts)
    given = {
        "child": child,
        "pep": facts.pep,
        "section": facts.section,
        "kind": ConcernKind(facts.kind),
        "area": ConcernArea(facts.area),
        "words": facts.words,
        "wanted_by": facts.wanted_by,
        "raised_by": by,
        "raised_at": now(),
    }
    concern, new = Concern.objects.get_or_create(uuid=key, defaults=given)
    if not new:
        if (concern.raised_by_id, concern.child_id) != (by.pk, child.pk):
            raise Conflict("This could not be saved. Open the page again and write it there.")
        return concern
    _hand_to_virtual_school(concern, by)
    _step(concern, ConcernEvent.RAISED, facts.words, by)
    return concern


@transaction.atomic
def answer_concern(*, concern: Concern, round_seen: int, words: str, by: User) -> Concern:
    """Say what was done. The same words sent twice are one answer.

    Raises:
        Refused: when ``by`` is neither the child's advocate nor a head.
        Conflict: when it was answered, raised again or closed since the page was drawn.
    """
    concern = _locked(concern)
    require(policies.can_answer_concern(by, concern))
    if _said_already(concern, ConcernEvent.ANSWERED, round_seen, words, by):
        return concern
    _as_seen(concern, round_seen)
    _move(concern, "answer")
    _stop_clock(concern, by)
    _step(concern, ConcernEvent.ANSWERED, words, by)
    notifications.answered(concern)
    return concern


@transaction.atomic
def accept_answer(*, concern: Concern, round_seen: int, by: User) -> Concern:
    """The reviewing officer is content; it is over.

    Raises:
        Refused: when ``by`` is not the child's reviewing officer.
        Conflict: when it is not answered, or was raised again meanwhile.
    """
    concern = _locked(concern)
    require(policies.can_settle_concern(by, concern))
    if _said_already(concern, ConcernEvent.ACCEPTED, round_seen, "", by):
        return concern
    _as_seen(concern, round_seen)
    _move(concern, "accept")
    _step(concern, ConcernEvent.ACCEPTED, "", by)
    return concern


@transaction.atomic
def raise_again(*, concern: Concern, round_seen: int, words: str, by: User) -> Concern:
    """The answer is not enough: another round, with its reason and another clock.

    Raises:
        Refused: when ``by`` is not the child's reviewing officer.
        Conflict: when it is not answered, or was accepted meanwhile.
    """
    concern = _locked(concern)
    require(policies.can_settle_concern(by, concern))
    if _said_already(concern, ConcernEvent.RAISED_AGAIN, round_seen + 1, words, by):
        return concern
    _as_seen(concern, round_seen)
    _move(concern, "raise_again", round=concern.round + 1)
    _hand_to_virtual_school(concern, by)
    _step(concern, ConcernEvent.RAISED_AGAIN, words, by)
    return concern


@transaction.atomic
def escalate_overdue(on: date) -> int:
    """What is not answered by the end of its day goes to the head. A second run finds nothing.

    Returns:
        how many went.
    """
    late = Concern.objects.filter(state__in=workflow.CONCERN_WITH_ADVOCATE, clock__due_on__lt=on)
    found = list(late.select_for_update(of=("self",)).select_related("clock", "child").order_by("pk"))
    for concern in found:
        _move(concern, "escalate")
        _step(concern, ConcernEvent.ESCALATED, "", None)
        notifications.escalated(concern)
    return len(found)


@transaction.atomic
def close_concerns_of(period: PeriodOfCare, *, on: date) -> int:
    """Care has ended: nobody reviews it any more. What is open is closed, with that as its reason.

    Returns:
        how many were.
    """
    found = Concern.objects.filter(child=period.child_id, state__in=workflow.CONCERN_OPEN)
    concerns = list(found.select_for_update(of=("self",)).select_related("clock", "child").order_by("pk"))
    why = f"The child left care on {day_words(on)}"
    for concern in concerns:
        _move(concern, "close")
        if concern.clock:
            cancel_clock(concern.clock, on, why)
        _step(concern, ConcernEvent.CLOSED, why, None)
    return len(concerns)


# ---------------------------------------------------------------- parts


def _fits(child: Child, facts: ConcernFacts) -> None:
    if not facts.words.strip():
        raise ValidationError({"words": "Say what the concern or recommendation is"})
    if facts.wanted_by and facts.wanted_by < today():
        raise ValidationError({"wanted_by": "The day by which it is wanted must be today or later"})
    if facts.pep is not None and facts.pep.child_id != child.pk:
        raise ValidationError({"about": "Choose one of this child’s PEPs"})
    if facts.section and not (facts.pep and facts.pep.sections.filter(key=facts.section).exists()):
        raise ValidationError({"about": "Choose a section of this PEP"})


def _locked(concern: Concern) -> Concern:
    found: Concern = Concern.objects.select_for_update(of=("self",)).select_related("child", "clock").get(pk=concern.pk)
    return found


def _as_seen(concern: Concern, round_seen: int) -> None:
    if concern.round != round_seen:
        raise Conflict("This was raised again since you opened the page. Read it again first.")


def _said_already(concern: Concern, event: ConcernEvent, of_round: int, words: str, by: User) -> bool:
    """Whether the last step is this very one, sent a second time."""
    last = concern.steps.last()
    return last is not None and (last.event, last.round, last.words, last.by_id) == (event, of_round, words, by.pk)


def _move(concern: Concern, event: str, **fields: Any) -> None:
    concern.state = ConcernState(workflow.CONCERN.target(concern.state, event))
    for name, value in fields.items():
        setattr(concern, name, value)
    concern.save(update_fields=["state", *fields])


def _hand_to_virtual_school(concern: Concern, by: User) -> None:
    concern.clock = start_clock(
        child=concern.child,
        rule_key=RULE,
        about=f"Answer to the reviewing officer’s {concern.get_kind_display()}",
        matter=f"peps.Concern:{concern.uuid}:{concern.round}",
        started_on=today(),
        started_by=STARTED_BY.get(concern.round, "The reviewing officer raised it again"),
        by=by,
        group=FieldGroup.PEP,
    )
    concern.save(update_fields=["clock"])
    notifications.raised(concern)


def _stop_clock(concern: Concern, by: User) -> None:
    if concern.clock:
        meet_clock(concern.clock, today(), by=by)


def _step(concern: Concern, event: ConcernEvent, words: str, by: User | None) -> None:
    ConcernStep.objects.create(concern=concern, event=event, round=concern.round, words=words, by=by, at=now())
    log.record(f"concern.{event.value}", by=by, subject=concern, child=concern.child, data={"round": concern.round})
