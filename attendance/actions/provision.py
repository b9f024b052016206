"""Alternative provision on its way: recorded, checked, reviewed, over."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance import weekgrid, workflow
from attendance.actions.parts import ended_on_fits, held_of, sent_before
from attendance.enums import CheckKind, Commissioner, ProvisionEvent, ProvisionState
from attendance.models import AlternativeProvision, ProvisionCheck, ProvisionReview
from attendance.policies import provision as policies
from attendance.policies.timetables import places
from children.clocks import cancel_clock, meet_clock, start_clock
from children.constraints import told
from children.models import Child, Enrolment, School
from peps.actions.following import bring_in
from peps.layouts import Circumstance
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, refuse, require
from virtualschool.rulebook import rules
from virtualschool.rulebook.schoolyear import words as day_words

REVIEW = "attendance.provision.review"
CAME_UP = "Alternative provision was recorded"


@dataclass(frozen=True)
class ProvisionFacts:
    """What is recorded: a registered school by its ``urn``, or else another provider by ``provider_name``."""

    hours: Decimal
    pattern: str
    start: date
    commissioner: Commissioner | str
    why: str
    studies: str
    review_on: date
    end: date | None = None
    urn: str = ""
    provider_name: str = ""


@transaction.atomic
def record_provision(
    *, child: Child, enrolment: Enrolment | None, facts: ProvisionFacts, by: User, key: UUID
) -> AlternativeProvision:
    """Record it. Sent twice under one ``key`` it is one.

    Raises:
        Refused: when ``by`` may not record it for this child, or not at this school.
        ValidationError: for a school that is not known, no half day, days the wrong way round, or no review in time.
        Conflict: when the key is another child's.
    """
    require(policies.can_record_for(by, child))
    if enrolment is not None and not places(by, child).filter(pk=enrolment.pk).exists():
        require(refuse("The child is not on the roll of this school today, or it is not your school."))
    known = sent_before(AlternativeProvision.objects.all(), key, child.pk)
    if known is not None:
        return known
    _fits(facts)
    one = _created(child, enrolment, facts, by, key)
    log.record("provision.recorded", by=by, subject=one, data={"registered": one.registered, "start": one.start})
    _start_clock(one, facts.start, "The provision began", by)
    bring_in(child_id=child.pk, circumstance=Circumstance.ALTERNATIVE_PROVISION, why=CAME_UP, by=by)
    return one


@transaction.atomic
def add_check(
    *, provision: AlternativeProvision, kind: CheckKind | str, on: date, satisfied: bool, words: str, by: User
) -> ProvisionCheck:
    """A check was made. The same sent twice is one.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when the provision has ended.
        ValidationError: for a day to come, or one that did not satisfy without words.
    """
    provision = _locked(provision)
    require(policies.can_keep_provision(by, provision))
    _running(provision)
    if on > today():
        raise ValidationError({"on": "The day of the check must be today or in the past"})
    if not satisfied and not words.strip():
        raise ValidationError({"words": "Say what is wrong"})
    given = {"kind": CheckKind(kind), "on": on, "satisfied": satisfied, "words": words}
    last = provision.checks.filter(kind=given["kind"]).last()
    if last is not None and (last.on, last.satisfied, last.words) == (on, satisfied, words):
        return last
    made = ProvisionCheck.objects.create(provision=provision, by=by, at=now(), **given)
    data = {"kind": made.kind, "satisfied": satisfied}
    log.record("provision.checked", by=by, subject=provision, child=provision.child, data=data)
    return made


@transaction.atomic
def review(*, provision: AlternativeProvision, seen: date, words: str, next_on: date, by: User) -> AlternativeProvision:
    """What was seen, and when it is looked at next. ``seen`` is the day of the review that the page showed.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it has ended, or was reviewed since the page was drawn.
        ValidationError: without words, or a next review beyond the rule.
    """
    provision = _locked(provision)
    require(policies.can_keep_provision(by, provision))
    _running(provision)
    if provision.review_on != seen:
        raise Conflict("This was reviewed since you opened the page. Read it again first.")
    _said(words)
    _review_fits(today(), next_on, "next_on")
    if provision.clock:
        meet_clock(provision.clock, today(), by=by)
    _reviewed(provision, ProvisionEvent.REVIEWED, words, next_on, by)
    provision.review_on = next_on
    provision.save(update_fields=["review_on"])
    _start_clock(provision, today(), "The last review", by)
    return provision


@transaction.atomic
def end(*, provision: AlternativeProvision, on: date, words: str, by: User) -> AlternativeProvision:
    """The child is not taught there any more from a day on, up to today, or never went.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it has ended.
        ValidationError: without words, before it began, or for a day to come.
    """
    provision = _locked(provision)
    require(policies.can_keep_provision(by, provision))
    _running(provision)
    _said(words)
    ended_on_fits(on, provision.start, "The first day without it")
    return _end(provision, on, words, by)


@transaction.atomic
def end_all(*, child_id: int, on: date, why: str, enrolment_id: int | None = None) -> int:
    """The child left care, or the school that had arranged it.

    Returns:
        how many were running.
    """
    found = held_of(AlternativeProvision.objects.running(), child_id, enrolment_id)
    for provision in found:
        _end(provision, max(on, provision.start), why, None)
    return len(found)


# ---------------------------------------------------------------- parts


def _created(
    child: Child, enrolment: Enrolment | None, facts: ProvisionFacts, by: User, key: UUID
) -> AlternativeProvision:
    school = School.objects.filter(urn=facts.urn).first() if facts.urn else None
    if facts.urn and school is None:
        raise ValidationError({"urn": "No school of the register has this URN"})
    if school is None and not facts.provider_name.strip():
        raise ValidationError({"provider_name": "Name the provider, or give the URN of a registered school"})
    with told():
        return AlternativeProvision.objects.create(
            uuid=key,
            child=child,
            enrolment=enrolment,
            school=school,
            provider_name="" if school else facts.provider_name,
            hours=facts.hours,
            pattern=facts.pattern,
            start=facts.start,
            end=facts.end,
            commissioner=Commissioner(facts.commissioner),
            why=facts.why,
            studies=facts.studies,
            review_on=facts.review_on,
            recorded_by=by,
            recorded_at=now(),
        )


def _fits(facts: ProvisionFacts) -> None:
    if facts.end is not None and facts.end <= facts.start:
        raise ValidationError({"end": "The first day without it must be after the first day"})
    if len(facts.pattern) != len(weekgrid.WHOLE) or "1" not in facts.pattern or set(facts.pattern) - {"0", "1"}:
        raise ValidationError({"pattern": "Tick the half days on which the child is there"})
    if facts.hours <= 0:
        raise ValidationError({"hours": "Say how many hours a week"})
    _review_fits(facts.start, facts.review_on, "review_on")


def _review_fits(after: date, day: date, field: str) -> None:
    rule = rules.get("attendance.provision.review", on=after)
    last = after + timedelta(weeks=rule.value)
    if not after <= day <= last:
        raise ValidationError(
            {
                field: f"The review must be from {day_words(after)} to {day_words(last)}. {rule.words}. Source: {rule.source}"
            }
        )


def _said(words: str) -> None:
    if not words.strip():
        raise ValidationError({"words": "Say it in words"})


def _locked(provision: AlternativeProvision) -> AlternativeProvision:
    rows = AlternativeProvision.objects.select_for_update(of=("self",))
    found: AlternativeProvision = rows.select_related("child", "enrolment", "clock").get(pk=provision.pk)
    return found


def _running(provision: AlternativeProvision) -> None:
    if provision.state != ProvisionState.RUNNING:
        raise Conflict("This provision has ended.")


def _end(provision: AlternativeProvision, on: date, words: str, by: User | None) -> AlternativeProvision:
    _reviewed(provision, ProvisionEvent.ENDED, words, None, by)
    provision.end = on
    with told():
        provision.save(update_fields=["end"])
    if provision.clock and by:
        meet_clock(provision.clock, today(), by=by)
    elif provision.clock:
        cancel_clock(provision.clock, today(), words)
    return provision


def _reviewed(
    provision: AlternativeProvision, event: ProvisionEvent, words: str, next_on: date | None, by: User | None
) -> None:
    provision.state = ProvisionState(workflow.PROVISION.target(provision.state, event))
    provision.save(update_fields=["state"])
    given = {"ended": event is ProvisionEvent.ENDED, "words": words, "next_on": next_on, "by": by}
    ProvisionReview.objects.create(provision=provision, on=today(), at=now(), **given)
    log.record(f"provision.{event.value}", by=by, subject=provision, child=provision.child)


def _start_clock(provision: AlternativeProvision, on: date, started_by: str, by: User) -> None:
    provision.clock = start_clock(
        child=provision.child,
        rule_key=REVIEW,
        about="Review of alternative provision",
        matter=f"attendance.AlternativeProvision:{provision.uuid}:{provision.reviews.count()}",
        started_on=on,
        started_by=started_by,
        by=by,
        group=FieldGroup.ATTENDANCE,
    )
    provision.save(update_fields=["clock"])
