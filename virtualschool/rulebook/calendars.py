"""Which days count: working days, school days, calendar days.

`load()` reads the tables once (three queries) and everything after is memory. A day that no loaded table covers is
*unknown*: it stops the count and is said, and is never taken for a school day or a working day.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from virtualschool.rulebook import reading, schoolyear
from virtualschool.rulebook.enums import Division, TermName, Unit
from virtualschool.rulebook.models import BankHoliday, SchoolClosure, TermDate
from virtualschool.rulebook.schoolyear import words

ONE_DAY = timedelta(days=1)
TERM_ORDER = (TermName.AUTUMN, TermName.SPRING, TermName.SUMMER)
HOLIDAYS = {TermName.AUTUMN: "Christmas holiday", TermName.SPRING: "Easter holiday", TermName.SUMMER: "Summer holiday"}
WEEKEND = {5: "Saturday", 6: "Sunday"}


class Skipped(NamedTuple):
    """A day that was not counted, and why."""

    on: date
    reason: str


class Pause(NamedTuple):
    """Days on which a clock stands still, half-open; `end` None while it still stands."""

    start: date
    end: date | None
    reason: str


class UnknownDay(LookupError):
    """No loaded table says whether this day counts."""

    def __init__(self, on: date, why: str):
        self.on, self.why = on, why
        super().__init__(f"{words(on)}: {why}")


@dataclass(frozen=True)
class Count:
    """A walk along a calendar. `due_on` is None when it ran into a day that is unknown, or a pause with no end."""

    start: date
    days: int
    due_on: date | None
    counted: tuple[date, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    stopped: str = ""


class Calendar:
    """Days that count and days that do not. Subclasses say which in `why_not`."""

    unit = Unit.CALENDAR_DAYS
    words = "every day of the calendar"

    def why_not(self, on: date) -> str:
        """Why a day does not count; empty when it counts. UnknownDay when no table covers it."""
        return ""

    def counts(self, on: date) -> bool | None:
        """Whether a day counts; None when that is unknown."""
        try:
            return not self.why_not(on)
        except UnknownDay:
            return None

    def add(self, start: date, days: int, pauses: Sequence[Pause] = ()) -> Count:
        """`days` counting days after `start` (before it when negative). The start is day 0 and is not counted."""
        counted: list[date] = []
        skipped: list[Skipped] = []
        on, step = start, ONE_DAY if days >= 0 else -ONE_DAY
        while len(counted) < abs(days):
            on += step
            try:
                reason = _paused(on, pauses) or self.why_not(on)
            except UnknownDay as unknown:
                return Count(start, days, None, tuple(counted), tuple(skipped), unknown.why)
            if reason:
                skipped.append(Skipped(on, reason))
            else:
                counted.append(on)
        return Count(start, days, on, tuple(counted), tuple(skipped))

    def latest_start(self, days: int, *, due_before: date) -> date | None:
        """The last start whose due date lies before `due_before`; None when that is unknown.

        So "overdue on D" is `started_on <= latest_start(n, due_before=D)`: one comparison for a query over all children.
        """
        if days == 0:
            return due_before - ONE_DAY
        count = self.add(due_before, -days)
        return None if count.due_on is None else count.due_on - ONE_DAY


def _paused(on: date, pauses: Sequence[Pause]) -> str:
    for pause in pauses:
        if pause.start <= on and (pause.end is None or on < pause.end):
            if pause.end is None:
                raise UnknownDay(on, f"the clock stands still from {words(pause.start)}: {pause.reason}")
            return f"Paused: {pause.reason}"
    return ""


class WorkingDays(Calendar):
    """Monday to Friday without England's bank holidays, Christmas Day and Good Friday among them. Never school holidays."""

    unit = Unit.WORKING_DAYS
    words = "Monday to Friday, without bank holidays in England"

    def __init__(self, holidays: Mapping[date, str]):
        self.holidays = holidays
        self.years = {day.year for day in holidays}

    def why_not(self, on: date) -> str:
        if on.weekday() in WEEKEND:
            return WEEKEND[on.weekday()]
        if on.year not in self.years:
            raise UnknownDay(on, f"bank holidays of {on.year} are not loaded")
        return self.holidays.get(on, "")


class Span(NamedTuple):
    """A term or closure in memory, half-open."""

    start: date
    end: date
    name: str
    key: tuple[int, str] = (0, "")


class SchoolDays(Calendar):
    """Days in term, Monday to Friday, without bank holidays and closures."""

    unit = Unit.SCHOOL_DAYS

    def __init__(self, working: WorkingDays, terms: Sequence[Span], closures: Iterable[Span], words: str):
        self.working = working
        self.terms = sorted(terms)
        self.starts = [term.start for term in self.terms]
        self.closed = {
            span.start + timedelta(days=n): span.name for span in closures for n in range((span.end - span.start).days)
        }
        self.words = words

    def told_as(self, words: str) -> "SchoolDays":
        """The same days under other words: the days are kept once, however many schools have them."""
        same = copy(self)
        same.words = words
        return same

    def why_not(self, on: date) -> str:
        return self.working.why_not(on) or self._out_of_term(on) or self.closed.get(on, "")

    def _out_of_term(self, on: date) -> str:
        at = bisect_right(self.starts, on) - 1
        before = self.terms[at] if at >= 0 else None
        if before and on < before.end:
            return ""
        after = self.terms[at + 1] if at + 1 < len(self.terms) else None
        if before and _holiday_follows(before, after, on):
            return HOLIDAYS[TermName(before.key[1])]
        if after and after.key == (schoolyear.academic_year(on), TermName.AUTUMN.value):
            return HOLIDAYS[TermName.SUMMER]
        raise UnknownDay(on, f"school terms around {words(on)} are not loaded ({self.words})")


def _holiday_follows(before: Span, after: Span | None, on: date) -> bool:
    """A gap is a holiday when both its sides are loaded; the rest of August is one without next year's terms."""
    year, name = before.key
    position = TERM_ORDER.index(TermName(name))
    following = (year, TERM_ORDER[position + 1].value) if position < 2 else (year + 1, TermName.AUTUMN.value)
    if after and after.key == following:
        return True
    return name == TermName.SUMMER and on < date(year + 1, 9, 1)


@dataclass(frozen=True)
class Calendars:
    """All calendars, in memory. Make one with `load()` and use it for the whole request or night."""

    holidays: Mapping[date, str]
    terms: Mapping[str, Sequence[Span]]
    closures: Mapping[str, Sequence[Span]]
    _made: dict[str, SchoolDays] = field(default_factory=dict, compare=False, repr=False)

    def working_days(self) -> WorkingDays:
        return WorkingDays(self.holidays)

    def calendar_days(self) -> Calendar:
        return Calendar()

    def school_days(self, school_urn: str = "") -> SchoolDays:
        """A school's own days: its terms where they are loaded for a year, the council's for the other years.

        Its own closures always count; the council's half-terms go with the council's terms. `words` says which.
        """
        if school_urn not in self._made:
            self._made[school_urn] = self._school_days(school_urn)
        return self._made[school_urn]

    def own(self, urn: str) -> str:
        """The school, where it has given terms or closures of its own; empty, which is the council, where it has not."""
        return urn if urn in self.terms or urn in self.closures else ""

    def _school_days(self, urn: str) -> SchoolDays:
        if urn and not self.own(urn):
            return self.school_days().told_as(_whose(urn, own_terms=False, own_closures=False))
        own = list(self.terms.get(urn, ())) if urn else []
        years = {span.key[0] for span in own}
        terms = own + [span for span in self.terms.get("", ()) if span.key[0] not in years]
        closures = list(self.closures.get(urn, ())) if urn else []
        closures += [span for span in self.closures.get("", ()) if _year_of(span, self.terms.get("", ())) not in years]
        return SchoolDays(self.working_days(), terms, closures, _whose(urn, bool(own), bool(self.closures.get(urn))))

    def for_unit(self, unit: Unit | str, school_urn: str = "") -> Calendar:
        """The calendar that a unit is counted on. ValueError for a unit that no calendar counts."""
        if unit == Unit.WORKING_DAYS:
            return self.working_days()
        if unit == Unit.SCHOOL_DAYS:
            return self.school_days(school_urn)
        if unit in (Unit.CALENDAR_DAYS, Unit.WEEKS, Unit.MONTHS):
            return self.calendar_days()
        raise ValueError(f"Nothing is counted in {unit!r}")

    def term_of(self, on: date) -> schoolyear.Term:
        """The council's term of a date; `assumed` when its start is not loaded."""
        return schoolyear.term_of(on, {span.key: span.start for span in self.terms.get("", ())})

    def term(self, academic_year: int, name: str) -> schoolyear.Term:
        """A term by its name. Every term there is can be asked for; `assumed` when its start is not loaded."""
        middle = {TermName.AUTUMN: (0, 10, 15), TermName.SPRING: (1, 2, 15), TermName.SUMMER: (1, 6, 1)}
        later, month, day = middle[TermName(name)]
        return self.term_of(date(academic_year + later, month, day))


def _year_of(closure: Span, terms: Sequence[Span]) -> int:
    """The academic year of the term a closure lies in."""
    inside = (term.key[0] for term in terms if term.start <= closure.start < term.end)
    return next(inside, schoolyear.academic_year(closure.start))


def _whose(urn: str, own_terms: bool, own_closures: bool) -> str:
    if not urn:
        return "school days by the council's term dates"
    if own_terms:
        return f"school days by the term dates of school {urn}"
    extra = " and the school's own closures" if own_closures else ""
    return f"school days by the council's term dates{extra}, because school {urn} has not given its own terms"


def load() -> Calendars:
    """Everything, in three queries; inside `reading.once()` only the first time."""
    return reading.kept("calendars", _load)


def _load() -> Calendars:
    days = BankHoliday.objects.filter(division=Division.ENGLAND).values_list("day", "name")
    terms: dict[str, list[Span]] = {}
    for row in TermDate.objects.all():
        terms.setdefault(row.school_urn, []).append(Span(row.start, row.end, row.get_term_display(), row.key))
    closures: dict[str, list[Span]] = {}
    for closure in SchoolClosure.objects.all():
        closures.setdefault(closure.school_urn, []).append(Span(closure.start, closure.end, closure.name))
    return Calendars(dict(days), terms, closures)
