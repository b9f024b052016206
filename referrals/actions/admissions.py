"""Applying for a school place, and each step after: the school's answer, a direction to admit, the place taken up.

An open application lets the admissions officers reach the child; the grant ends with it, in the same transaction.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from children import access, clocks
from children.constraints import told
from children.enums import GrantKind, RelationKind
from children.models import Child, Clock, Enrolment, Relationship, School
from referrals import admissions_workflow, workflow
from referrals.actions import applying, move_decisions
from referrals.enums import ApplicationEvent as E
from referrals.enums import ApplicationState, RefusalGround
from referrals.models import Application, ApplicationStep, SchoolMove
from referrals.notifications import admissions as notifications
from referrals.policies import admissions as policies
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs import events
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook.schoolyear import words as day_words

AIM, LIMIT, PANEL = "admissions.in_year.aim", "admissions.in_year.limit", "admissions.fair_access"
# What each step starts: the rule, what is due, and what started it.
STARTS: dict[E, tuple[tuple[str, str, str], ...]] = {
    E.SENT: (
        (AIM, "Answer to the application, as aimed for", "the school place was applied for"),
        (LIMIT, "Answer to the application, at the latest", "the school place was applied for"),
    ),
    E.FAIR_ACCESS: ((PANEL, "The fair access panel names a school", "the application went to the panel"),),
    E.CONSULT: (
        (policies.REPRESENTATIONS, "The school’s representations", "the school was told that it may be directed"),
    ),
    E.NOTIFY: ((policies.WAIT, "The school may go to the adjudicator", "the school was given notice"),),
}
# What each step settles.
MEETS: dict[E, tuple[str, ...]] = {
    E.OFFER: (AIM, LIMIT, PANEL),
    E.REFUSE: (AIM, LIMIT, PANEL),
    E.WAIT: (AIM, LIMIT),
    E.FAIR_ACCESS: (AIM, LIMIT),
    E.NOTIFY: (policies.REPRESENTATIONS,),
    E.DIRECT: (policies.WAIT,),
    E.REFER: (policies.WAIT,),
}
# What each step makes needless, and why.
CANCELS: dict[E, tuple[tuple[str, ...], str]] = {
    E.OFFER: ((policies.REPRESENTATIONS, policies.WAIT), "The school offered a place"),
    E.DECLINE: ((policies.REPRESENTATIONS, policies.WAIT), "No direction will be made"),
}
GROUNDED = (E.REFUSE, E.FAIR_ACCESS)


@dataclass(frozen=True)
class StepFacts:
    """What was answered or done, on which day. ``ground``: why the school does not admit, as it says."""

    on: date
    words: str = ""
    ground: str = ""


@transaction.atomic
def apply(
    *,
    child: Child,
    school: School,
    by: User,
    key: UUID,
    facts: str = "",
    emergency: bool = False,
    move: SchoolMove | None = None,
    on: date | None = None,
) -> Application:
    """Apply for a place, or write down one that was applied for on an earlier day. Sent twice under one ``key`` it is one.

    In an emergency the school becomes one of the case's own, so that the child may be put on its roll.

    Raises:
        Refused: when ``by`` may not, or the move is not approved for this school.
        ValidationError: for a school that is closed or has the child, where a place is applied for already, or a day that cannot be.
        Conflict: when the key is another child's.
    """
    child = Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    known = Application.objects.filter(uuid=key).first()
    if known is not None and known.child_id == child.pk:
        return known
    if known is not None:
        raise Conflict("This could not be saved. Open the page again and write it there.")
    case = _may_apply(child, school, by, move)
    sent_on = on or today()
    applying.refuse_wrong_day(child, case, sent_on)
    if case is not None and case.emergency:
        applying.name_school(case, school, by)
    with told():
        application = Application.objects.create(
            uuid=key,
            child=child,
            move=case,
            school=school,
            emergency=emergency or (case is not None and case.emergency),
            facts=facts,
            applied_on=sent_on,
            applied_by=by,
            with_worker=_worker(child),
        )
    _stand(application, by)
    return application


@transaction.atomic
def step(*, application: Application, event: E | str, facts: StepFacts, by: User) -> Application:
    """Take one step: an answer of the school, a step of a direction, the place accepted, or the application withdrawn.

    Raises:
        Refused: when ``by`` may not, or the law does not let it be taken yet.
        Conflict: when the table has no such step from here.
        ValidationError: for a day to come or before the last step, or without the ground or the words that it needs.
    """
    held = hold(application)
    event = E(event)
    require(policies.can_step(by, held, event))
    if _said_already(held, event, facts, by):
        return held
    admissions_workflow.APPLICATION.target(held.state, event)
    _fits(held, event, facts)
    return _taken(held, event, facts, by)


@transaction.atomic
def end_for_child(*, child_id: int, on: date, why: str, school_id: int | None = None) -> int:
    """The child left care or started at a school: an application to that school is accepted, where it may be, and every other withdrawn.

    Returns:
        how many applications were open.
    """
    found = list(Application.objects.open().filter(child=child_id).order_by("pk"))
    for one in found:
        held = hold(one)
        there = held.school_id == school_id and admissions_workflow.APPLICATION.allows(held.state, E.ACCEPT)
        _taken(held, E.ACCEPT if there else E.WITHDRAW, StepFacts(on, why), None)
    return len(found)


@transaction.atomic
def end_for_move(*, move_id: int, why: str) -> int:
    """The school move was withdrawn or refused: nothing is applied for under it any more."""
    found = list(Application.objects.open().filter(move=move_id).order_by("pk"))
    for one in found:
        _taken(hold(one), E.WITHDRAW, StepFacts(today(), why), None)
    return len(found)


# ---------------------------------------------------------------- parts


def _may_apply(child: Child, school: School, by: User, move: SchoolMove | None) -> SchoolMove | None:
    """The move as it is now, held, where it is applied for under one."""
    case: SchoolMove | None = None
    if move is None:
        require(policies.can_apply_for(by, child))
    else:
        rows = SchoolMove.objects.select_for_update(of=("self",)).select_related("child", "from_place__school")
        case = rows.get(pk=move.pk)
        if case.child_id != child.pk:
            raise Conflict("This case is another child’s.")
        require(policies.can_apply_to(by, case, school))
    if not school.is_open:
        raise ValidationError({"school": f"{school.name} is closed"})
    if Enrolment.objects.main().current().filter(child=child, school=school).exists():
        raise ValidationError({"school": f"The child is on the roll of {school.name} today"})
    return case


def _worker(child: Child) -> User | None:
    """The child's social worker today: named on the application, whoever sends it."""
    ties = Relationship.objects.of_kind(RelationKind.SOCIAL_WORKER).current().filter(child=child, user__is_active=True)
    tie = ties.select_related("user").first()
    return tie.user if tie else None


def _stand(application: Application, by: User) -> None:
    """Its first step, its clocks, and the admissions officers' reach."""
    access.grant(
        child=application.child,
        kind=GrantKind.ADMISSION,
        role=roles.ADMISSIONS.name,
        matter=application.matter,
        reason="Application for a school place",
        by=by,
    )
    write(application, E.SENT, StepFacts(application.applied_on, application.facts), by)
    _start(application, E.SENT, application.applied_on, by)
    notifications.tell_officers(application)
    _carry_on(application, "apply", by)
    _emit("application.sent", application)


def _taken(held: Application, event: E, facts: StepFacts, by: User | None) -> Application:
    held.state = ApplicationState(admissions_workflow.APPLICATION.target(held.state, event))
    if event in policies.ANSWERS:
        held.answered_on = facts.on
    if event in GROUNDED:
        held.challenge = facts.ground == RefusalGround.BEHAVIOUR
    held.ended_on = None if held.open else facts.on
    held.save(update_fields=["state", "answered_on", "challenge", "ended_on"])
    for clock in _running(held, MEETS.get(event, ())):
        clocks.meet_clock(clock, facts.on, by=by)
    needless, why = CANCELS.get(event, ((), ""))
    for clock in _running(held, needless):
        clocks.cancel_clock(clock, facts.on, why, by=by)
    _start(held, event, facts.on, by)
    written = write(held, event, facts, by)
    if event == E.OFFER:
        if by is not None:
            _carry_on(held, "offer", by)
        _emit("application.offered", held, str(written.pk))
    if not held.open:
        _close(held, by)
    notifications.tell_applicant(held, written)
    return held


def _carry_on(application: Application, event: str, by: User) -> None:
    """The school move goes on with its application. A case that is past this point stays where it is."""
    case = application.move
    if case is None or not workflow.MOVE.allows(case.state, event):
        return
    if event == "offer":
        move_decisions.offered(move=case, school=application.school, by=by)
    else:
        move_decisions.applied(move=case, by=by)


def _close(held: Application, by: User | None) -> None:
    for clock in Clock.objects.running().filter(matter=held.matter):
        clocks.cancel_clock(clock, today(), "The application ended", by=by)
    access.close(matter=held.matter, child=held.child, by=by)
    _emit("application.ended", held)


def _emit(kind: str, application: Application, turn: str = "") -> None:
    data: dict[str, Any] = {"child": application.child_id, "application": application.pk, "move": application.move_id}
    data |= {"school": application.school_id, "state": str(application.state)}
    events.emit(kind, key=f"{kind}:{application.pk}:{turn}", data=data)


def _start(application: Application, event: E, on: date, by: User | None) -> None:
    for rule_key, about, because in STARTS.get(event, ()):
        clocks.start_clock(
            child=application.child,
            rule_key=rule_key,
            about=about,
            matter=application.matter,
            started_on=on,
            started_by=because,
            school_urn=application.school.urn,
            by=by,
            again=True,
        )


def _running(held: Application, keys: tuple[str, ...]) -> Any:
    return Clock.objects.running().filter(matter=held.matter, rule__key__in=keys)


def write(application: Application, event: E, facts: StepFacts, by: User | None) -> ApplicationStep:
    written = ApplicationStep.objects.create(
        application=application, event=event, on=facts.on, ground=facts.ground, words=facts.words, by=by, at=now()
    )
    data = {"school": application.school.urn, "state": application.state, "ground": facts.ground}
    log.record(f"application.{event.value}", by=by, subject=application, child=application.child, data=data)
    return written


def hold(application: Application) -> Application:
    """The child first, as everywhere; then the application as it is now."""
    Child.objects.select_for_update(of=("self",)).get(pk=application.child_id)
    rows = Application.objects.select_for_update(of=("self",)).select_related(
        "child", "school", "applied_by", "with_worker"
    )
    held: Application = rows.get(pk=application.pk)
    return held


def _said_already(held: Application, event: E, facts: StepFacts, by: User) -> bool:
    """Whether the last step is this very one, sent a second time."""
    last = held.steps.last()
    this = (event, facts.on, facts.words, facts.ground, by.pk)
    return last is not None and (last.event, last.on, last.words, last.ground, last.by_id) == this


def _fits(held: Application, event: E, facts: StepFacts) -> None:
    last = next(reversed(admissions_workflow.standing(held.steps.all())), None)
    if facts.on > today():
        raise ValidationError({"on": "The day must be today or in the past"})
    if last is not None and facts.on < last.on:
        raise ValidationError(
            {"on": f"The step before this was on {day_words(last.on)}. Give that day or a later one."}
        )
    waits = policies.WAITED_FOR.get(event)
    clock = policies.last_day(held, waits) if waits else None
    if clock is not None and clock.due_on is not None and facts.on <= clock.due_on:
        raise ValidationError({"on": f"The school has until {day_words(clock.due_on)}. Give a day after it."})
    if event in GROUNDED and facts.ground not in RefusalGround.values:
        raise ValidationError({"ground": "Select the ground that the school gave"})
    if event not in (E.OFFER, E.ACCEPT) and not facts.words.strip():
        raise ValidationError({"words": "Say why, or what was said"})
