"""What a rule's value may be, and how people write it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtualschool.rulebook import shipped
from virtualschool.rulebook.shapes import Shape, WrongShape

SIGNAL = Shape("fields", fields={"on": "flag", "at_least": "int", "months": "int"})
HOURS = Shape("map", of="number", at_least=1, at_most=40)
DAYS = Shape("map", of="int", at_least=-1, at_most=20)
ROLES = Shape("texts", choices=("ala", "carer"))


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Shape("int"), " 10 ", 10),
        (Shape("int"), "-3", -3),
        (HOURS, "1: 21\n3: 23.5", {"1": 21, "3": 23.5}),
        (Shape("flag"), "Yes", True),
        (Shape("flag"), "no", False),
        (Shape("choice", choices=("rearrange", "allow")), "allow", "allow"),
        (Shape("text"), "Some words", "Some words"),
        (ROLES, "ala\n\n carer ", ["ala", "carer"]),
        (ROLES, "", []),
        (Shape("ints"), "6\n11", [6, 11]),
        (Shape("month_day"), "02-29", "02-29"),
        (DAYS, "L2: 10\nV3: -1", {"L2": 10, "V3": -1}),
        (DAYS, "", {}),
        (Shape("map", of="texts"), "6: ala, carer", {"6": ["ala", "carer"]}),
        (SIGNAL, "on: no\nat_least: 3\nmonths: 12", {"on": False, "at_least": 3, "months": 12}),
    ],
)
def test_a_value_is_read_as_people_write_it(shape: Shape, text: str, value: Any) -> None:
    assert shape.read(text) == value


@pytest.mark.parametrize(
    ("shape", "text", "message"),
    [
        (Shape("int"), "ten", "Must be a whole number"),
        (Shape("int"), "٣", "Must be a whole number"),
        (Shape("int"), "9999999999999999", "Must be a whole number"),
        (Shape("int"), "99999999999", "Must be a smaller number"),
        (Shape("int", at_least=1), "0", "Must be 1 or more"),
        (Shape("int", at_most=20), "21", "Must be 20 or less"),
        (HOURS, "1: 23.55", "Must be a number, with one decimal place at most"),
        (HOURS, "1: ²", "Must be a number, with one decimal place at most"),
        (HOURS, "1: 0.5", "Must be 1 or more"),
        (Shape("number"), "4294967296", "Must be a smaller number"),
        (Shape("flag"), "maybe", "Must be yes or no"),
        (Shape("choice", choices=("a", "b")), "c", "Must be one of: a, b"),
        (Shape("text"), " ", "Must be some words, 300 characters at most"),
        (ROLES, "ala\nala", "Must not name the same entry twice"),
        (ROLES, "king", "king is not one of: ala, carer"),
        (Shape("month_day"), "31-03", "Must be a month and a day, such as 03-31"),
        (Shape("month_day"), "02-30", "02-30 is no day of the year"),
        (Shape("month_day"), "06-31", "06-31 is no day of the year"),
        (DAYS, "L2 10", "Write each line once, as a name, a colon and a value: L2 10"),
        (DAYS, "L2: 1\nL2: 2", "Write each line once, as a name, a colon and a value: L2: 2"),
        (DAYS, "L2: 21", "Must be 20 or less"),
        (DAYS, "two words: 1", "two words is not a name of letters, numbers, full stops, hyphens and underscores"),
        (SIGNAL, "on: yes", "Must give exactly these: on, at_least, months"),
        (SIGNAL, "on: yes\nat_least: -1\nmonths: 12", "at_least: must be 0 or more"),
    ],
)
def test_a_value_of_the_wrong_shape_is_told_apart(shape: Shape, text: str, message: str) -> None:
    with pytest.raises(WrongShape) as wrong:
        shape.read(text)
    assert str(wrong.value) == message


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Shape("int"), True),
        (Shape("int"), 1.5),
        (Shape("int"), "1"),
        (Shape("number"), 1.25),
        (Shape("number"), True),
        (Shape("number"), float("nan")),
        (Shape("number"), float("inf")),
        (Shape("flag"), 1),
        (Shape("choice", choices=("a",)), ["a"]),
        (Shape("text"), 5),
        (Shape("text"), "x" * 301),
        (Shape("texts"), "ala"),
        (Shape("texts"), [1]),
        (Shape("texts"), [str(n) for n in range(101)]),
        (Shape("ints"), [True]),
        (DAYS, []),
        (DAYS, {"L2": "10"}),
        (DAYS, {str(n): 1 for n in range(101)}),
        (SIGNAL, {"on": 1, "at_least": 3, "months": 12}),
        (SIGNAL, None),
    ],
)
def test_a_value_of_another_type_is_refused(shape: Shape, value: Any) -> None:
    with pytest.raises(WrongShape):
        shape.check(value)


@pytest.mark.parametrize("key", list(shipped.definitions()))
def test_every_shipped_value_fits_its_shape_and_survives_a_form(key: str) -> None:
    definition = shipped.definition(key)
    for version in definition.versions:
        assert definition.shape.read(definition.shape.write(version.value)) == version.value


@given(st.dictionaries(st.from_regex(r"[A-Z][0-9]", fullmatch=True), st.integers(-1, 20), max_size=9))
def test_a_map_survives_being_written_and_read(value: dict[str, int]) -> None:
    assert DAYS.read(DAYS.write(value)) == value


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader(text: str) -> None:
    for shape in (Shape("int"), Shape("month_day"), DAYS, HOURS, SIGNAL, ROLES, Shape("map", of="texts")):
        try:
            value = shape.read(text)
        except WrongShape:
            continue
        assert shape.check(value) == value
