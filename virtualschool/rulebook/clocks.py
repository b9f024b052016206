"""Due dates that explain themselves.

A clock is a rule, a start, a calendar and its pauses. Day 0 is the start, day 1 the next counting day. What is due on
a day may be done until its end: it is overdue from the day after. A clock runs under the rule that held when it
started: ask for the rule with `on=started_on`, and a later change does not move it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from virtualschool.rulebook import schoolyear
from virtualschool.rulebook.calendars import Calendar, Calendars, Count, Pause, Skipped
from virtualschool.rulebook.enums import CLOCK_UNITS, Unit
from virtualschool.rulebook.rules import InForce
from virtualschool.rulebook.schoolyear import words
from virtualschool.rulebook.shapes import MONTH_DAY

ONE_DAY = timedelta(days=1)
FIXED = "a day of the year"


class NotAClock(ValueError):
    """The rule is no number of days, weeks or months."""


@dataclass(frozen=True)
class Reckoning:
    """A due date with everything that led to it.

    `due_on` is None when it cannot be known (`unknown` says why): terms not loaded, or a pause that has no end yet.
    `backwards` is True for a day before an event ("3 days before the review").
    """

    rule: InForce
    started_on: date
    due_on: date | None
    calendar: str
    counted: tuple[date, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    pauses: tuple[Pause, ...] = ()
    unknown: str = ""
    backwards: bool = False

    @property
    def fixed(self) -> bool:
        """Whether it is due on a day of the year, and nothing is counted."""
        return is_fixed(self.rule)

    @property
    def unit(self) -> Unit:
        return self.rule.unit

    @property
    def kind_label(self) -> str:
        return self.rule.kind_label

    def overdue(self, on: date) -> bool:
        """True from the day after the due date. What has no known due date is never called overdue: see `unknown`."""
        return self.due_on is not None and on > self.due_on

    def state(self, on: date) -> str:
        """One line: due, due today, overdue, or unknown; always with what binds it."""
        if self.due_on is None:
            return f"Due date not known: {self.unknown}"
        if self.overdue(on):
            return f"Overdue since {words(self.due_on + ONE_DAY)} ({self.kind_label.lower()})"
        when = "today" if on == self.due_on else f"by {words(self.due_on)}"
        return f"Due {when} ({self.kind_label.lower()})"

    def explain(self) -> list[str]:
        """The whole reckoning in sentences, for one page."""
        if self.fixed:
            return [f"{self.rule.words}: {amount(self.rule)}.", *self._bound()]
        return [
            f"{self.rule.words}: {amount(self.rule)} {'before' if self.backwards else 'after'} the start.",
            f"Day 0 is {words(self.started_on)}. {self._day_one()}".strip(),
            f"Counted: {self.calendar}.",
            *self._not_counted(),
            *self._bound(),
        ]

    def _bound(self) -> list[str]:
        """When it is due, and what binds it."""
        in_force = f"In force from {words(self.rule.effective_from)}."
        return [self._result(), f"{self.kind_label}. Source: {self.rule.source}. {in_force}"]

    def _day_one(self) -> str:
        return f"Day 1 is {words(self.counted[0])}." if self.counted else ""

    def _not_counted(self) -> list[str]:
        if not self.skipped:
            return []
        return ["Not counted: " + "; ".join(f"{words(day)} ({reason})" for day, reason in self.skipped) + "."]

    def _result(self) -> str:
        if self.due_on is None:
            return f"The due date is not known: {self.unknown}."
        return f"Due by the end of {words(self.due_on)}; overdue from {words(self.due_on + ONE_DAY)}."


def is_fixed(rule: InForce) -> bool:
    """Whether the rule is a day of the year, such as 15 February, and no length of time."""
    return isinstance(rule.value, str) and MONTH_DAY.fullmatch(rule.value) is not None


def next_fixed(rule: InForce, start: date) -> date:
    """The first such day on or after the start."""
    month, day = (int(part) for part in rule.value.split("-"))
    this_year = date(start.year, month, day)
    return this_year if this_year >= start else date(start.year + 1, month, day)


def amount(rule: InForce) -> str:
    """ "10 working days"; "1 school day"; "15 February"."""
    if is_fixed(rule):
        return words(next_fixed(rule, date(2000, 1, 1))).rpartition(" ")[0]
    unit = str(rule.unit.label)
    return f"{rule.value} {unit[:-1] if rule.value == 1 else unit}"


def reckon(
    rule: InForce, started_on: date, calendars: Calendars, pauses: Sequence[Pause] = (), *, school_urn: str = ""
) -> Reckoning:
    """When what `rule` asks for is due, for something that started on a day. NotAClock for a rule of another kind.

    A rule that is a day of the year is due on the first such day from the start on.
    """
    if is_fixed(rule):
        return Reckoning(rule=rule, started_on=started_on, due_on=next_fixed(rule, started_on), calendar=FIXED)
    return _reckon(rule, started_on, calendars, pauses, school_urn, backwards=False)


def reckon_back(rule: InForce, before: date, calendars: Calendars, *, school_urn: str = "") -> Reckoning:
    """The last day on which something must be there, `rule` before an event such as a meeting."""
    return _reckon(rule, before, calendars, (), school_urn, backwards=True)


def _checked(rule: InForce) -> InForce:
    if (
        rule.unit not in CLOCK_UNITS
        or isinstance(rule.value, bool)
        or not isinstance(rule.value, int)
        or rule.value < 0
    ):
        raise NotAClock(f"{rule.key} is no number of days: {rule.value!r}")
    return rule


def _days(rule: InForce) -> int:
    days: int = rule.value
    return days * 7 if rule.unit == Unit.WEEKS else days


def _reckon(
    rule: InForce, start: date, calendars: Calendars, pauses: Sequence[Pause], urn: str, *, backwards: bool
) -> Reckoning:
    calendar = calendars.for_unit(_checked(rule).unit, urn)
    count = _count(rule, start, calendar, pauses, -1 if backwards else 1)
    return Reckoning(
        rule=rule,
        started_on=start,
        due_on=count.due_on,
        calendar=calendar.words,
        counted=count.counted,
        skipped=count.skipped,
        pauses=tuple(pauses),
        unknown=count.stopped,
        backwards=backwards,
    )


def _count(rule: InForce, start: date, calendar: Calendar, pauses: Sequence[Pause], sign: int) -> Count:
    if rule.unit != Unit.MONTHS:
        return calendar.add(start, sign * _days(rule), pauses)
    end = schoolyear.add_months(start, sign * rule.value)
    return calendar.add(start, (end - start).days, pauses)
