"""The night's work on PEPs: opening what is due, reseating meetings, and reminding, where the council wishes it, whoever is late."""

from datetime import date, timedelta
from typing import Any

from children.models import Enrolment
from peps import chasing
from peps.actions import concerns, delegating, leaving, opening, seats
from peps.actions.chasing import chase
from peps.models import Pep
from virtualschool.jobs.registry import register_night_job
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars, rules

JOB = "peps.open"
REMIND = "peps.remind"
ESCALATE = "peps.concerns"


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
    left = leaving.leave_schools()
    renew()
    lapsed = delegating.end_lapsed()
    reseated = seats.reseat_changed(for_date)
    return {"opened": opened, "new_school": moved, "left_school": left, "reseated": reseated, "lapsed": lapsed}


def remind_late(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """On the council's days of the week (rule ``pep.chase.weekdays``): a reminder to each who is late; a night caught up later sends none."""
    on = today()
    if on.isoweekday() not in rules.value("pep.chase.weekdays", on=on) or for_date < on - timedelta(days=1):
        return {"reminded": 0}
    owing = chasing.by_person(chasing.owed_for(Pep.objects.all()))
    late = [one.person for one in owing if one.person and one.first_due_on < on]
    return {"reminded": len(chase(people=late, by=None).sent)}


def escalate(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """Concerns that nobody answered in time go to the head; a second run finds none."""
    return {"escalated": concerns.escalate_overdue(for_date)}


register_night_job(JOB, open_due)
register_night_job(REMIND, remind_late)
register_night_job(ESCALATE, escalate)
