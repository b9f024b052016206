"""The night's opening of PEPs: the term's, the initial ones whose event was lost, and those of planned school starts."""

from datetime import date
from typing import Any

from children.models import Child, Enrolment
from peps.actions import opening
from virtualschool.jobs.registry import register_night_job

JOB = "peps.open"


def open_due(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """What is to be opened on the date; a second run opens nothing.

    A missed night is caught up in the order of its date; only the latest term's PEPs are opened, never those of a past day.
    """
    opened = opening.open_term_peps(for_date, children=Child.objects.all())
    renew()
    starting = Enrolment.objects.filter(start=for_date).select_related("child", "school").order_by("pk")
    moved = sum(opening.open_for_new_school(enrolment=enrolment) is not None for enrolment in starting)
    return {"opened": opened, "new_school": moved}


register_night_job(JOB, open_due)
