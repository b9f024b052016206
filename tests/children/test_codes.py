"""Codes, numbers, names of files and hidden figures: pure functions."""

from datetime import date

import pytest

from children import codes, upn
from children.figures import suppressed


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"legal_status": True}, "L"),
        ({"placement": True}, "P"),
        ({"placement": True, "same_carer": True}, "T"),
        ({"placement": True, "legal_status": True}, "B"),
        ({"placement": True, "legal_status": True, "same_carer": True}, "U"),
    ],
)
def test_an_episode_says_what_changed(changed, code):
    assert codes.reason_new(**changed) == code


def test_an_episode_without_a_change_is_none():
    with pytest.raises(ValueError, match="something changed"):
        codes.reason_new(same_carer=True)


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("L", "P", "B"),
        ("P", "L", "B"),
        ("L", "T", "U"),
        ("T", "P", "P"),
        ("B", "L", "B"),
        ("S", "P", "S"),
        ("L", "L", "L"),
    ],
)
def test_two_changes_on_a_day_are_one_episode(first, second, both):
    assert codes.together(first, second) == both


@pytest.mark.parametrize("number", ["H801200001001", "G80120000101A", "h801 200001001"])
def test_the_check_letter_fits(number):
    assert upn.check_letter(upn.normal(number)[1:]) == upn.normal(number)[0]


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", ""),
        ("UN4", ""),
        ("H801200001001", ""),
        ("G80120000101A", "This is a temporary UPN."),
        ("Z801200001001", "The check letter should be H."),
        ("H80120000100", "A UPN is a letter, eleven digits, and a digit or letter."),
        ("H80120000100O", "A UPN is a letter, eleven digits, and a digit or letter."),
        ("H٨01200001001", "A UPN is a letter, eleven digits, and a digit or letter."),
    ],
)
def test_a_doubtful_number_is_told(number, problem):
    assert upn.problem(number) == problem


@pytest.mark.parametrize(
    ("on", "year"),
    [(date(2026, 3, 31), 2026), (date(2026, 4, 1), 2027), (date(2026, 11, 10), 2027), (date(2026, 1, 1), 2026)],
)
def test_a_return_is_named_by_the_year_it_ends_in(on, year):
    assert codes.collection_year(on) == year


# ---------------------------------------------------------------- small numbers

WHOLE = "The whole council"


def counts(*pairs, out_of=None):
    """Rows of one measure, from (area, count)."""
    same = {"cohort": "social_worker", "measure": "Suspended", "on": date(2026, 10, 1), "source": ""}
    return [same | {"area": area, "count": count, "out_of": out_of} for area, count in pairs]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ([(WHOLE, 60), ("North", 30), ("South", 30)], [60, 30, 30]),
        ([("North", 5)], [None]),
        ([("North", 6)], [6]),
        ([("North", 0)], [0]),
        ([(WHOLE, 60), ("North", 4), ("South", 20), ("West", 36)], [60, None, None, 36]),
        ([(WHOLE, 60), ("North", 4), ("South", 3), ("West", 53)], [60, None, None, 53]),
        ([("North", 4), ("South", 0), ("West", 50)], [None, None, 50]),
    ],
)
def test_small_counts_are_hidden_and_cannot_be_worked_out(given, shown):
    assert [row.count for row in suppressed(counts(*given), 6)] == shown


def test_a_count_that_leaves_few_is_hidden_with_its_whole():
    (row,) = suppressed(counts(("North", 197), out_of=200), 6)
    assert (row.count, row.out_of, row.hidden) == (None, None, True)


def test_all_of_them_tells_of_nobody_else():
    (row,) = suppressed(counts(("North", 200), out_of=200), 6)
    assert (row.count, row.out_of) == (200, 200)


def test_each_day_and_measure_stands_by_itself():
    rows = counts(("North", 4), ("South", 30)) + [row | {"on": date(2026, 9, 1)} for row in counts(("North", 40))]
    assert [row.count for row in suppressed(rows, 6)] == [None, None, 40]
