"""A child's academic year, day by day: what each half of each school day was, in words, a letter and a class of colour.

Pure: what is known comes in as a ``Record``. ``attendance.pictures.year`` reads one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from attendance.codes import BY_LETTER, Code
from attendance.enums import CodeClass, Session
from virtualschool.rulebook.calendars import Calendars
from virtualschool.rulebook.schoolyear import Term, words

ONE_DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LATE_CODE = "L"
Marks = tuple[str | None, str | None]
Place = tuple[date, date | None, str]  # half-open, with the school's URN


@dataclass(frozen=True)
class Look:
    """How a half of a day is shown: a letter, a class of the style sheet and words, so that no colour stands alone."""

    key: str
    letter: str
    words: str


PRESENT = Look("present", "P", "present, or at an approved activity")
LATE = Look("late", "L", "late, before the register closed")
AUTHORISED = Look("authorised", "A", "authorised absence")
UNAUTHORISED = Look("unauthorised", "U", "unauthorised absence")
UNEXPLAINED = Look("unexplained", "?", "absence that nobody has explained yet")
NOT_POSSIBLE = Look("not-possible", "X", "not a possible session")
NO_MARK = Look("no-mark", "0", "school day without a mark")
TO_COME = Look("to-come", "–", "not marked yet")
NOT_ASKED = Look("not-asked", "·", "on no school's roll here")
NO_SCHOOL = Look("no-school", "", "no school day")
LEGEND = (PRESENT, LATE, AUTHORISED, UNAUTHORISED, UNEXPLAINED, NOT_POSSIBLE, NO_MARK, TO_COME, NOT_ASKED, NO_SCHOOL)

_OF_CLASS = {
    CodeClass.PRESENT: PRESENT,
    CodeClass.APPROVED: PRESENT,
    CodeClass.AUTHORISED: AUTHORISED,
    CodeClass.UNAUTHORISED: UNAUTHORISED,
    CodeClass.NOT_POSSIBLE: NOT_POSSIBLE,
    CodeClass.ADMINISTRATIVE: NO_SCHOOL,
}


@dataclass(frozen=True)
class Record:
    """What is known of a child's year: marks as stored letters, on whose roll the child was and when, what was odd."""

    calendars: Calendars
    today: date
    marks: Mapping[date, Marks] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    disputed: frozenset[tuple[date, str]] = frozenset()
    corrected: frozenset[tuple[date, str]] = frozenset()


@dataclass(frozen=True)
class Half:
    """A morning or an afternoon. ``code`` is the register's, where there is a mark."""

    look: Look
    name: str
    code: Code | None = None
    disputed: bool = False
    corrected: bool = False

    @property
    def words(self) -> str:
        """The whole meaning, with what is odd about the mark."""
        told = f"{self.code.code} {self.code.meaning}" if self.code else self.look.words
        odd = ["corrected"] * self.corrected + ["another source differs"] * self.disputed
        return ", ".join([told, *odd])


@dataclass(frozen=True)
class Day:
    """One cell of the strip."""

    on: date
    halves: tuple[Half, Half]

    @property
    def school(self) -> bool:
        """Whether there is anything to say of the day."""
        return any(half.look is not NO_SCHOOL or half.code for half in self.halves)

    @property
    def words(self) -> str:
        return words(self.on)


@dataclass(frozen=True)
class Part:
    """A half term: its words, and its weeks as rows of days."""

    words: str
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def days(self) -> list[Day]:
        return [day for week in self.weeks for day in week if day.school]


@dataclass(frozen=True)
class Strip:
    """The year in half terms. ``weekdays`` are the columns: Monday to Friday, and the weekend where there are marks on one."""

    parts: tuple[Part, ...]
    weekdays: tuple[str, ...]


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def look_of(code: Code) -> Look:
    """How a mark of this code is shown."""
    if code.code == LATE_CODE:
        return LATE
    return UNEXPLAINED if code.unexplained else _OF_CLASS[code.kind]


def strip(year: int, known: Record) -> Strip:
    """The academic year that begins in the calendar year ``year``; half terms wholly to come are left out."""
    columns = 5 + max((day.weekday() - 4 for day in known.marks if day.weekday() > 4), default=0)
    found = [(week, term) for week, term in _weeks(year, columns, known)]
    grouped: dict[str, list[list[tuple[Day, ...]]]] = {}
    before: tuple[date, str] | None = None
    for week, term in found:
        name = str(term)
        follows = before is not None and before == (week[0].on - WEEK, name)
        runs = grouped.setdefault(name, [])
        if not follows:
            runs.append([])
        runs[-1].append(week)
        before = (week[0].on, name)
    parts = [
        Part(_part_words(name, place, len(runs)), tuple(weeks))
        for name, runs in grouped.items()
        for place, weeks in enumerate(runs)
    ]
    begun = [part for part in parts if any(_begun(day, known.today) for day in part.days)]
    return Strip(tuple(begun), WEEKDAYS[:columns])


def _begun(day: Day, on: date) -> bool:
    return day.on <= on or any(half.code for half in day.halves)


def _part_words(term: str, place: int, of: int) -> str:
    """A term has two halves; one without a half-term holiday is whole, and one in more pieces has them counted."""
    if of == 1:
        return term
    return f"{term}, {('first half', 'second half')[place] if of == 2 else f'part {place + 1}'}"


def _weeks(year: int, columns: int, known: Record) -> Iterator[tuple[tuple[Day, ...], Term]]:
    """Weeks in which there is a school day or a mark, with the term of the first such day."""
    first, last = date(year, 9, 1), date(year + 1, 8, 31)
    monday = first - first.weekday() * ONE_DAY
    while monday <= last:
        week = tuple(_day(monday + n * ONE_DAY, first, last, known) for n in range(columns))
        of_school = next((day.on for day in week if day.school), None)
        if of_school:
            yield week, known.calendars.term_of(of_school)
        monday += WEEK


def _day(on: date, first: date, last: date, known: Record) -> Day:
    marks = known.marks.get(on, (None, None)) if first <= on <= last else (None, None)
    silent = _silence(on, known) if first <= on <= last else NO_SCHOOL
    am, pm = (
        _half(Session.AM, marks[0], on, silent, known),
        _half(Session.PM, marks[1], on, silent, known),
    )
    return Day(on, (am, pm))


def _half(session: Session, letter: str | None, on: date, silent: Look, known: Record) -> Half:
    code = BY_LETTER[letter] if letter else None
    look = look_of(code) if code else silent
    return Half(look, session.label, code, (on, session) in known.disputed, (on, session) in known.corrected)


def _silence(on: date, known: Record) -> Look:
    """What a session without a mark means on a day: nobody is asked for a mark of a holiday, or of a child on no roll."""
    urn = next((urn for start, end, urn in known.places if start <= on and (end is None or on < end)), None)
    own = urn if urn and (urn in known.calendars.terms or urn in known.calendars.closures) else ""
    counts = known.calendars.school_days(own).counts(on)
    if counts is False or (counts is None and on.weekday() > 4):
        return NO_SCHOOL
    if on >= known.today:
        return TO_COME
    return NOT_ASKED if urn is None or counts is None else NO_MARK
