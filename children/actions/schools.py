"""A child's dated place on the rolls of schools."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from children import policies, stops
from children.actions.common import locked, permitted
from children.constraints import told
from children.enums import MAIN_SCHOOL, EnrolmentKind
from children.models import Child, Enrolment, School
from children.moving import EXCLUDED, gap_after
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.jobs.events import emit
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict, require

AHEAD = timedelta(days=2 * 366)  # nobody plans a school place for later than the school year after next


@transaction.atomic
def enrol(
    *,
    child: Child,
    school: School,
    start: date,
    by: User | None,
    kind: str = EnrolmentKind.SINGLE,
    year_group: int | None = None,
    hours_offered: Decimal | None = None,
    end: date | None = None,
    end_reason: str = "",
) -> Enrolment:
    """Put the child on a school's roll; the main school before ends on the same day. A start to come is a planned start.

    Raises:
        Refused: when ``by`` does not keep the roll, or something must be settled first (``children.stops``).
        Conflict: when just this enrolment is there already.
        ValidationError: when the school is closed (names its successor), another enrolment holds in that time, or the day cannot be.
    """
    child = locked(child)
    permitted(policies.can_keep_roll_of, by, child)
    _refuse_day(child, start)
    _refuse_closed(school, start)
    if Enrolment.objects.filter(child=child, school=school, start=start).exists():
        raise Conflict("The child is on this school's roll from this day already.")
    _stopped_place(stops.SchoolStep(child, school, start, year_group, by, kind in MAIN_SCHOOL), end)
    if kind in MAIN_SCHOOL:
        _end_main_school(child, start, by)
    with told():
        enrolment = Enrolment.objects.create(
            child=child,
            school=school,
            start=start,
            kind=kind,
            year_group=year_group,
            hours_offered=hours_offered,
            end=end,
            end_reason=end_reason,
        )
    record(
        "enrolment.started", by=by, subject=enrolment, data={"school": school.urn, "start": start, "kind": str(kind)}
    )
    data = {"child": child.pk, "enrolment": enrolment.pk, "start": start.isoformat()}
    emit("enrolment.started", key=f"enrolment.started:{enrolment.pk}", data=data)
    return enrolment


@transaction.atomic
def end_enrolment(*, enrolment: Enrolment, end: date, reason: str, by: User | None) -> Enrolment:
    """Take the child off the school's roll: ``end`` is the first day they are no longer on it. An end to come can be changed.

    Raises:
        Refused: when ``by`` does not keep the roll, or a second place that goes on alone must be settled first.
        Conflict: when it has ended already.
        ValidationError: when the end is before the start, or the reason is one that is recorded elsewhere.
    """
    if reason.strip().casefold() == EXCLUDED.casefold():
        raise ValidationError(
            {"reason": "Record a permanent exclusion under suspensions and exclusions: it ends the place."}
        )
    locked(enrolment.child)
    permitted(policies.can_end_enrolment, by, enrolment)
    enrolment = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if enrolment.end is not None and enrolment.end <= today():
        raise Conflict(f"This enrolment has an end already: {long_date(enrolment.end)}.")
    if enrolment.kind in MAIN_SCHOOL:
        _stop_left_over(enrolment, end, by)
    return _end(enrolment, end, reason, by)


@transaction.atomic
def end_sooner(*, enrolment: Enrolment, end: date, reason: str) -> Enrolment:
    """The service itself takes the child off the roll, also where a later end was planned already; an earlier one stays."""
    locked(enrolment.child)
    enrolment = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if enrolment.end is not None and enrolment.end <= end:
        return enrolment
    return _end(enrolment, end, reason, None)


def _stopped(step: stops.SchoolStep) -> None:
    """What a person does is held up until it is settled; the service writes what has happened.

    Raises:
        Refused: with the reason and its source.
    """
    if step.by is not None:
        require(stops.before_enrolment(step))


def _stopped_place(step: stops.SchoolStep, end: date | None) -> None:
    """A second or a guest place is the child's school, whatever it is called, from the first day without a main one.

    Raises:
        Refused: with the reason and its source.
    """
    alone = None if step.main else gap_after(step.child.enrolments.all(), step.start, end)
    if alone != step.start:
        _stopped(step)
    if alone is not None:
        _stopped(replace(step, start=alone, main=True))


def _stop_left_over(main: Enrolment, end: date, by: User | None) -> None:
    """A second place that goes on alone is the child's school from then on, so it is asked of as one."""
    beside = Enrolment.objects.current(end).filter(child=main.child).exclude(pk=main.pk).exclude(kind__in=MAIN_SCHOOL)
    for place in beside.select_related("child", "school"):
        _stopped(stops.SchoolStep(place.child, place.school, end, place.year_group, by))


def _end_main_school(child: Child, start: date, by: User | None) -> None:
    """The one that goes on, also where an end to come was planned for it; one that has ended is history and stays as it was."""
    going_on = Q(end__isnull=True) | Q(end__gt=max(start, today()))
    before = Enrolment.objects.main().filter(going_on, child=child, start__lt=start).first()
    if before is not None:
        _end(before, start, "Moved to another school", by)


def _end(enrolment: Enrolment, end: date, reason: str, by: User | None) -> Enrolment:
    enrolment.end, enrolment.end_reason = end, reason
    if end < enrolment.start:
        raise ValidationError(
            {"end": f"The enrolment began on {long_date(enrolment.start)}. Give that day or a later one."}
        )
    with told():
        enrolment.save(update_fields=["end", "end_reason"])
    event = record("enrolment.ended", by=by, subject=enrolment, why=reason, data={"end": end})
    data = {"child": enrolment.child_id, "enrolment": enrolment.pk, "end": end.isoformat()}
    emit("enrolment.ended", key=f"enrolment.ended:{enrolment.pk}:{event.pk}", data=data)
    return enrolment


def _refuse_day(child: Child, start: date) -> None:
    """A day on which nobody was put on a roll, or will be: a slip of the keys."""
    if start < child.date_of_birth:
        raise ValidationError({"start": f"The child was born on {long_date(child.date_of_birth)}."})
    if start > today() + AHEAD:
        raise ValidationError({"start": "This day is more than two years ahead. Check the year."})


def _refuse_closed(school: School, start: date) -> None:
    """No place begins at a school that has closed; the answer names the school that carries on."""
    if school.status != School.Status.CLOSED or (school.closed_on is not None and start < school.closed_on):
        return
    when = f" on {long_date(school.closed_on)}" if school.closed_on else ""
    followers = [f"{follower.name} (URN {follower.urn})" for follower in school.successors.order_by("name")]
    then = f" {' and '.join(followers)} took its place." if followers else ""
    raise ValidationError({"school": f"{school.name} closed{when}.{then}"})
