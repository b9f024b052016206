"""What the records of attendance tell of a child when a PEP opens: it then has the sections about them."""

from collections.abc import Collection, Iterable
from datetime import date

from attendance.models import AlternativeProvision, ReducedTimetable
from peps.actions.circumstances import tells
from peps.layouts import Circumstance


@tells(Circumstance.REDUCED_TIMETABLE)
def on_reduced_timetable(children: Collection[int], on: date) -> Iterable[int]:
    """Those on one, or about to be."""
    return ReducedTimetable.objects.running().filter(child__in=children).values_list("child_id", flat=True)


@tells(Circumstance.ALTERNATIVE_PROVISION)
def in_alternative_provision(children: Collection[int], on: date) -> Iterable[int]:
    """Those taught elsewhere, or about to be."""
    return AlternativeProvision.objects.running().filter(child__in=children).values_list("child_id", flat=True)
