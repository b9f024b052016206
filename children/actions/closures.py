"""The children of a school that has closed carry on at the school that took its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from children import closures, policies
from children.actions.common import as_seen, locked, permitted
from children.actions.schools import end_sooner, enrol
from children.models import Child, Enrolment, School
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict

STALE = "Who is on the roll of this school has changed since you opened the page."


@dataclass
class CarriedOn:
    """The new places, and the children who were left alone, each with the reason."""

    done: list[Enrolment] = field(default_factory=list)
    refused: list[tuple[Child, str]] = field(default_factory=list)


def places_left(school: School, by: User | None) -> list[Enrolment]:
    """The places still held at the closed school, of the children on the roll whom the person reaches."""
    children: QuerySet[Child] = Child.objects.on_roll() if by is None else Child.objects.in_own_reach(by)
    return list(closures.names_beside(closures.left_on_roll(school, today()).filter(child__in=children)))


def seen_of(places: Iterable[Enrolment]) -> str:
    """The sign that a page with these places carries."""
    return as_seen([(place.pk, place.start, place.end) for place in places])


@transaction.atomic
def carry_on(*, school: School, to: School, by: User | None) -> CarriedOn:
    """Every child who was on the roll when the school closed carries on at its successor. Done again it finds nobody.

    Each place ends on the day of the change and the next begins on it, of the same kind, year group and hours, until the day that was
    planned for its end. It is no move of school: nothing that stops a move is asked.

    Raises:
        Refused: when ``by`` does not keep the roll.
        ValidationError: when the school has not closed, or ``to`` does not carry on from it.
    """
    school = _locked(school, by)
    return _carry(school, [(place, to) for place in places_left(school, by)], by)


@transaction.atomic
def carry_on_each(*, school: School, chosen: Mapping[UUID, School], seen: str, by: User) -> CarriedOn:
    """As ``carry_on``, each place (by its uuid) at the successor that was chosen for it; one without a choice stays as it is.

    Raises:
        Conflict: when other places are held than the page with the sign ``seen`` showed.
    """
    school = _locked(school, by)
    places = places_left(school, by)
    if seen != seen_of(places):
        raise Conflict(STALE)
    return _carry(school, [(place, chosen[place.uuid]) for place in places if place.uuid in chosen], by)


def _locked(school: School, by: User | None) -> School:
    """The school as it is now: two people do this in turn."""
    permitted(policies.can_carry_on, by, school)
    held: School = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    if not closures.has_closed(held, today()):
        raise ValidationError("The register does not say that this school has closed.")
    return held


def _carry(school: School, pairs: list[tuple[Enrolment, School]], by: User | None) -> CarriedOn:
    successors = set(school.successors.values_list("pk", flat=True))
    outcome = CarriedOn()
    for place, to in pairs:
        if to.pk not in successors:
            raise ValidationError(f"{to.name} does not carry on from {school.name}.")
        try:
            with transaction.atomic():
                outcome.done += _carry_one(school, place, to)
        except (ValidationError, Conflict) as refused:
            outcome.refused.append((place.child, _words(refused)))
    if outcome.done:
        record("school.carried_on", by=by, subject=school, data=_data(outcome))
    return outcome


def _carry_one(school: School, place: Enrolment, to: School) -> list[Enrolment]:
    """The next place; none where this one ended meanwhile, or ends before the successor begins."""
    child, day = locked(place.child), closures.change_day(school, to)
    held = Enrolment.objects.select_for_update(of=("self",)).get(pk=place.pk)
    end, why = held.end, held.end_reason
    if end is not None and end <= day:
        return []
    end_sooner(enrolment=held, end=day, reason=closures.became(school, to))
    after = enrol(
        child=child,
        school=to,
        start=day,
        kind=held.kind,
        year_group=held.year_group,
        hours_offered=held.hours_offered,
        end=end,
        end_reason=why if end is not None else "",
        by=None,
    )
    return [after]


def _data(outcome: CarriedOn) -> dict[str, Any]:
    new = outcome.done
    return {"to": sorted({place.school.urn for place in new}), "children": len({place.child_id for place in new})}


def _words(refused: ValidationError | Conflict) -> str:
    return " ".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)


def words_of(school: School, number: int) -> str:
    """How many are still there, since when nobody is taught there, and who took its place."""
    who = "1 child is" if number == 1 else f"{number or 'No'} {'child is' if not number else 'children are'}"
    closed = f"which closed on {long_date(school.closed_on)}" if school.closed_on else "which is open"
    names = [after.name for after in school.successors.order_by("name", "pk")]
    followers = f" {' and '.join(names)} took its place." if names else ""
    return f"{who} still on the roll of {school.name}, {closed}.{followers}"
