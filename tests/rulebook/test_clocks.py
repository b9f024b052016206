"""Due dates and the sentences that explain them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.factories.rulebook import set_rule
from virtualschool.rulebook import calendars, clocks, rules
from virtualschool.rulebook.calendars import Calendars, Pause
from virtualschool.rulebook.enums import Kind, Unit
from virtualschool.rulebook.rules import InForce

DAY = timedelta(days=1)
Make = Callable[..., InForce]


def test_a_child_who_enters_care_before_christmas(cals: Calendars, rule: Make) -> None:
    into_care = date(2026, 12, 17)
    assert clocks.reckon(rule(10), into_care, cals).due_on == date(2027, 1, 5)
    assert clocks.reckon(rule(20), into_care, cals).due_on == date(2027, 1, 19)


@pytest.mark.parametrize(
    ("value", "unit", "due"),
    [
        (3, Unit.CALENDAR_DAYS, date(2026, 11, 13)),
        (2, Unit.WEEKS, date(2026, 11, 24)),
        (3, Unit.MONTHS, date(2027, 2, 10)),
        (5, Unit.SCHOOL_DAYS, date(2026, 11, 17)),
        (0, Unit.WORKING_DAYS, date(2026, 11, 10)),
    ],
)
def test_every_unit_is_counted_on_its_own_calendar(
    cals: Calendars, rule: Make, value: int, unit: Unit, due: date
) -> None:
    assert clocks.reckon(rule(value, unit), date(2026, 11, 10), cals).due_on == due


def test_months_from_the_end_of_a_month_end_with_a_month(cals: Calendars, rule: Make) -> None:
    assert clocks.reckon(rule(3, Unit.MONTHS), date(2026, 11, 30), cals).due_on == date(2027, 2, 28)


def test_what_is_due_on_a_day_is_overdue_from_the_next(cals: Calendars, rule: Make) -> None:
    clock = clocks.reckon(rule(10, kind=Kind.LAW), date(2026, 12, 17), cals)
    days = [date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 6)]
    assert [clock.overdue(on) for on in days] == [False, False, True]
    assert [clock.state(on) for on in days] == [
        "Due by 5 January 2027 (law or statutory guidance)",
        "Due today (law or statutory guidance)",
        "Overdue since 6 January 2027 (law or statutory guidance)",
    ]


def test_an_explanation_names_every_day_that_was_not_counted(cals: Calendars, rule: Make) -> None:
    clock = clocks.reckon(rule(5, kind=Kind.TARGET), date(2026, 12, 21), cals)
    assert clock.explain() == [
        "Something is done: 5 working days after the start.",
        "Day 0 is 21 December 2026. Day 1 is 22 December 2026.",
        "Counted: Monday to Friday, without bank holidays in England.",
        "Not counted: 25 December 2026 (Christmas Day); 26 December 2026 (Saturday); 27 December 2026 (Sunday); "
        "28 December 2026 (Boxing Day (observed)).",
        "Due by the end of 30 December 2026; overdue from 31 December 2026.",
        "Local target. Source: A made-up policy. In force from 1 January 2000.",
    ]


def test_a_clock_before_an_event_counts_back(cals: Calendars, rule: Make) -> None:
    clock = clocks.reckon_back(rule(3, Unit.CALENDAR_DAYS), date(2026, 11, 20), cals)
    assert (clock.due_on, clock.backwards) == (date(2026, 11, 17), True)
    assert clock.explain()[0] == "Something is done: 3 calendar days before the start."
    assert clocks.reckon_back(rule(2, Unit.WORKING_DAYS), date(2026, 11, 16), cals).due_on == date(2026, 11, 12)


def test_one_day_is_one_day(rule: Make) -> None:
    assert [clocks.amount(rule(n, Unit.SCHOOL_DAYS)) for n in (1, 2)] == ["1 school day", "2 school days"]


def test_a_due_date_that_cannot_be_known_is_never_overdue_and_says_why(cals: Calendars, rule: Make) -> None:
    clock = clocks.reckon(rule(5, Unit.SCHOOL_DAYS), date(2028, 7, 20), cals)
    assert (clock.due_on, clock.overdue(date(2030, 1, 1))) == (None, False)
    why = "school terms around 1 September 2028 are not loaded (school days by the council's term dates)"
    assert clock.state(date(2028, 9, 2)) == f"Due date not known: {why}"
    assert clock.explain()[4] == f"The due date is not known: {why}."


def test_a_pause_moves_the_due_date_by_its_counting_days(cals: Calendars, rule: Make) -> None:
    pause = Pause(date(2026, 11, 12), date(2026, 11, 17), "Hospital")
    clock = clocks.reckon(rule(5), date(2026, 11, 10), cals, [pause])
    assert (clock.due_on, clock.pauses) == (date(2026, 11, 20), (pause,))


def test_a_school_clock_names_the_school_it_counts_by(cals: Calendars, rule: Make) -> None:
    clock = clocks.reckon(rule(5, Unit.SCHOOL_DAYS), date(2026, 11, 10), cals, school_urn="123456")
    assert (
        clock.calendar == "school days by the council's term dates, because school 123456 has not given its own terms"
    )


@pytest.mark.parametrize(
    ("value", "unit"),
    [(10, Unit.PENCE), (True, Unit.WORKING_DAYS), (-1, Unit.WEEKS), (["V3"], Unit.NONE), ("x", Unit.MONTHS)],
)
def test_a_rule_of_another_kind_is_no_clock(cals: Calendars, rule: Make, value: object, unit: Unit) -> None:
    with pytest.raises(clocks.NotAClock, match="made.up is no number of days"):
        clocks.reckon(rule(value, unit), date(2026, 11, 10), cals)


def test_four_years_of_starts_agree_with_a_table_of_working_days(cals: Calendars, rule: Make) -> None:
    """Leap year 2024 included: 1,461 starts, each due on the tenth later entry of one list."""
    first, last = date(2023, 1, 1), date(2027, 1, 1)
    table = [first + n * DAY for n in range(-1, 1600)]
    table = [day for day in table if day.weekday() < 5 and day not in cals.holidays]
    starts = [first + n * DAY for n in range((last - first).days)]
    expected = [[day for day in table if day > start][9] for start in starts]
    assert [clocks.reckon(rule(10), start, cals).due_on for start in starts] == expected
    assert len(starts) == 1461


@pytest.mark.django_db
def test_a_change_of_rule_does_not_move_clocks_that_started_before() -> None:
    set_rule("pep.initial.deadline", 5, from_=date(2026, 9, 1))
    loaded = calendars.load()
    due = [
        clocks.reckon(rules.get("pep.initial.deadline", on=start), start, loaded).due_on
        for start in (date(2026, 8, 31), date(2026, 9, 1))
    ]
    assert due == [date(2026, 9, 14), date(2026, 9, 8)]


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (date(2026, 9, 1), date(2027, 2, 15)),
        (date(2027, 2, 15), date(2027, 2, 15)),
        (date(2027, 2, 16), date(2028, 2, 15)),
    ],
)
def test_a_rule_that_is_a_day_of_the_year_is_due_on_the_first_such_day(
    cals: Calendars, rule: Make, start: date, due: date
) -> None:
    fixed = rule("02-15", Unit.NONE)
    clock = clocks.reckon(fixed, start, cals)
    assert (clock.due_on, clock.fixed, clocks.amount(fixed)) == (due, True, "15 February")
    assert clock.explain()[0].endswith(": 15 February.")
