"""Which days count, against an oracle that knows nothing of the code: Easter by the calendar's own arithmetic."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rulebook.oracle import england_bank_holidays
from virtualschool.rulebook import seeding
from virtualschool.rulebook.calendars import Calendars, Pause, Span, UnknownDay, WorkingDays
from virtualschool.rulebook.enums import Unit

DAY = timedelta(days=1)
URN = "123456"


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


def test_bank_holidays_are_those_of_an_independent_reckoning_for_forty_years() -> None:
    found = seeding.bank_holidays()
    expected = {day for year in range(2000, 2041) for day in england_bank_holidays(year) if day.weekday() < 5}
    assert set(found) == expected


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2023, 5, 8), "Coronation of Charles III"),
        (date(2022, 9, 19), "State Funeral of Queen Elizabeth II"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 3, 26), "Good Friday"),
        (date(2026, 12, 26), "Saturday"),
        (date(2026, 12, 28), "Boxing Day (observed)"),
        (date(2026, 12, 24), ""),
    ],
)
def test_why_a_day_is_no_working_day(cals: Calendars, day: date, reason: str) -> None:
    assert cals.working_days().why_not(day) == reason


def test_a_deadline_over_the_coronation_takes_one_more_day(cals: Calendars) -> None:
    count = cals.working_days().add(date(2023, 4, 28), 5)
    assert count.due_on == date(2023, 5, 9)
    assert [day for day, reason in count.skipped if reason not in ("Saturday", "Sunday")] == [
        date(2023, 5, 1),
        date(2023, 5, 8),
    ]


@given(st.dates(date(2001, 1, 1), date(2038, 12, 31)), st.integers(0, 60))
def test_working_days_agree_with_a_list_of_all_days(cals: Calendars, start: date, count: int) -> None:
    closed = {day for year in range(start.year - 1, start.year + 3) for day in england_bank_holidays(year)}
    open_days = [day for day in days(start + DAY, start + 120 * DAY) if day.weekday() < 5 and day not in closed]
    assert cals.working_days().add(start, count).due_on == [start, *open_days][count]


@given(st.dates(date(2001, 1, 1), date(2038, 12, 31)), st.integers(1, 60))
def test_every_day_up_to_the_due_date_is_counted_or_explained(cals: Calendars, start: date, count: int) -> None:
    found = cals.working_days().add(start, count)
    assert found.due_on is not None
    told = sorted([*found.counted, *(day for day, _ in found.skipped)])
    assert told == days(start + DAY, found.due_on + DAY)
    assert len(found.counted) == count
    assert found.counted[-1] == found.due_on
    assert all(reason for _, reason in found.skipped)


@given(st.dates(date(2001, 1, 1), date(2038, 12, 31)), st.integers(0, 40), st.integers(-3, 3))
def test_overdue_by_one_comparison_is_overdue_by_reckoning(cals: Calendars, start: date, count: int, late: int) -> None:
    working = cals.working_days()
    due = working.add(start, count).due_on
    assert due is not None
    on = due + late * DAY
    latest = working.latest_start(count, due_before=on)
    assert latest is not None
    assert (start <= latest) == (on > due)


def test_no_days_fall_due_on_the_start(cals: Calendars) -> None:
    assert cals.calendar_days().add(date(2026, 11, 14), 0).due_on == date(2026, 11, 14)


def test_counting_back_leaves_out_the_same_days(cals: Calendars) -> None:
    count = cals.working_days().add(date(2027, 1, 5), -3)
    assert (count.due_on, count.counted) == (
        date(2026, 12, 30),
        (date(2027, 1, 4), date(2026, 12, 31), date(2026, 12, 30)),
    )


def test_working_days_beyond_the_loaded_years_are_unknown() -> None:
    working = WorkingDays({date(2026, 12, 25): "Christmas Day"})
    assert [working.counts(day) for day in (date(2026, 12, 24), date(2027, 1, 4), date(2027, 1, 2))] == [
        True,
        None,
        False,
    ]
    count = working.add(date(2026, 12, 30), 3)
    assert (count.due_on, count.stopped) == (None, "bank holidays of 2027 are not loaded")
    assert count.counted == (date(2026, 12, 31),)
    assert working.latest_start(30, due_before=date(2026, 1, 10)) is None


TERM_2026 = [
    (date(2026, 9, 1), date(2026, 12, 19)),
    (date(2027, 1, 4), date(2027, 3, 26)),
    (date(2027, 4, 12), date(2027, 7, 22)),
]
HALF_TERMS_2026 = [
    (date(2026, 10, 26), date(2026, 10, 31)),
    (date(2027, 2, 15), date(2027, 2, 20)),
    (date(2027, 5, 31), date(2027, 6, 5)),
]


def test_school_days_of_a_whole_year_agree_with_plain_intervals(cals: Calendars) -> None:
    school = cals.school_days()
    closed = england_bank_holidays(2026) | england_bank_holidays(2027)
    expected = [
        day
        for day in days(date(2026, 9, 1), date(2027, 9, 1))
        if any(start <= day < end for start, end in TERM_2026)
        and not any(start <= day < end for start, end in HALF_TERMS_2026)
        and day.weekday() < 5
        and day not in closed
    ]
    assert [day for day in days(date(2026, 9, 1), date(2027, 9, 1)) if school.counts(day)] == expected
    assert len(expected) == 195


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 10, 28), "Half-term"),
        (date(2026, 12, 22), "Christmas holiday"),
        (date(2027, 3, 31), "Easter holiday"),
        (date(2027, 5, 3), "May Day"),
        (date(2027, 8, 10), "Summer holiday"),
        (date(2026, 8, 28), "Summer holiday"),
        (date(2026, 11, 14), "Saturday"),
        (date(2026, 11, 10), ""),
    ],
)
def test_why_a_day_is_no_school_day(cals: Calendars, day: date, reason: str) -> None:
    assert cals.school_days().why_not(day) == reason


def test_a_child_who_comes_on_18_july_is_due_at_other_times_by_other_calendars(cals: Calendars) -> None:
    start = date(2025, 7, 18)
    assert cals.working_days().add(start, 10).due_on == date(2025, 8, 1)
    school = cals.school_days().add(start, 10)
    assert school.due_on == date(2025, 9, 10)
    assert school.counted[:3] == (date(2025, 7, 21), date(2025, 7, 22), date(2025, 9, 1))
    assert cals.calendar_days().add(start, 10).due_on == date(2025, 7, 28)


def test_school_days_beyond_the_loaded_terms_are_unknown_and_stop_the_count(cals: Calendars) -> None:
    school = cals.school_days()
    known = [school.counts(day) for day in (date(2028, 7, 21), date(2028, 8, 29), date(2028, 9, 4), date(2028, 9, 2))]
    assert known == [True, False, None, False]
    count = school.add(date(2028, 7, 20), 3)
    assert (count.due_on, count.counted) == (None, (date(2028, 7, 21),))
    assert (
        count.stopped == "school terms around 1 September 2028 are not loaded (school days by the council's term dates)"
    )
    with pytest.raises(UnknownDay, match="1 September 2028: school terms"):
        school.why_not(date(2028, 9, 1))


def test_before_the_first_loaded_term_only_that_september_is_known(cals: Calendars) -> None:
    school = cals.school_days()
    assert [school.counts(day) for day in (date(2022, 8, 30), date(2022, 9, 2), date(2022, 9, 5))] == [
        None,
        False,
        True,
    ]


def a_gap() -> Calendars:
    """Autumn 2026 and summer 2027 are loaded and the spring between them is not."""
    loaded = [
        Span(date(2026, 9, 1), date(2026, 12, 19), "Autumn", (2026, "autumn")),
        Span(date(2027, 4, 12), date(2027, 7, 22), "Summer", (2026, "summer")),
    ]
    return Calendars(seeding.bank_holidays(), {"": loaded}, {})


def test_a_gap_between_loaded_terms_is_unknown_and_no_holiday() -> None:
    school = a_gap().school_days()
    assert [school.counts(day) for day in (date(2026, 12, 18), date(2027, 2, 2), date(2027, 4, 12))] == [
        True,
        None,
        True,
    ]


def with_a_school(cals: Calendars, *, terms: bool) -> Calendars:
    own = [
        Span(date(2026, 9, 3), date(2026, 12, 17), "Autumn", (2026, "autumn")),
        Span(date(2027, 1, 6), date(2027, 3, 25), "Spring", (2026, "spring")),
        Span(date(2027, 4, 13), date(2027, 7, 24), "Summer", (2026, "summer")),
    ]
    closures = {**cals.closures, URN: [Span(date(2026, 11, 20), date(2026, 11, 21), "Staff training")]}
    return Calendars(cals.holidays, {**cals.terms, URN: own} if terms else cals.terms, closures)


def test_a_schools_own_terms_stand_instead_of_the_councils(cals: Calendars) -> None:
    school = with_a_school(cals, terms=True).school_days(URN)
    assert school.words == "school days by the term dates of school 123456"
    assert school.why_not(date(2026, 9, 2)) == "Summer holiday"
    assert school.why_not(date(2026, 10, 28)) == ""
    assert school.why_not(date(2026, 11, 20)) == "Staff training"
    assert school.why_not(date(2027, 7, 23)) == ""


def test_other_years_of_that_school_go_by_the_councils_terms(cals: Calendars) -> None:
    school = with_a_school(cals, terms=True).school_days(URN)
    assert school.why_not(date(2025, 10, 28)) == "Half-term"


def test_a_school_without_its_own_terms_goes_by_the_councils_and_says_so(cals: Calendars) -> None:
    school = with_a_school(cals, terms=False).school_days(URN)
    assert school.words == (
        "school days by the council's term dates and the school's own closures, because school 123456 has not given its own terms"
    )
    assert [school.why_not(day) for day in (date(2026, 11, 20), date(2026, 10, 28))] == ["Staff training", "Half-term"]
    other = with_a_school(cals, terms=False).school_days("999999")
    assert other.words == "school days by the council's term dates, because school 999999 has not given its own terms"
    assert other.why_not(date(2026, 11, 20)) == ""


def test_paused_days_are_not_counted_and_say_why(cals: Calendars) -> None:
    pause = Pause(date(2026, 11, 11), date(2026, 11, 13), "Child missing")
    count = cals.working_days().add(date(2026, 11, 10), 2, [pause])
    assert count.due_on == date(2026, 11, 16)
    assert count.skipped[:2] == (
        (date(2026, 11, 11), "Paused: Child missing"),
        (date(2026, 11, 12), "Paused: Child missing"),
    )


def test_a_pause_without_an_end_leaves_the_due_date_open(cals: Calendars) -> None:
    count = cals.working_days().add(date(2026, 11, 10), 2, [Pause(date(2026, 11, 12), None, "Waiting for the court")])
    assert (count.due_on, count.counted) == (None, (date(2026, 11, 11),))
    assert count.stopped == "the clock stands still from 12 November 2026: Waiting for the court"


def test_each_clock_unit_has_its_calendar(cals: Calendars) -> None:
    units = [Unit.WORKING_DAYS, Unit.SCHOOL_DAYS, Unit.CALENDAR_DAYS, Unit.WEEKS, Unit.MONTHS]
    found = [cals.for_unit(unit).unit for unit in units]
    assert found == [Unit.WORKING_DAYS, Unit.SCHOOL_DAYS, *[Unit.CALENDAR_DAYS] * 3]
    with pytest.raises(ValueError, match="Nothing is counted in"):
        cals.for_unit(Unit.PENCE)


def test_terms_by_date_and_by_name_are_the_same(cals: Calendars) -> None:
    for year in range(2020, 2032):
        for name in ("autumn", "spring", "summer"):
            term = cals.term(year, name)
            assert term.key == (year, name)
            assert cals.term_of(term.start) == term
    assert cals.term(2026, "spring").assumed is False
    assert cals.term(2030, "spring").assumed is True
