"""Who works with a child ends with care; what just this ended can be brought back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from children.models import Child, PeriodOfCare, Relationship
from virtualschool.audit.models import AuditEvent


@dataclass(frozen=True)
class EndedTie:
    """A tie that the end of care ended: the end it had been given before, and the one it got. Dates as ISO text, as events keep them."""

    tie: int
    before: str | None
    end: str


def end_ties(child: Child, on: date) -> list[dict[str, Any]]:
    """End those that hold on the day; those planned for later never begin.

    Returns:
        what was done, for the event's data, from which ``bring_back`` undoes it.
    """
    ended = []
    for tie in Relationship.objects.filter(Q(end__isnull=True) | Q(end__gt=on), child=child).order_by("pk"):
        before, tie.end = tie.end, max(on, tie.start)
        tie.save(update_fields=["end"])
        ended.append(asdict(EndedTie(tie.pk, before and before.isoformat(), tie.end.isoformat())))
    return ended


def bring_back(period: PeriodOfCare) -> None:
    """Give the ties that the end of this period ended the end they had before; whoever was ended otherwise stays ended."""
    for one in _ended_with(period):
        held = Relationship.objects.filter(pk=one["tie"], child=period.child_id, end=one["end"])
        held.update(end=one["before"])


def _ended_with(period: PeriodOfCare) -> Sequence[Mapping[str, Any]]:
    """What the newest event that tells the end of the period says of ties."""
    told = AuditEvent.objects.filter(
        verb="care.ended", subject_type=PeriodOfCare._meta.label, subject_id=str(period.pk)
    ).order_by("-pk")
    event = told.first()
    found: Sequence[Mapping[str, Any]] = event.data.get("ties", []) if event else []
    return found
