"""The night's work on PEPs: the term's open, the initial ones whose event was lost, those of planned school starts; meetings are reseated."""

from datetime import date
from typing import Any

from children.models import Enrolment
from peps.actions import opening, seats
from virtualschool.jobs.registry import register_night_job
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars

JOB = "peps.open"


def open_due(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """What is to be opened on the date; a second run opens nothing.

    A missed night that is caught up after its term opens nothing of that term: it could only be late.
    """
    known = calendars.load()
    this_term = known.term_of(for_date).key == known.term_of(today()).key
    opened = opening.open_term_peps(for_date) if this_term else 0
    renew()
    starting = Enrolment.objects.filter(start=for_date).select_related("child", "school").order_by("pk")
    moved = sum(opening.open_for_new_school(enrolment=enrolment) is not None for enrolment in starting)
    renew()
    return {"opened": opened, "new_school": moved, "reseated": seats.reseat_changed(for_date)}


register_night_job(JOB, open_due)
