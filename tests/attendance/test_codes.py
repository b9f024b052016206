"""The list of codes: complete, each under a letter of its own, in use on the right days."""

from datetime import date

import pytest

from attendance import codes
from attendance.codes import BY_LETTER, CODES
from attendance.enums import CodeClass

BEFORE, AFTER = date(2024, 8, 18), date(2024, 8, 19)
NEW = {"C1", "C2", "J1", "K", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"}
OF_CLASS = {
    "present": "/ \\ L",
    "approved": "B K P V W J",
    "authorised": "C C1 C2 E I J1 M R S T H",
    "unauthorised": "G N O U",
    "not_possible": "D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7 Y",
    "administrative": "Z #",
}


@pytest.mark.parametrize("kind", OF_CLASS)
def test_every_code_is_in_its_class(kind):
    assert {code.code for code in CODES.values() if code.kind == kind} == set(OF_CLASS[kind].split())


def test_every_code_has_one_byte_of_its_own():
    assert len(BY_LETTER) == len(CODES) == 37
    assert all(len(letter.encode()) == 1 for letter in BY_LETTER)


def test_a_possible_session_is_attended_or_missed():
    assert all(
        code.possible == (code.attended or code.absent) and not (code.attended and code.absent)
        for code in CODES.values()
    )
    assert {code.code for code in CODES.values() if code.unexplained} == {"N", "O"}
    assert sorted(codes.POSSIBLE_LETTERS) == sorted(codes.ATTENDED_LETTERS + codes.ABSENT_LETTERS)
    assert sorted(codes.ABSENT_LETTERS) == sorted(codes.AUTHORISED_LETTERS + codes.UNAUTHORISED_LETTERS)


def test_codes_change_on_19_august_2024():
    before, after = ({code.code for code in codes.in_use(on)} for on in (BEFORE, AFTER))
    assert (before - after, after - before) == ({"H", "J", "Y"}, NEW)
    assert CodeClass(CODES["C2"].kind).label == "authorised absence"


@pytest.mark.parametrize("code", ["H", "J", "Y"])
def test_a_withdrawn_code_is_a_problem_from_its_day_on(code):
    assert codes.problem(code, BEFORE) == ""
    assert codes.problem(code, AFTER) == "This code was withdrawn on 19 August 2024."


def test_what_is_no_code_is_a_problem_on_every_day():
    assert {codes.problem(text, AFTER) for text in ("", "-", "A", "//", "c1", "YY")} == {
        "Not a code of the attendance register."
    }


def test_a_code_before_its_time_is_doubted():
    assert codes.doubt("C2", BEFORE) == "This code came into use on 19 August 2024; it was kept and counted."
    assert (codes.doubt("C2", AFTER), codes.doubt("I", BEFORE)) == ("", "")
