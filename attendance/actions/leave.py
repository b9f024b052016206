"""Leave in term time on its way: asked for, the social worker's view, the Virtual School's answer, the head's decision."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance import workflow
from attendance.actions.parts import held_of, sent_before
from attendance.enums import LeaveEvent, LeaveKind, LeaveState
from attendance.leave import rules as leaverules
from attendance.models import LeaveRequest, LeaveStep
from attendance.notifications import leave as notifications
from attendance.policies import leave as policies
from children.clocks import cancel_clock, meet_clock, start_clock
from children.constraints import told
from children.models import Enrolment
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import require

LONGEST = 366  # days; beyond any leave, and short enough to count
ANSWER = "attendance.leave.answer"


@dataclass(frozen=True)
class LeaveFacts:
    """What is asked for. ``end`` is the first day back at school."""

    start: date
    end: date
    kind: LeaveKind | str
    purpose: str
    exceptional: str = ""


@transaction.atomic
def ask(*, enrolment: Enrolment, facts: LeaveFacts, by: User, key: UUID) -> LeaveRequest:
    """Ask for it. What a social worker asks for has their view already. Sent twice under one ``key`` it is one.

    Raises:
        Refused: when ``by`` may not ask for this child at this school.
        ValidationError: for days that cost no school day, are gone by, or meet leave that was asked for already.
        Conflict: when the key is another child's.
    """
    require(policies.can_ask_at(by, enrolment))
    known = sent_before(LeaveRequest.objects.all(), key, enrolment.child_id)
    if known is not None:
        return known
    _fits(facts)
    days = leaverules.school_days(enrolment.school.urn, facts.start, facts.end)
    if days.number == 0:
        raise ValidationError({"start": f"There is no school on these days, so no leave is needed ({days.calendar})"})
    leave = _created(enrolment, facts, days.number, by, key)
    _step(leave, LeaveEvent.ASKED, facts.purpose, by)
    _start_clock(leave, by)
    notifications.ask_virtual_school(leave)
    if policies.can_view(by, leave):
        _move(leave, LeaveEvent.VIEWED, worker_supports=True)
        _step(leave, LeaveEvent.VIEWED, "The social worker asked for it.", by, supports=True)
    else:
        notifications.ask_worker(leave)
    return leave


@transaction.atomic
def view(*, leave: LeaveRequest, supports: bool, words: str, by: User) -> LeaveRequest:
    """What the social worker thinks of it.

    Raises:
        Refused: for anybody else.
        Conflict: when it has been given, or the Virtual School has answered.
        ValidationError: without words.
    """
    leave = _locked(leave)
    require(policies.can_view(by, leave))
    if _said_already(leave, LeaveEvent.VIEWED, words, by, supports=supports):
        return leave
    _words(words)
    _move(leave, LeaveEvent.VIEWED, worker_supports=supports)
    _step(leave, LeaveEvent.VIEWED, words, by, supports=supports)
    return leave


@transaction.atomic
def answer(*, leave: LeaveRequest, supports: bool, words: str, by: User) -> LeaveRequest:
    """The Virtual School supports it, or by default does not; the school decides all the same.

    Raises:
        Refused: for anybody but the Virtual School, and for support that the rules do not give.
        Conflict: when it was answered or decided.
        ValidationError: without a reason.
    """
    leave = _locked(leave)
    require(policies.can_support(by, leave) if supports else policies.can_answer(by, leave))
    if _said_already(leave, LeaveEvent.ANSWERED, words, by, supports=supports):
        return leave
    _words(words)
    _move(leave, LeaveEvent.ANSWERED, supported=supports)
    if leave.clock:
        meet_clock(leave.clock, today(), by=by)
    _step(leave, LeaveEvent.ANSWERED, words, by, supports=supports)
    notifications.ask_school(leave)
    return leave


@transaction.atomic
def decide(*, leave: LeaveRequest, code: str, words: str, on: date, by: User) -> LeaveRequest:
    """What the head decided: leave with a code of the register, or, with none, no leave. A school may change its mind.

    Raises:
        Refused: for anybody but the child's school.
        Conflict: when just this was decided, or it was withdrawn.
        ValidationError: for a code that no leave has, or a day to come.
    """
    leave = _locked(leave)
    require(policies.can_decide(by, leave))
    event = LeaveEvent.GRANTED if code else LeaveEvent.NOT_GRANTED
    if _said_already(leave, event, words, by, code=code) and leave.decided_on == on:
        return leave
    if code and code not in leaverules.LEAVE_CODES:
        raise ValidationError({"code": "Choose a code that the register has for leave"})
    if on > today():
        raise ValidationError({"on": "The day of the decision must be today or in the past"})
    _move(leave, event, code=code, decided_on=on)
    if leave.clock:
        cancel_clock(leave.clock, today(), "The school decided", by=by)
    _step(leave, event, words, by, code=code)
    notifications.decided(leave)
    return leave


@transaction.atomic
def withdraw(*, leave: LeaveRequest, words: str, by: User | None) -> LeaveRequest:
    """It is not wanted any more. ``by`` None is the service itself.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it was not granted, or was withdrawn.
    """
    leave = _locked(leave)
    if by is not None:
        require(policies.can_withdraw(by, leave))
    _words(words)
    _move(leave, LeaveEvent.WITHDRAWN, code="")
    if leave.clock:
        cancel_clock(leave.clock, today(), "The request was withdrawn", by=by)
    _step(leave, LeaveEvent.WITHDRAWN, words, by)
    return leave


@transaction.atomic
def withdraw_all(*, child_id: int, on: date, why: str, enrolment_id: int | None = None) -> int:
    """The child left care, or the school, before the leave was over.

    Returns:
        how many requests stood.
    """
    standing = LeaveRequest.objects.filter(state__in=workflow.LEAVE_STANDING, end__gt=on)
    found = held_of(standing, child_id, enrolment_id)
    for leave in found:
        withdraw(leave=leave, words=why, by=None)
    return len(found)


# ---------------------------------------------------------------- parts


def _created(enrolment: Enrolment, facts: LeaveFacts, days: int | None, by: User, key: UUID) -> LeaveRequest:
    with told():
        return LeaveRequest.objects.create(
            uuid=key,
            child=enrolment.child,
            enrolment=enrolment,
            start=facts.start,
            end=facts.end,
            school_days=days,
            kind=LeaveKind(facts.kind),
            purpose=facts.purpose,
            exceptional=facts.exceptional,
            asked_by=by,
            asked_at=now(),
        )


def _fits(facts: LeaveFacts) -> None:
    if facts.end <= facts.start:
        raise ValidationError({"end": "The first day back must be after the first day away"})
    if (facts.end - facts.start).days > LONGEST:
        raise ValidationError({"end": "Leave is for a year at most"})
    if facts.end <= today():
        raise ValidationError({"end": "These days are gone by. Leave is asked for before it is taken."})
    if not facts.purpose.strip():
        raise ValidationError({"purpose": "Say what it is for"})


def _locked(leave: LeaveRequest) -> LeaveRequest:
    rows = LeaveRequest.objects.select_for_update(of=("self",))
    found: LeaveRequest = rows.select_related("child", "enrolment__school", "clock", "asked_by").get(pk=leave.pk)
    return found


def _words(words: str) -> None:
    if not words.strip():
        raise ValidationError({"words": "Say why"})


def _said_already(
    leave: LeaveRequest, event: LeaveEvent, words: str, by: User, *, supports: bool | None = None, code: str = ""
) -> bool:
    """Whether the last step is this very one, sent a second time."""
    last, this = leave.steps.last(), (event, words, by.pk, supports, code)
    return last is not None and (last.event, last.words, last.by_id, last.supports, last.code) == this


def _move(leave: LeaveRequest, event: LeaveEvent, **fields: Any) -> None:
    leave.state = LeaveState(workflow.LEAVE.target(leave.state, event))
    for name, value in fields.items():
        setattr(leave, name, value)
    with told():
        leave.save(update_fields=["state", *fields])


def _start_clock(leave: LeaveRequest, by: User) -> None:
    leave.clock = start_clock(
        child=leave.child,
        rule_key=ANSWER,
        about="Answer to a request for leave in term time",
        matter=f"attendance.LeaveRequest:{leave.uuid}",
        started_on=today(),
        started_by="Leave was asked for",
        by=by,
        group=FieldGroup.ATTENDANCE,
    )
    leave.save(update_fields=["clock"])


def _step(
    leave: LeaveRequest, event: LeaveEvent, words: str, by: User | None, *, supports: bool | None = None, code: str = ""
) -> None:
    given = {"event": event, "words": words, "by": by, "supports": supports, "code": code, "at": now()}
    LeaveStep.objects.create(leave=leave, **given)
    data = {"supports": supports, "code": code}
    log.record(f"leave.{event.value}", by=by, subject=leave, child=leave.child, data=data)
