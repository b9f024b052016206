"""Due dates of a child's matters: started when the duty starts, met or cancelled when it ends, and explained on their own page.

A clock runs under the rule that held on the day it started; what changes later does not move it.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import transaction

from children.enums import ClockState
from children.models import Child, Clock
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars, clocks, rules
from virtualschool.rulebook.calendars import Calendars, Pause
from virtualschool.rulebook.clocks import Reckoning
from virtualschool.rulebook.rules import InForce

SOON = timedelta(days=7)


@dataclass(frozen=True)
class Case:
    """The case that a rule's map is asked for: ``Case("legal_status", "L2")`` looks in ``<key>.by_legal_status``."""

    by: str
    code: str


@transaction.atomic
def start_clock(
    *,
    child: Child,
    rule_key: str,
    about: str,
    matter: str,
    started_on: date,
    started_by: str,
    school_urn: str = "",
    by: User | None = None,
    case: Case | None = None,
    group: FieldGroup = FieldGroup.EDUCATION,
    on_calendars: Calendars | None = None,
    again: bool = False,
) -> Clock | None:
    """Start the clock of a matter under a rule, once; a second call answers the clock that there is.

    Args:
        about: what is due, in words: "Initial PEP".
        matter: the record it is for, as ``app.Model:uuid``.
        started_by: what started it, in words: "came into care".
        school_urn: whose term dates a school-day clock counts.
        case: when the council may have set another value for some cases.
        group: which kind of information the clock tells; roles that do not read it do not see the clock.
        on_calendars: calendars already loaded, for loops.
        again: the duty came back: a clock that has stopped runs anew from ``started_on``. Its history keeps what it was.

    Returns:
        the clock, or None where the council set that there is no such duty for this case.

    Raises:
        UnknownRule: when no such rule held on ``started_on``.
    """
    rule = _rule(rule_key, case, started_on)
    if rule is None:
        return None
    reckoned = clocks.reckon(rule, started_on, on_calendars or calendars.load(), school_urn=school_urn)
    clock, new = Clock.objects.get_or_create(
        matter=matter,
        rule_id=rule.pk,
        defaults={
            "child": child,
            "about": about,
            "started_on": started_on,
            "started_by": started_by,
            "school_urn": school_urn,
            "variant": case.code if case and rule.key != rule_key else "",
            "due_on": reckoned.due_on,
            "field_group": group.value,
        },
    )
    if new:
        log.record("clock.started", by=by, subject=clock, data={"rule": rule.key, "due_on": clock.due_on})
    elif again and clock.state != ClockState.RUNNING:
        return restart_clock(clock, started_on, started_by=started_by, by=by)
    return clock


@transaction.atomic
def meet_clock(clock: Clock, on: date, *, by: User | None = None) -> Clock:
    """What was due is done. A clock that has stopped already stays as it was."""
    return _stop(clock, ClockState.MET, on, "", by)


@transaction.atomic
def cancel_clock(clock: Clock, on: date, why: str, *, by: User | None = None) -> Clock:
    """The duty fell away before it was met: ``why`` says how. A clock that has stopped already stays as it was."""
    return _stop(clock, ClockState.CANCELLED, on, why, by)


@transaction.atomic
def restart_clock(clock: Clock, started_on: date, *, started_by: str = "", by: User | None = None) -> Clock:
    """The same is due again, from another day: a clock that has stopped, or started on another day, runs anew under the rule of that day."""
    held = Clock.objects.select_for_update(of=("self",)).select_related("rule").get(pk=clock.pk)
    if held.state == ClockState.RUNNING and held.started_on == started_on:
        return held
    held.rule_id = rules.get(held.rule.key, on=started_on).pk
    held.state, held.stopped_on, held.stopped_why, held.pauses = ClockState.RUNNING, None, "", []
    held.started_on, held.started_by = started_on, started_by or held.started_by
    held.due_on = _reckon(held, calendars.load()).due_on
    held.save()
    log.record("clock.started", by=by, subject=held, data={"rule": held.rule.key, "due_on": held.due_on})
    return held


@transaction.atomic
def reckon_missing(on_calendars: Calendars | None = None) -> int:
    """Reckon the running clocks whose date was not known, now that terms or bank holidays may be loaded.

    Returns:
        how many have a date now.
    """
    waiting = Clock.objects.running().filter(due_on__isnull=True).select_related("rule")
    found = 0
    for clock in waiting.select_for_update(of=("self",)).order_by("pk"):
        on_calendars = on_calendars or calendars.load()
        clock.due_on = _reckon(clock, on_calendars).due_on
        if clock.due_on is not None:
            clock.save(update_fields=["due_on"])
            log.record("clock.reckoned", by=None, subject=clock, data={"due_on": clock.due_on})
            found += 1
    return found


def explain(clock: Clock) -> Reckoning:
    """The whole reckoning: rule, counted days, days skipped and why, pauses, due date. Four queries."""
    return _reckon(clock, calendars.load())


def rule_of(clock: Clock) -> InForce:
    """The rule that the clock runs under, with the value that holds for its case."""
    rule = rules.in_force(clock.rule)
    return replace(rule, value=rule.value[clock.variant]) if clock.variant else rule


def standing(clock: Clock, on: date | None = None) -> str:
    """One word for the clock's tag: met, cancelled, paused, overdue, due_soon or on_time."""
    on = on or today()
    if clock.state != ClockState.RUNNING:
        return str(clock.state)
    if clock.due_on is None:
        return "paused" if clock.pauses else "unknown"
    if clock.due_on < on:
        return "overdue"
    return "due_soon" if clock.due_on <= on + SOON else "on_time"


def _rule(key: str, case: Case | None, on: date) -> InForce | None:
    if case is None:
        return rules.get(key, on=on)
    return rules.variant(key, by=case.by, code=case.code, on=on)


def _reckon(clock: Clock, known: Calendars) -> Reckoning:
    return clocks.reckon(rule_of(clock), clock.started_on, known, _pauses(clock), school_urn=clock.school_urn)


def _pauses(clock: Clock) -> list[Pause]:
    return [
        Pause(date.fromisoformat(start), date.fromisoformat(end) if end else None, why)
        for start, end, why in clock.pauses
    ]


def _stop(clock: Clock, state: ClockState, on: date, why: str, by: User | None) -> Clock:
    locked = Clock.objects.select_for_update(of=("self",)).get(pk=clock.pk)
    if locked.state != ClockState.RUNNING:
        return locked
    locked.state, locked.stopped_on, locked.stopped_why = state, on, why
    locked.save(update_fields=["state", "stopped_on", "stopped_why"])
    log.record(f"clock.{state.value}", by=by, subject=locked, why=why, data={"on": on})
    return locked
