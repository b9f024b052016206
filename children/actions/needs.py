"""What is known of a child's special educational needs, and since when."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from children import policies
from children.actions.common import as_seen, locked, not_to_come
from children.constraints import told
from children.enums import SenStatus
from children.models import Child, SenRecord
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.jobs.events import emit
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict, require

STALE = "Somebody recorded this child's needs while you had the page open."


@dataclass(frozen=True, kw_only=True)
class NeedFacts:
    """A status with what belongs to it: needs by their codes (SEN_TYPE), and for an education, health and care plan its dates.

    ``maintained_by`` is the three-digit code of the council that holds the plan.
    """

    status: str
    primary_need: str = ""
    secondary_need: str = ""
    plan_on: date | None = None
    annual_review_due: date | None = None
    maintained_by: str = ""


NAMES = tuple(field.name for field in fields(NeedFacts))


def present(child: Child) -> SenRecord | None:
    """The open record."""
    return SenRecord.objects.filter(child=child, end__isnull=True).first()


def facts_of(known: SenRecord) -> NeedFacts:
    return NeedFacts(**{name: getattr(known, name) for name in NAMES})


def seen_of(known: SenRecord | None) -> str:
    """The sign that a form drawn beside this record carries."""
    return as_seen((known.start, facts_of(known)) if known else None)


@transaction.atomic
def record_need(*, child: Child, start: date, facts: NeedFacts, seen: str, by: User) -> SenRecord:
    """From ``start`` this is so: the record before ends on that day. The day on which that one began puts it right instead.

    Raises:
        Refused: when ``by`` may not record needs of this child.
        Conflict: when somebody recorded something else since ``seen`` was read.
        ValidationError: when it does not fit together, or with the records before.
    """
    child = locked(child)
    require(policies.can_record_need(by, child))
    known = present(child)
    if known is not None and (known.start, facts_of(known)) == (start, facts):
        return known
    if seen != seen_of(known):
        raise Conflict(STALE)
    _refuse_wrong_day(child, known, start, facts)
    _refuse_unfitting(facts)
    _refuse_wrong_plan(child, start, facts)
    row = _put_right(known, facts) if known is not None and known.start == start else _next(child, known, start, facts)
    _tell(row, by, {"status": row.status, "start": start})
    return row


@transaction.atomic
def carry_on(*, child: Child, start: date, by: User, **changed: Any) -> SenRecord:
    """What the council decided of a plan, from ``start``: what is known stays, but for what changed. Said twice it is written once.

    The caller has asked its own policy: a decision is recorded where it was made, by whom it was made for the council.

    Raises:
        ValidationError: when it does not fit together, or with the child's dates.
    """
    child = locked(child)
    known = present(child)
    facts = replace(facts_of(known) if known else NeedFacts(status=SenStatus.NONE), **changed)
    if known is not None and facts_of(known) == facts:
        return known
    start = max(start, known.start) if known is not None else start
    _refuse_wrong_day(child, known, start, facts)
    _refuse_unfitting(facts)
    _refuse_wrong_plan(child, start, facts)
    row = _put_right(known, facts) if known is not None and known.start == start else _next(child, known, start, facts)
    _tell(row, by, {"status": row.status, "start": start, "carried_on": sorted(changed)})
    return row


def _tell(row: SenRecord, by: User, facts: dict[str, Any]) -> None:
    """Its audit row, and its event for those whose work hangs on the plan. The event holds nothing but whose need it is."""
    event = record("need.recorded", by=by, subject=row, data=facts)
    emit("need.recorded", key=f"need.recorded:{row.pk}:{event.pk}", data={"child": row.child_id})


def _put_right(known: SenRecord, facts: NeedFacts) -> SenRecord:
    values = asdict(facts)
    for name, value in values.items():
        setattr(known, name, value)
    known.save(update_fields=list(values))
    return known


def _next(child: Child, known: SenRecord | None, start: date, facts: NeedFacts) -> SenRecord:
    with told():
        if known is not None:
            known.end = start
            known.save(update_fields=["end"])
        return SenRecord.objects.create(child=child, start=start, **asdict(facts))


def _refuse_wrong_day(child: Child, known: SenRecord | None, start: date, facts: NeedFacts) -> None:
    not_to_come(start, "It must hold from today or before.")
    if start < child.date_of_birth:
        raise ValidationError({"start": f"The child was born on {long_date(child.date_of_birth)}."})
    if known is None:
        return
    since = long_date(known.start)
    if start < known.start:
        raise ValidationError({"start": f"What is recorded now began on {since}. Give that day or a later one."})
    if start > known.start and facts_of(known) == facts:
        raise ValidationError(f"This is what is recorded since {since}. Nothing would change.")


def _refuse_unfitting(facts: NeedFacts) -> None:
    if facts.status == SenStatus.NONE and (facts.primary_need or facts.secondary_need):
        raise ValidationError({"primary_need": "Without a special educational need there is no need to name."})
    if facts.secondary_need and facts.secondary_need == facts.primary_need:
        raise ValidationError({"secondary_need": "This is the primary need already."})
    if facts.secondary_need and not facts.primary_need:
        raise ValidationError({"primary_need": "Select the primary need, or leave the secondary need empty."})


def _refuse_wrong_plan(child: Child, start: date, facts: NeedFacts) -> None:
    if facts.status != SenStatus.EHCP:
        if facts.plan_on or facts.annual_review_due or facts.maintained_by:
            raise ValidationError({"status": "Only an education, health and care plan has dates and a council."})
        return
    if facts.plan_on is not None and not child.date_of_birth <= facts.plan_on <= start:
        raise ValidationError({"plan_on": "The plan is dated on or before the day from which it is recorded."})
    if facts.annual_review_due and facts.annual_review_due <= child.date_of_birth:
        raise ValidationError({"annual_review_due": "The review is due after the child was born."})
    if facts.annual_review_due and facts.plan_on and facts.annual_review_due <= facts.plan_on:
        raise ValidationError({"annual_review_due": "The review is due after the date of the plan."})
