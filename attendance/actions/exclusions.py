"""Recording a suspension or permanent exclusion, correcting it, naming where the child is taught meanwhile, and what became of it.

Nothing that a school did is refused here because it breaks the law: it is kept, and what follows from it is said (decision 0017).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance.actions import exclusion_clocks as duties
from attendance.enums import ExclusionKind, ExclusionState
from attendance.exclusions import days as exclusion_days
from attendance.exclusions import evidence, repeated
from attendance.exclusions.days import planned
from attendance.models import Exclusion, ExclusionStep
from attendance.models.exclusions import MOST_REASONS
from attendance.notifications import exclusions as notifications
from attendance.policies import exclusions as policies
from children import alerts
from children.actions.common import as_seen, locked, permitted
from children.actions.schools import end_sooner
from children.constraints import told
from children.models import Child, Enrolment, ReferenceCode, School
from children.moving import EXCLUDED
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict
from virtualschool.rulebook import calendars

REASONS = "EXCLUSION_REASON"  # the Department's list, in children/data with its source
AHEAD = timedelta(days=31)
PAST = "past"  # its first step, when it was over before it was read from a file
TAKES_NO_DAY_TO_COME = "This day is to come. Give the day on which it happened."


@dataclass(frozen=True)
class ExclusionFacts:
    """What is known of it. ``end`` is the first day back; ``sessions`` None: counted from the school's own days."""

    kind: str
    start: date
    reasons: tuple[str, ...]
    given_on: date | None = None
    end: date | None = None
    from_noon: bool = False
    until_noon: bool = False
    sessions: int | None = None
    alternatives: str = ""
    exam_missed: bool = False
    work_set: str = ""
    child_says: str = ""
    told_carer_on: date | None = None
    told_social_worker_on: date | None = None
    told_virtual_school_on: date | None = None


NAMES = tuple(field.name for field in fields(ExclusionFacts))


def facts_of(one: Exclusion) -> ExclusionFacts:
    """What is recorded now."""
    held = {name: getattr(one, name) for name in NAMES}
    return ExclusionFacts(**held | {"kind": str(one.kind), "reasons": tuple(one.reasons)})


def seen_of(one: Exclusion) -> str:
    """A sign of what a page was drawn from."""
    return as_seen((facts_of(one), str(one.state), one.provision, one.provision_from))


@transaction.atomic
def record_exclusion(
    *,
    child: Child,
    school: School,
    facts: ExclusionFacts,
    by: User | None,
    proposed: bool = False,
    past: bool = False,
) -> Exclusion:
    """Record it and tell social worker, advocate and head at once.

    Args:
        proposed: the school only thinks of excluding for good.
        past: it was over long ago and is kept for the record: nobody is told, and no clock starts.

    Raises:
        Refused: when ``by`` may not record of this child.
        ValidationError: when the facts do not fit: not on that school's roll then, no last day, recorded already.
    """
    child = locked(child)
    permitted(policies.can_record_for, by, child)
    _refuse_another_roll(child, school, facts.start, by)
    checked = _checked(facts, school, proposed=proposed)
    state = ExclusionState.PROPOSED if proposed else ExclusionState.GIVEN
    with told():
        one = Exclusion.objects.create(
            child=child, school=school, state=state, recorded_by=by, recorded_on=today(), **_columns(checked)
        )
    _step(one, PAST if past else "record", today(), "", by)
    data = {"kind": one.kind, "state": one.state, "start": one.start, "sessions": one.sessions}
    log.record("exclusion.recorded", by=by, subject=one, data=data)
    if not past:
        duties.follow(one, by=by)
        duties.follow_later(one, past=PAST, by=by)
        _shout(one, by)
    return one


@transaction.atomic
def correct_exclusion(
    *, exclusion: Exclusion, facts: ExclusionFacts, why: str, seen: str, by: User | None
) -> Exclusion:
    """Put right what was recorded; what it was before stays in the change history, and the clocks follow.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it is over, or the page was drawn from what is no longer recorded.
        ValidationError: when the facts do not fit, as for a new record.
    """
    one = _locked(exclusion, by)
    if one.state in duties.CLOSED:
        raise Conflict(f"This is {one.get_state_display()}: it is not corrected any more.")
    if seen != seen_of(one):
        raise Conflict("Somebody changed this meanwhile. Look at it again before you correct it.")
    if facts.kind != one.kind:
        raise ValidationError({"kind": "The kind stays. Strike this one out and record the other."})
    if facts.start != one.start:
        _refuse_another_roll(one.child, one.school, facts.start, by, field="start")
    checked = _checked(facts, one.school, proposed=one.state == ExclusionState.PROPOSED)
    for name, value in _columns(checked).items():
        setattr(one, name, value)
    with told():
        one.save(update_fields=list(NAMES))
    if not one.steps.filter(event=PAST).exists():
        duties.follow(one, by=by)
        duties.follow_later(one, past=PAST, by=by)
    log.record("exclusion.corrected", by=by, subject=one, why=why)
    return one


@transaction.atomic
def name_provision(*, exclusion: Exclusion, where: str, start: date, by: User | None) -> Exclusion:
    """Say where the child is taught meanwhile, and from which day. It meets the clocks for it."""
    one = _locked(exclusion, by)
    if one.state in duties.CLOSED:
        raise Conflict(f"This is {one.get_state_display()}: nothing is arranged for it any more.")
    if not where.strip():
        raise ValidationError({"where": "Say where the child is taught."})
    if start < one.start:
        raise ValidationError({"start": f"The first day away is {long_date(one.start)}. Give that day or a later one."})
    one.provision, one.provision_from = where, start
    one.save(update_fields=["provision", "provision_from"])
    duties.provided(one, by=by)
    log.record("exclusion.provision", by=by, subject=one, data={"start": start})
    return one


@transaction.atomic
def move_on(
    *,
    exclusion: Exclusion,
    event: str,
    on: date,
    by: User,
    seen: str,
    words: str = "",
    governors_on: date | None = None,
) -> Exclusion:
    """Take it one step on: to the governors, their decision, a review, taken back, final.

    Args:
        on: the day on which that happened; for a decision that takes it back, the day from which the child may be at school.
        governors_on: when the governors are to meet.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it cannot happen now, or the page is stale.
        ValidationError: for a day to come, or before the first day.
    """
    one = _locked(exclusion, by)
    target = one.table.target(one.state, event)
    if seen != one.state:
        raise Conflict("Somebody moved this on meanwhile. Look at it again.")
    _refuse_day(one, event, on)
    one.state = target
    if event == "give":
        one.given_on = on
    if event in ("to_governors", "reconsider") and governors_on:
        one.governors_on = governors_on
    if event not in ("give", "to_governors", "ask_review", "reconsider"):
        one.decided_on = on
    one.save(update_fields=["state", "given_on", "governors_on", "decided_on"])
    _step(one, event, on, words, by)
    duties.after(one, event, on, by=by)
    log.record("exclusion.moved", by=by, subject=one, why=words, data={"event": event, "state": one.state, "on": on})
    if event == "confirm":
        _end_enrolment(one, on)
    _resound(one, event, by)
    return one


def _locked(exclusion: Exclusion, by: User | None) -> Exclusion:
    """The row as it is now, after the child's, so that what is done to a child is done in turn; and by whoever may."""
    locked(exclusion.child)
    rows = Exclusion.objects.select_for_update(of=("self",)).select_related("child", "school")
    one = rows.get(pk=exclusion.pk)
    permitted(policies.can_change, by, one)
    return one


def _refuse_another_roll(child: Child, school: School, on: date, by: User | None, *, field: str = "school") -> None:
    """It is recorded of a school on whose roll the child was on its first day; a designated teacher's own."""
    schools = School.objects.visible_to(by) if by else School.objects.all()
    there = Enrolment.objects.filter(periods.on(on), child=child, school=school, school__in=schools)
    if not there.exists():
        raise ValidationError({field: f"The child was not on this school’s roll on {long_date(on)}."})


def _checked(facts: ExclusionFacts, school: School, *, proposed: bool) -> ExclusionFacts:
    """The facts as they are kept.

    Raises:
        ValidationError: naming the field that does not fit.
    """
    if facts.start > today() + AHEAD:
        raise ValidationError({"start": "This day is more than a month ahead. Check the date."})
    _refuse_reasons(facts.reasons)
    given_on = None if proposed else facts.given_on or min(facts.start, today())
    if given_on and given_on > today():
        raise ValidationError({"given_on": TAKES_NO_DAY_TO_COME})
    values = asdict(facts) | {"reasons": tuple(facts.reasons), "given_on": given_on}
    if facts.kind == ExclusionKind.PERMANENT:
        return ExclusionFacts(**values | {"end": None, "sessions": None, "until_noon": False})
    if proposed:
        raise ValidationError({"kind": "Only a permanent exclusion is recorded before it is given."})
    return ExclusionFacts(**values | {"sessions": _sessions(facts, school)})


def _sessions(facts: ExclusionFacts, school: School) -> int:
    if facts.end is None or facts.end <= facts.start:
        raise ValidationError({"last": "Enter the last day, the first day or a later one."})
    if facts.sessions is not None:
        if not 0 < facts.sessions <= 2 * (facts.end - facts.start).days:
            raise ValidationError({"sessions": "There are not so many half days between the first and the last."})
        return facts.sessions
    halves = facts.from_noon, facts.until_noon
    days = planned(facts.kind, facts.start, facts.end, halves, calendars.load().school_days(school.urn))
    if not days:
        raise ValidationError({"last": "No school day lies between these days. Check them, or give the half days."})
    return sum(days.values())


def _refuse_reasons(reasons: tuple[str, ...]) -> None:
    known = ReferenceCode.objects.filter(field=REASONS, code__in=reasons).count()
    if not reasons or len(reasons) > MOST_REASONS or len(set(reasons)) != len(reasons) or known != len(reasons):
        raise ValidationError({"reasons": "Give one to three different reasons of the list."})


def _columns(facts: ExclusionFacts) -> dict[str, Any]:
    return asdict(facts) | {"reasons": list(facts.reasons)}


def _refuse_day(one: Exclusion, event: str, on: date) -> None:
    if on > today():
        raise ValidationError({"on": TAKES_NO_DAY_TO_COME})
    earliest = one.given_on or one.recorded_on - timedelta(days=366)
    if event != "strike" and on < earliest:
        raise ValidationError({"on": f"It was given on {long_date(earliest)}. Give that day or a later one."})


def _step(one: Exclusion, event: str, on: date, words: str, by: User | None) -> None:
    ExclusionStep.objects.create(exclusion=one, event=event, became=one.state, on=on, words=words, by=by)


def _end_enrolment(one: Exclusion, on: date) -> None:
    """It is final: the child is off this school's roll, and what is known of children without a school follows by itself."""
    places = Enrolment.objects.filter(periods.on(on), child=one.child, school=one.school)
    for place in places:
        end_sooner(enrolment=place, end=on, reason=EXCLUDED)


def _shout(one: Exclusion, by: User | None) -> None:
    """The same day: an alert on the home pages, and a mail that something waits."""
    alerts.report(
        child=one.child,
        check_name=evidence.SUSPENDED,
        natural_key=one.matter,
        evidence=evidence.told(one),
        on=today(),
        group=evidence.GROUP,
    )
    rows = list(Exclusion.objects.filter(child=one.child).given().select_related("school").order_by("start", "pk"))
    _shout_of_days(one, rows)
    _ask_for_early_pep(one, rows)
    notifications.tell(one, str(one.uuid), by)


def _shout_of_days(one: Exclusion, rows: Sequence[Exclusion]) -> None:
    """Days near or over a limit are said at once; the night keeps the alert, and closes it when they are not."""
    found = evidence.too_many(rows, today(), calendars.load(), exclusion_days.pack(today()))
    if found:
        key = evidence.days_key(one.child_id, today())
        alerts.report(
            child=one.child,
            check_name=evidence.DAYS,
            natural_key=key,
            evidence=found[0],
            on=today(),
            rule=found[1],
            group=evidence.GROUP,
        )


def _ask_for_early_pep(one: Exclusion, rows: Sequence[Exclusion]) -> None:
    """Suspended again: who plans PEPs hears of it the same day."""
    for asked in repeated.asked(rows, today()):
        alerts.report(
            child=one.child,
            check_name=repeated.CHECK,
            natural_key=asked.key,
            evidence=asked.evidence,
            on=today(),
            rule=repeated.rule(today()),
            group=repeated.GROUP,
        )


def _resound(one: Exclusion, event: str, by: User | None) -> None:
    """What became of it is news too; an alert of what was taken back is closed."""
    if one.state in duties.CLOSED:
        alerts.resolve(check_name=evidence.SUSPENDED, natural_key=one.matter)
    if event != "strike":
        notifications.tell(one, f"{one.uuid}:{event}:{one.steps.count()}", by)
