"""Pupil, school and learner numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from children import identifiers, upn

DIGITS = st.text(alphabet="0123456789", min_size=11, max_size=11)
LAST = st.sampled_from("0123456789" + upn.ALPHABET)


@given(DIGITS, LAST)
def test_a_number_with_its_own_check_letter_is_not_doubted(digits, last):
    number = upn.check_letter(digits + last) + digits + last

    assert upn.problem(number) == ("This is a temporary UPN." if last.isalpha() else "")


@given(DIGITS, LAST, st.sampled_from(upn.ALPHABET))
def test_any_other_letter_is_told_with_the_right_one(digits, last, letter):
    expected = upn.check_letter(digits + last)

    if letter != expected:
        assert upn.problem(letter + digits + last) == f"The check letter should be {expected}."


@given(DIGITS, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits, place, added):
    number = upn.check_letter(digits + "0") + digits + "0"
    wrong = list(number)
    wrong[place + 1] = str((int(wrong[place + 1]) + added) % 10)

    assert upn.problem("".join(wrong)).startswith("The check letter should be ")


@pytest.mark.parametrize("number", ["H801200001001", "B302401216001", "U302401214002", "h8012 0000 1001", "", "UN1"])
def test_known_numbers_are_not_doubted(number):
    assert upn.problem(number) == ""


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("Z801200001001", "The check letter should be H."),
        ("G80120000101A", "This is a temporary UPN."),
        ("H80120000100", "A UPN is a letter, eleven digits, and a digit or letter."),
        ("H80120000100O", "A UPN is a letter, eleven digits, and a digit or letter."),
        ("8801200001001", "A UPN is a letter, eleven digits, and a digit or letter."),
    ],
)
def test_a_doubted_number_says_why(number, problem):
    assert upn.problem(number) == problem


@pytest.mark.parametrize(
    ("urn", "problem"),
    [
        ("130000", ""),
        ("030000", "A URN is six digits."),
        ("13000", "A URN is six digits."),
        ("²30000", "A URN is six digits."),
    ],
)
def test_school_numbers(urn, problem):
    assert identifiers.urn_problem(urn) == problem


@pytest.mark.parametrize(
    ("urn", "sound"),
    [("", True), ("SC012345", True), ("1234567", True), ("XXXXXXX", True), ("SCX", False), ("12", False)],
)
def test_numbers_of_homes_and_agencies(urn, sound):
    assert (identifiers.ofsted_urn_problem(urn) == "") is sound


@pytest.mark.parametrize(
    ("uln", "problem"),
    [
        ("", ""),
        ("1000000000", ""),
        ("1000000001", "The last digit of the ULN does not fit the others."),
        ("123", "A ULN is ten digits."),
    ],
)
def test_learner_numbers(uln, problem):
    assert identifiers.uln_problem(uln) == problem
