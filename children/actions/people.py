"""Who works with a child: allocation, one child or many, and its end."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from children import policies
from children.actions.common import locked, permitted
from children.constraints import told
from children.enums import RelationKind
from children.models import Child, Relationship
from virtualschool.accounts.models import Organisation, User
from virtualschool.audit.log import record
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.events import emit
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict, Refused


@dataclass
class Allocated:
    """What a bulk allocation did, and the children it left alone, each with the reason."""

    done: list[Relationship] = field(default_factory=list)
    refused: list[tuple[Child, str]] = field(default_factory=list)


@transaction.atomic
def allocate(
    *,
    child: Child,
    kind: str,
    start: date,
    by: User | None,
    user: User | None = None,
    team: Organisation | None = None,
) -> Relationship:
    """Tie a child to a worker, or to a social work team, from a day on; the one before ends on that day.

    The same worker again changes nothing. A team stands beside its social worker: neither follows from the other.

    Raises:
        Refused: when ``by`` may not allocate this child to them.
        ValidationError: when the person does not do this work, or the dates do not fit.
    """
    who = team if kind == RelationKind.TEAM else user
    if who is None:
        raise ValueError("An allocation is to a person, or of the kind team to a team.")
    child = locked(child)
    permitted(policies.can_allocate_to, by, child, kind, who)
    _refuse_wrong_worker(kind, who)
    before: Relationship | None = Relationship.objects.filter(
        Q(end__isnull=True) | Q(end__gt=start), child=child, kind=kind, start__lte=start
    ).first()
    if before is not None and who in (before.user, before.team):
        return before
    with told():
        if before is not None:
            _end_before(before, start)
        tie = Relationship.objects.create(child=child, kind=kind, start=start, user=user, team=team)
    if before is not None:
        _tell(before, record("relationship.ended", by=by, subject=before, data={"end": start}))
    _tell(
        tie,
        record("relationship.started", by=by, subject=tie, data={"kind": str(kind), "start": start, "with": str(who)}),
    )
    return tie


def allocate_many(
    *,
    children: Iterable[Child],
    kind: str,
    start: date,
    by: User,
    user: User | None = None,
    team: Organisation | None = None,
) -> Allocated:
    """Allocate each child by itself: one that may not be allocated stays untouched and is listed, the others are done."""
    outcome = Allocated()
    for child in children:
        try:
            outcome.done.append(allocate(child=child, kind=kind, start=start, by=by, user=user, team=team))
        except Refused as refused:
            outcome.refused.append((child, refused.verdict.reason))
        except ValidationError as wrong:
            outcome.refused.append((child, " ".join(wrong.messages)))
    return outcome


@transaction.atomic
def end_relationship(*, relationship: Relationship, end: date, by: User | None) -> Relationship:
    """End a tie without a next one: ``end`` is the first day it no longer holds.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it has an end already.
        ValidationError: when the end is before the start.
    """
    locked(relationship.child)
    permitted(policies.can_end_relationship, by, relationship)
    tie: Relationship = Relationship.objects.select_for_update(of=("self",)).get(pk=relationship.pk)
    if tie.end is not None:
        raise Conflict(f"This has an end already: {long_date(tie.end)}.")
    if end < tie.start:
        raise ValidationError({"end": f"It began on {long_date(tie.start)}. Give that day or a later one."})
    tie.end = end
    tie.save(update_fields=["end"])
    _tell(tie, record("relationship.ended", by=by, subject=tie, data={"end": end}))
    return tie


def _end_before(before: Relationship, start: date) -> None:
    before.end = start
    before.save(update_fields=["end"])


def _refuse_wrong_worker(kind: str, who: User | Organisation) -> None:
    """The person does this work and has a live account; a team is a social work team."""
    if isinstance(who, Organisation):
        if who.kind != Organisation.Kind.TEAM:
            raise ValidationError({"team": f"{who.name} is not a social work team."})
    elif not who.is_active:
        raise ValidationError({"user": f"The account of {who.name} is closed."})
    elif who.role not in policies.ROLES_FOR[kind]:
        raise ValidationError({"user": f"{who.name} does not work as {RelationKind(kind).label}."})


def _tell(tie: Relationship, event: AuditEvent) -> None:
    data = {"child": tie.child_id, "relationship": tie.pk, "kind": tie.kind, "start": tie.start.isoformat()}
    if tie.end is not None:
        data["end"] = tie.end.isoformat()
    emit("relationship.changed", key=f"relationship.changed:{tie.pk}:{event.pk}", data=data)
