"""What of a full-time week a child was offered and attended, half day by half day. Pure: ``attendance.lost.gathering`` reads the facts.

A full-time week has the hours of the council's rule for the year group, a tenth of them in each half day. Of each half day that was
expected every part is told once: attended, lost for a reason, or not known because nobody has marked it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

from attendance import weekgrid
from attendance.enums import Session
from attendance.lost import reasons
from attendance.lost.reasons import LOST, Reason
from virtualschool.kernel.periods import holds
from virtualschool.rulebook import schoolyear

ONE_DAY = timedelta(days=1)
FRIDAY = 4
HALVES = len(weekgrid.WHOLE)  # of a week
ZERO = Fraction(0)
Marks = tuple[str | None, str | None]  # as stored, of the morning and the afternoon
NO_MARKS: Marks = (None, None)
FullTime = Callable[[int, date], Fraction]
SchoolDay = Callable[[str, date], bool | None]
Away = Callable[[date, Session], Reason | None]


@dataclass(frozen=True)
class Amount:
    """Hours, and the days of a full-time week that they are."""

    hours: Fraction = ZERO
    days: Fraction = ZERO

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.hours + other.hours, self.days + other.days)

    def times(self, number: int) -> "Amount":
        return Amount(self.hours * number, self.days * number)


NONE = Amount()


@dataclass(frozen=True)
class Span:
    """Half-open."""

    start: date
    end: date | None

    def holds(self, on: date) -> bool:
        return holds(self.start, self.end, on)


@dataclass(frozen=True)
class Place(Span):
    """Time on a school's roll. ``year`` only where taught outside the year of the child's age; ``hours`` a week where they are told."""

    urn: str = ""
    school: str = ""
    year: int | None = None
    hours: Fraction | None = None


@dataclass(frozen=True)
class Provision(Span):
    """Hours a week at a provider, in the half days of a pattern (see ``attendance.weekgrid``)."""

    hours: Fraction = ZERO
    pattern: str = weekgrid.NOBODY


@dataclass(frozen=True)
class Timetable(Span):
    """A reduced timetable: hours a week, each from a day on, and the half days as they are since ``pattern_from``."""

    hours: tuple[tuple[date, Fraction], ...] = ()
    pattern: str = weekgrid.NOBODY
    pattern_from: date = date.min

    def hours_on(self, on: date) -> Fraction:
        begun = [hours for start, hours in self.hours if start <= on]
        return begun[-1] if begun else self.hours[0][1]

    def pattern_on(self, on: date) -> str:
        """Of the days before the half days were changed nobody has kept them: the hours are then laid on the whole week."""
        return self.pattern if on >= self.pattern_from else weekgrid.NOBODY


def never(on: date, session: Session) -> Reason | None:
    """Nobody sent the child away."""
    return None


@dataclass(frozen=True)
class Facts:
    """All that is known of one child for the reckoning. ``care`` is time in care in which the child was known here."""

    born: date
    care: tuple[Span, ...]
    places: tuple[Place, ...] = ()
    timetables: tuple[Timetable, ...] = ()
    provisions: tuple[Provision, ...] = ()
    marks: Mapping[date, Marks] = field(default_factory=dict)
    away: Away = never

    def place(self, on: date) -> Place | None:
        return next((one for one in self.places if one.holds(on)), None)

    def next_change(self, on: date) -> date:
        """The next day on which a place begins or ends."""
        days = (day for one in self.places for day in (one.start, one.end) if day and day > on)
        return min(days, default=date.max)

    @cached_property
    def plain(self) -> bool:
        """Whether nothing is arranged beside full-time school."""
        return not self.timetables and not self.provisions and self.away is never


@dataclass(frozen=True)
class Rules:
    """What the rulebook says: hours of a full-time week by year and day, and the school days of a school (empty: the council's)."""

    full_time: FullTime
    school_day: SchoolDay
    plain: dict[tuple[int, date], "Half"] = field(default_factory=dict, compare=False, repr=False)

    def whole_half(self, year: int, on: date) -> "Half":
        """A half day of which everything was offered; one for each year and day, for most children are offered no other."""
        held = self.plain.get((year, on))
        if held is None:
            held = self.plain[year, on] = _half(week := self.full_time(year, on), week / HALVES, None, None)
        return held


@dataclass(frozen=True, eq=False)
class Half:
    """A half day as it was arranged: hours expected and offered, why fewer were offered, whether the child was sent away.

    ``outside``: the child was not to be there by the pattern, or nobody knows the pattern.
    """

    expected: Fraction
    offered: Fraction
    short: Reason | None = None
    away: Reason | None = None
    outside: bool = False


@dataclass(frozen=True, eq=False)
class Told:
    """What became of a half day, in hours: ``expected`` is the sum of attended, unknown and everything lost."""

    expected: Fraction = ZERO
    offered: Fraction = ZERO
    attended: Fraction = ZERO
    unknown: Fraction = ZERO
    lost: tuple[tuple[Reason, Fraction], ...] = ()

    @cached_property
    def parts(self) -> list[tuple[str, "Amount"]]:
        """Each part by its name, or by its reason."""
        named = [(name, getattr(self, name)) for name in ("expected", "offered", "attended", "unknown")]
        return [(name, Amount(part, part / self.expected / 2)) for name, part in [*named, *self.lost] if part]


NOTHING = Told()


@dataclass(frozen=True)
class Ledger:
    """The sums of a time. ``lost`` has the reasons that took something, in the order of the reasons."""

    expected: Amount = NONE
    offered: Amount = NONE
    attended: Amount = NONE
    unknown: Amount = NONE
    lost: Mapping[Reason, Amount] = field(default_factory=dict)

    @property
    def whole(self) -> Amount:
        """Everything lost."""
        return sum(self.lost.values(), NONE)

    def of(self, wanted: Iterable[Reason]) -> Amount:
        """What these reasons took; of the missing marks, what nobody knows."""
        return sum((self.by_reason.get(one, NONE) for one in wanted), NONE)

    @property
    def by_reason(self) -> dict[Reason, Amount]:
        """Everything that was not attended as far as anybody knows."""
        return {**self.lost, **({Reason.NO_MARK: self.unknown} if self.unknown.hours else {})}

    def __add__(self, other: "Ledger") -> "Ledger":
        lost = {one: self.lost.get(one, NONE) + other.lost.get(one, NONE) for one in LOST}
        return Ledger(
            self.expected + other.expected,
            self.offered + other.offered,
            self.attended + other.attended,
            self.unknown + other.unknown,
            {one: amount for one, amount in lost.items() if amount.hours},
        )


class Day(NamedTuple):
    """One school day of the child: its morning and its afternoon."""

    on: date
    halves: tuple[Told, Told]


def days(facts: Facts, first: date, last: date, rules: Rules) -> Iterator[Day]:
    """The child's school days from ``first`` to ``last``, both included: in care, known here, of school age, and a day of school."""
    begins, leaves = schoolyear.school_age(facts.born)
    first, last = max(first, begins), min(last, leaves)
    for span in sorted(facts.care, key=lambda one: one.start):
        end = min(last + ONE_DAY, span.end) if span.end else last + ONE_DAY
        yield from _in_care(facts, max(first, span.start), end, rules)


def _in_care(facts: Facts, on: date, end: date, rules: Rules) -> Iterator[Day]:
    """The school days of one time in care, up to its end. A place is looked up when one begins or ends, a year when a year does."""
    place, until, year, year_of = None, on, 0, -1
    while on < end:
        if on.weekday() <= FRIDAY:
            if on >= until:
                place, until = facts.place(on), facts.next_change(on)
                year_of = -1
            if schoolyear.academic_year(on) != year_of:
                year_of = schoolyear.academic_year(on)
                year = schoolyear.year_taught(facts.born, on, place.year if place else None)
            marks = facts.marks.get(on, NO_MARKS)
            if rules.school_day(place.urn if place else "", on) or _at_school(marks):
                yield Day(on, _halves(facts, place, on, year, marks, rules))
        on += ONE_DAY


def _at_school(marks: Marks) -> bool:
    """Whether the register itself says that it was a day of school, whatever the calendar says."""
    return marks[0] in reasons.POSSIBLE or marks[1] in reasons.POSSIBLE


def _halves(facts: Facts, place: Place | None, on: date, year: int, marks: Marks, rules: Rules) -> tuple[Told, Told]:
    if place and place.hours is None and facts.plain:
        half = rules.whole_half(year, on)
        return told(half, marks[0]), told(half, marks[1])
    week = rules.full_time(year, on)
    am = arranged(facts, place, on, Session.AM, week)
    pm = arranged(facts, place, on, Session.PM, week)
    return told(am, marks[0]), told(pm, marks[1])


def arranged(facts: Facts, place: Place | None, on: date, session: Session, week: Fraction) -> Half:
    """What was offered in a half day of a full-time week of so many hours."""
    away = facts.away(on, session)
    at = 2 * on.weekday() + (session == Session.PM)
    for provision in facts.provisions:
        if provision.holds(on) and provision.pattern[at] == "1":
            share = provision.hours / provision.pattern.count("1")
            return _half(week, share, Reason.PROVISION, away)
    if place is None:
        return _half(week, ZERO, Reason.NO_PLACE, away)
    for timetable in facts.timetables:
        if timetable.holds(on):
            hours, outside = laid(timetable.hours_on(on), timetable.pattern_on(on), at, week)
            return _half(week, hours, Reason.REDUCED, away, outside)
    if place.hours is not None and place.hours < week:
        return _half(week, place.hours / HALVES, Reason.REDUCED, away, True)
    return _half(week, week / HALVES, None, away)


@lru_cache(maxsize=4096)
def _half(week: Fraction, offered: Fraction, short: Reason | None, away: Reason | None, outside: bool = False) -> Half:
    expected = week / HALVES
    held = min(expected, offered)
    return Half(expected, held, short if held < expected else None, away, outside)


def laid(hours: Fraction, pattern: str, at: int, week: Fraction) -> tuple[Fraction, bool]:
    """The hours of a half day of a reduced week, and whether it is outside the pattern.

    The hours are laid on the half days at school; more than these can hold are laid on the others, so that a week has all of them.
    """
    there = pattern.count("1")
    each = min(week / HALVES, hours / there) if there else ZERO
    if pattern[at] == "1":
        return each, False
    return (hours - there * each) / (HALVES - there), True


@lru_cache(maxsize=65536)
def told(half: Half, letter: str | None) -> Told:
    """What became of a half day, by its mark. What was never offered is lost, whatever the register says of it."""
    if letter in reasons.NOT_EXPECTED:
        return NOTHING
    if half.short is Reason.NO_PLACE and letter in reasons.POSSIBLE:
        half = Half(half.expected, half.expected, None, half.away)  # a register has the child all the same
    lost = {half.short: half.expected - half.offered} if half.short else {}
    attended = unknown = ZERO
    if half.away and (letter is None or letter in reasons.COVERED_BY_EXCLUSION):
        _add(lost, half.away, half.offered)
    elif letter is None or letter == reasons.ELSEWHERE:
        unknown = half.offered
    elif _there(half, letter):
        attended = half.offered
    else:
        _add(lost, reasons.of_letter(letter), half.offered)
    in_order = tuple((one, lost[one]) for one in LOST if lost.get(one))
    return Told(half.expected, half.offered, attended, unknown, in_order)


def _add(lost: dict[Reason, Fraction], reason: Reason, hours: Fraction) -> None:
    lost[reason] = lost.get(reason, ZERO) + hours


def _there(half: Half, letter: str) -> bool:
    """Whether the mark says that the child had what was offered; part-time outside the pattern takes nothing of the week's hours."""
    return letter in reasons.PRESENT or (half.outside and letter == reasons.PART_TIME)


def ledger(found: Iterable[Day]) -> Ledger:
    """The sums over school days."""
    counted = Counter(half for day in found for half in day.halves)
    hours: dict[str, Amount] = {}
    for half, times in counted.items():
        for name, amount in half.parts:
            more = amount.times(times)
            hours[name] = hours[name] + more if name in hours else more
    lost = {reason: hours[reason] for reason in LOST if reason in hours}
    return Ledger(*(hours.get(name, NONE) for name in ("expected", "offered", "attended", "unknown")), lost)


@dataclass(frozen=True)
class Gap:
    """School days in a row on which something was lost for one reason. ``last`` is the last such day."""

    first: date
    last: date
    reason: Reason
    amount: Amount


def gaps(found: Iterable[Day]) -> list[Gap]:
    """Every gap, the newest first. What is arranged for a time is one gap though the child is at school on some of its days."""
    runs: dict[Reason, list[tuple[Gap, int]]] = {reason: [] for reason in Reason}
    for number, day in enumerate(found):
        for reason, amount in ledger([day]).by_reason.items():
            held = runs[reason]
            near = held and (
                number - held[-1][1] == 1 or (reason in reasons.ARRANGED and (day.on - held[-1][0].last).days <= 7)
            )
            if near:
                before = held.pop()[0]
                held.append((Gap(before.first, day.on, reason, before.amount + amount), number))
            else:
                held.append((Gap(day.on, day.on, reason, amount), number))
    return sorted(
        (gap for held in runs.values() for gap, _ in held), key=lambda one: (-one.first.toordinal(), one.reason)
    )
