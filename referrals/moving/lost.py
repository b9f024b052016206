"""School days that a move has cost so far: between leaving one roll and coming on the next, by the calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from children.models import Enrolment
from referrals.models import SchoolMove
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendars


@dataclass(frozen=True)
class Lost:
    """School days without a place, since the first of them. ``unknown``: days that no loaded calendar knows."""

    days: int
    since: date | None
    unknown: int = 0

    @property
    def words(self) -> str:
        """For the page of the case."""
        days = "1 school day" if self.days == 1 else f"{self.days} school days"
        since = f", the first of them {long_date(self.since)}" if self.since else ""
        return f"{days} without a school place since the case was opened{since}."


def lost_of(moves: Sequence[SchoolMove], on: date | None = None, known: Calendars | None = None) -> dict[int, Lost]:
    """School days without a main place since the case was opened, by case, up to the day before ``on``. Two queries and the calendars."""
    on, known = on or today(), known or calendars.load()
    places: dict[int, list[Enrolment]] = {move.child_id: [] for move in moves}
    rows = Enrolment.objects.main().filter(child__in=places).select_related("school").order_by("start")
    for place in rows:
        places[place.child_id].append(place)
    return {
        move.pk: _lost(places[move.child_id], move.opened_on, min(on, move.ended_on or on), known) for move in moves
    }


def _lost(places: Sequence[Enrolment], since: date, until: date, known: Calendars) -> Lost:
    urn = next((place.school.urn for place in reversed(places) if place.start <= since), "")
    calendar = known.school_days(urn)
    days, unknown, first = 0, 0, None
    for day in _days(since, until):
        if any(place.start <= day and (place.end is None or day < place.end) for place in places):
            continue
        counts = calendar.counts(day)
        days += counts is True
        unknown += counts is None
        first = first or (day if counts else None)
    return Lost(days, first, unknown)


def _days(since: date, until: date) -> Iterable[date]:
    return (since + timedelta(days=step) for step in range((until - since).days))
