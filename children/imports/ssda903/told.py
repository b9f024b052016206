"""What an import tells the rest of the service, through the event ledger.

Only what happened on or after a child's go-live date (``known_from``) is news: care that started, also out of a series of short
breaks, and a care placement that changed. Earlier history is history; it opens no PEP and starts no clock. The end of care is
told whenever the roll held the child as in care until this import, because something may be running for the child; so is a
change into short breaks.
"""

from children.actions.ties import end_ties
from children.imports.ssda903.care import Care
from children.models import PeriodOfCare
from virtualschool.audit.log import record
from virtualschool.jobs.events import emit


def tell(care: Care) -> None:
    """Write the events down, after the rows have been written."""
    for period in care.started:
        if period.start >= period.child.known_from:
            _emit("care.started", period, start=period.start.isoformat())
    for period in care.ended:
        _end_ties(period)
        if period not in care.started or period.start >= period.child.known_from:
            _emit("care.ended", period, end=period.end.isoformat())
    for period, on in care.out_of_short_breaks:
        if on >= period.child.known_from:
            _emit("care.started", period, start=on.isoformat())
    for period, on in care.into_short_breaks:
        _emit("care.ended", period, end=on.isoformat())
    new = {period.child_id for period in care.started}
    for placement in care.moved:
        if placement.start >= placement.child.known_from and placement.child_id not in new:
            data = {"child": placement.child_id, "placement": placement.pk, "on": placement.start.isoformat()}
            data["education"] = placement.education  # a return says nothing of it: the night asks somebody
            emit("placement.changed", key=f"placement.changed:import:{placement.pk}", data=data)


def _emit(kind: str, period: PeriodOfCare, **dates: str) -> None:
    key = f"{kind}:import:{period.pk}:{next(iter(dates.values()))}"
    emit(kind, key=key, data={"child": period.child_id, "period": period.pk, **dates})


def _end_ties(period: PeriodOfCare) -> None:
    """Who works with a child ends with care, unless the child is back in it; which ties, the event tells whoever undoes it."""
    if PeriodOfCare.objects.filter(child=period.child, start__gte=period.end).exists():
        return
    ended = end_ties(period.child, period.end)
    if ended:
        data = {"on": period.end, "reason": period.end_reason, "ties": ended}
        record("care.ended", by=None, subject=period, data=data)
