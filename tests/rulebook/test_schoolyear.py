"""School years, terms and birthdays, against worked examples and against a slower way of saying the same."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtualschool.rulebook import schoolyear
from virtualschool.rulebook.enums import TermName

BORN = st.dates(date(1995, 1, 1), date(2030, 12, 31))
DAYS = st.dates(date(2005, 1, 1), date(2045, 12, 31))


@pytest.mark.parametrize(
    ("on", "year"),
    [(date(2025, 8, 31), 2024), (date(2025, 9, 1), 2025), (date(2026, 1, 1), 2025), (date(2026, 12, 31), 2026)],
)
def test_academic_year_starts_on_the_first_of_september(on: date, year: int) -> None:
    assert schoolyear.academic_year(on) == year


def test_an_academic_year_is_written_with_two_years() -> None:
    assert [schoolyear.year_words(year) for year in (2025, 1999, 2009)] == ["2025/26", "1999/00", "2009/10"]


@pytest.mark.parametrize(
    ("start", "years", "expected"),
    [
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 16, date(2024, 2, 29)),
        (date(2008, 2, 28), 1, date(2009, 2, 28)),
        (date(2023, 3, 1), 1, date(2024, 3, 1)),
        (date(2024, 2, 29), -1, date(2023, 3, 1)),
    ],
)
def test_an_anniversary_of_a_leap_day_is_the_first_of_march(start: date, years: int, expected: date) -> None:
    assert schoolyear.anniversary(start, years) == expected


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 31), 6, date(2026, 11, 30)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(start: date, months: int, expected: date) -> None:
    assert schoolyear.add_months(start, months) == expected


def test_a_child_turns_eighteen_on_the_birthday_and_not_before() -> None:
    born = date(2008, 11, 10)
    assert [schoolyear.age(born, on) for on in (date(2026, 11, 9), date(2026, 11, 10))] == [17, 18]
    assert schoolyear.age(date(2026, 11, 10), date(2026, 11, 1)) == -1


@pytest.mark.parametrize(
    ("born", "on", "year"),
    [
        (date(2014, 9, 1), date(2025, 11, 1), 6),
        (date(2014, 8, 31), date(2025, 11, 1), 7),
        (date(2014, 8, 31), date(2025, 8, 31), 6),
        (date(2014, 8, 31), date(2025, 9, 1), 7),
        (date(2021, 8, 31), date(2025, 11, 1), 0),
        (date(2021, 9, 1), date(2025, 11, 1), -1),
        (date(2008, 2, 29), date(2023, 11, 1), 11),
        (date(2005, 1, 1), date(2025, 11, 1), 16),
    ],
)
def test_curriculum_year_is_the_age_on_the_last_day_of_august_less_four(born: date, on: date, year: int) -> None:
    assert schoolyear.curriculum_year(born, on) == year


@given(BORN, DAYS)
def test_children_born_in_one_school_year_are_taught_together(born: date, on: date) -> None:
    """A child starts Reception in the September after the fourth birthday, counted by school years."""
    born_in = born.year if born >= date(born.year, 9, 1) else born.year - 1
    year = on.year if on >= date(on.year, 9, 1) else on.year - 1
    assert schoolyear.curriculum_year(born, on) == year - born_in - 5


@pytest.mark.parametrize(
    ("year", "words", "stage", "phase"),
    [
        (-3, "Early years", "EYFS", "E"),
        (-1, "Nursery", "EYFS", "E"),
        (0, "Reception", "EYFS", "P"),
        (1, "Year 1", "KS1", "P"),
        (2, "Year 2", "KS1", "P"),
        (3, "Year 3", "KS2", "P"),
        (6, "Year 6", "KS2", "P"),
        (7, "Year 7", "KS3", "S"),
        (9, "Year 9", "KS3", "S"),
        (10, "Year 10", "KS4", "S"),
        (11, "Year 11", "KS4", "S"),
        (12, "Year 12", "KS5", "16"),
        (13, "Year 13", "KS5", "16"),
        (14, "Post-18", "", "16"),
    ],
)
def test_each_year_has_its_words_key_stage_and_phase(year: int, words: str, stage: str, phase: str) -> None:
    found = schoolyear.curriculum_year_words(year), schoolyear.key_stage(year), schoolyear.phase(year)
    assert found == (words, stage, phase)


@pytest.mark.parametrize(
    ("born", "leaves"),
    [
        (date(2007, 9, 23), date(2024, 6, 28)),
        (date(2008, 8, 31), date(2024, 6, 28)),
        (date(2008, 9, 1), date(2025, 6, 27)),
        (date(2008, 7, 15), date(2024, 6, 28)),
    ],
)
def test_a_young_person_leaves_on_the_last_friday_in_june(born: date, leaves: date) -> None:
    assert schoolyear.school_leaving(born) == leaves


@given(BORN, DAYS)
def test_of_school_age_is_from_reception_to_the_leaving_day(born: date, on: date) -> None:
    first, last = schoolyear.births_of_school_age(on)
    started = schoolyear.curriculum_year(born, on) >= schoolyear.RECEPTION
    assert (first <= born <= last) == (started and on <= schoolyear.school_leaving(born))


@given(BORN)
def test_the_leaving_day_is_a_friday_in_the_last_week_of_june_after_the_sixteenth_year_began(born: date) -> None:
    leaves = schoolyear.school_leaving(born)
    assert (leaves.weekday(), leaves.month, leaves.day >= 24) == (4, 6, True)
    assert schoolyear.curriculum_year(born, leaves) == 11


LOADED = {
    (2026, "autumn"): date(2026, 9, 1),
    (2026, "spring"): date(2027, 1, 4),
    (2026, "summer"): date(2027, 4, 12),
}


@pytest.mark.parametrize(
    ("on", "key", "assumed"),
    [
        (date(2026, 8, 31), (2025, "summer"), True),
        (date(2026, 9, 1), (2026, "autumn"), False),
        (date(2026, 12, 25), (2026, "autumn"), False),
        (date(2027, 1, 3), (2026, "autumn"), False),
        (date(2027, 1, 4), (2026, "spring"), False),
        (date(2027, 4, 11), (2026, "spring"), False),
        (date(2027, 8, 20), (2026, "summer"), False),
        (date(2027, 9, 1), (2027, "autumn"), True),
    ],
)
def test_a_holiday_belongs_to_the_term_before_it(on: date, key: tuple[int, str], assumed: bool) -> None:
    term = schoolyear.term_of(on, LOADED)
    assert (term.key, term.assumed) == (key, assumed)


@given(DAYS)
def test_every_date_has_one_term_and_terms_leave_no_gap(on: date) -> None:
    term = schoolyear.term_of(on, LOADED)
    assert term.start <= on < term.end
    following = schoolyear.term_of(term.end, LOADED)
    assert (following.start, following > term) == (term.end, True)
    assert schoolyear.term_of(term.end - timedelta(days=1), LOADED) == term


def test_a_term_reads_as_people_say_it() -> None:
    term = schoolyear.term_of(date(2026, 11, 10), LOADED)
    assert (str(term), term.name) == ("Autumn term 2026/27", TermName.AUTUMN)
    assert schoolyear.words(term.start) == "1 September 2026"
