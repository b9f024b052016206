"""School days that a move has cost so far: between leaving one roll and coming on the next, by the calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from children.models import Enrolment
from referrals.enums import MoveState
from referrals.models import SchoolMove
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendar, Calendars


@dataclass(frozen=True)
class Lost:
    """School days without a place, each by its date. ``unknown``: how many days more no loaded calendar knows."""

    dates: tuple[date, ...]
    unknown: int = 0

    @property
    def days(self) -> int:
        return len(self.dates)

    @property
    def since(self) -> date | None:
        return self.dates[0] if self.dates else None

    @property
    def stretches(self) -> list[str]:
        """The days that the figure counts, in words: those that follow each other as one line."""
        found: list[list[date]] = []
        for day in self.dates:
            if found and day - found[-1][-1] == timedelta(days=1):
                found[-1].append(day)
            else:
                found.append([day])
        return [_stretch(days) for days in found]

    @property
    def words(self) -> str:
        """For the page of the case."""
        days = "1 school day" if self.days == 1 else f"{self.days} school days"
        since = f", the first of them {long_date(self.since)}" if self.since else ""
        if self.unknown:
            least = f": at least {days}{since}" if self.days else ""
            return f"How many school days without a school place is not known, for no terms are held of some of them{least}."
        return f"{days} without a school place since the case was opened{since}."

    @property
    def number(self) -> str:
        """For a list: a number that is only part of it would be read as all."""
        return "not known" if self.unknown else str(self.days)


def counted(calendar: Calendar, days: Iterable[date]) -> Lost:
    """The school days among these. One reckoning for moves and for applications: the day itself counts, for the child is out today."""
    counts = [(day, calendar.counts(day)) for day in days]
    school = [day for day, counts_as_one in counts if counts_as_one]
    return Lost(tuple(school), sum(found is None for _, found in counts))


def _stretch(days: Sequence[date]) -> str:
    if len(days) == 1:
        return long_date(days[0])
    return f"{long_date(days[0])} to {long_date(days[-1])}: {len(days)} days"


def lost_of(moves: Sequence[SchoolMove], on: date | None = None, known: Calendars | None = None) -> dict[int, Lost]:
    """School days without a main place since the case was opened, by case, ``on`` among them. Two queries and the calendars."""
    on, known = on or today(), known or calendars.load()
    places: dict[int, list[Enrolment]] = {move.child_id: [] for move in moves}
    rows = Enrolment.objects.main().filter(child__in=places).select_related("school").order_by("start")
    for place in rows:
        places[place.child_id].append(place)
    return {move.pk: _lost(places[move.child_id], move.opened_on, _until(move, on), known) for move in moves}


def _until(move: SchoolMove, on: date) -> date:
    """The first day that is not the case's any more: it was closed, or refused, which costs the child no more days."""
    refused = move.since if move.state == MoveState.REFUSED else None
    return min(on + timedelta(days=1), move.ended_on or refused or date.max)


def _lost(places: Sequence[Enrolment], since: date, until: date, known: Calendars) -> Lost:
    urn = next((place.school.urn for place in reversed(places) if place.start <= since), "")
    without = (
        day for day in span(since, until) if not any(periods.holds(place.start, place.end, day) for place in places)
    )
    return counted(known.school_days(urn), without)


def span(since: date, until: date) -> Iterable[date]:
    """The days from ``since`` up to the one before ``until``."""
    return (since + timedelta(days=step) for step in range((until - since).days))
