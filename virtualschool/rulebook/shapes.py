"""The shapes a rule's value may have: checking one, reading one from a form, writing one for people.

Pure: knows no database and no page. A shape is part of a rule's definition (`shipped/rules.toml`), so a council's
change can alter a value and never its kind: code that reads a list always gets a list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
SHORT_MONTHS = {"02": 29, "04": 30, "06": 30, "09": 30, "11": 30}
CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")


class WrongShape(ValueError):
    """A value that does not fit its rule; the message is for the person who typed it."""


@dataclass(frozen=True)
class Shape:
    """One kind of value. `of` is the kind of each value inside a map; `fields` fixes a map's names and kinds.

    `options` are the words that a named field of a map may hold.
    """

    name: str
    of: str = ""
    at_least: int | None = None
    at_most: int | None = None
    choices: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def check(self, value: Any) -> Any:
        """The value as given, or WrongShape."""
        return CHECKS[self.name](self, value)

    def read(self, text: str) -> Any:
        """What a person typed, checked. A list is one entry a line; a map is one `name: value` a line."""
        return self.check(READERS[self.name](self, text.strip()))

    def write(self, value: Any) -> str:
        """The value as the text that `read` takes back."""
        if self.name in ("texts", "ints"):
            return "\n".join(str(entry) for entry in value)
        if self.name in ("map", "fields"):
            return "\n".join(f"{name}: {_plain(entry)}" for name, entry in value.items())
        return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value)
    return str(value)


def _bounded(shape: Shape, value: float) -> None:
    if shape.at_least is not None and value < shape.at_least:
        raise WrongShape(f"Must be {shape.at_least} or more")
    if shape.at_most is not None and value > shape.at_most:
        raise WrongShape(f"Must be {shape.at_most} or less")


def _int(shape: Shape, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongShape("Must be a whole number")
    if not -(2**31) < value < 2**31:
        raise WrongShape("Must be a smaller number")
    _bounded(shape, value)
    return value


def _number(shape: Shape, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or round(value, 1) != value:
        raise WrongShape("Must be a number, with one decimal place at most")
    if not -(2**31) < value < 2**31:
        raise WrongShape("Must be a smaller number")
    _bounded(shape, value)
    return value


def _flag(shape: Shape, value: Any) -> Any:
    if not isinstance(value, bool):
        raise WrongShape("Must be yes or no")
    return value


def _choice(shape: Shape, value: Any) -> Any:
    if value not in shape.choices:
        raise WrongShape(f"Must be one of: {', '.join(shape.choices)}")
    return value


def _text(shape: Shape, value: Any) -> Any:
    if not isinstance(value, str) or not value.strip() or len(value) > 300:
        raise WrongShape("Must be some words, 300 characters at most")
    return value


def _texts(shape: Shape, value: Any) -> Any:
    _list(value)
    for entry in value:
        _text(shape, entry)
        if shape.choices and entry not in shape.choices:
            raise WrongShape(f"{entry} is not one of: {', '.join(shape.choices)}")
    return value


def _ints(shape: Shape, value: Any) -> Any:
    _list(value)
    for entry in value:
        _int(shape, entry)
    return value


def _list(value: Any) -> None:
    if not isinstance(value, list) or len(value) > 100:
        raise WrongShape("Must be a list of 100 entries at most")
    if len({str(entry) for entry in value}) != len(value):
        raise WrongShape("Must not name the same entry twice")


def _month_day(shape: Shape, value: Any) -> Any:
    if not isinstance(value, str) or not MONTH_DAY.fullmatch(value):
        raise WrongShape("Must be a month and a day, such as 03-31")
    if int(value[3:]) > SHORT_MONTHS.get(value[:2], 31):
        raise WrongShape(f"{value} is no day of the year")
    return value


def _map(shape: Shape, value: Any) -> Any:
    if not isinstance(value, dict) or len(value) > 100:
        raise WrongShape("Must be a list of names, each with a value")
    for name, entry in value.items():
        if not isinstance(name, str) or not CODE.fullmatch(name):
            raise WrongShape(f"{name} is not a name of letters, numbers, full stops, hyphens and underscores")
        CHECKS[shape.of](shape, entry)
    return value


def _fields(shape: Shape, value: Any) -> Any:
    if not isinstance(value, dict) or set(value) != set(shape.fields):
        raise WrongShape(f"Must give exactly these: {', '.join(shape.fields)}")
    for name, kind in shape.fields.items():
        try:
            CHECKS[kind](Shape(kind, at_least=0, choices=shape.options.get(name, ())), value[name])
        except WrongShape as wrong:
            raise WrongShape(f"{name}: {str(wrong).replace('Must', 'must')}") from None
    return value


CHECKS: Mapping[str, Callable[[Shape, Any], Any]] = {
    "int": _int,
    "number": _number,
    "flag": _flag,
    "choice": _choice,
    "text": _text,
    "texts": _texts,
    "ints": _ints,
    "month_day": _month_day,
    "map": _map,
    "fields": _fields,
}


def _read_int(shape: Shape, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        raise WrongShape("Must be a whole number")
    return int(text)


def _read_number(shape: Shape, text: str) -> float:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9])?", text):
        raise WrongShape("Must be a number, with one decimal place at most")
    return float(text) if "." in text else int(text)


def _read_flag(shape: Shape, text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise WrongShape("Must be yes or no")
    return text.lower() == "yes"


def _read_text(shape: Shape, text: str) -> str:
    return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _read_texts(shape: Shape, text: str) -> list[str]:
    return _lines(text)


def _read_ints(shape: Shape, text: str) -> list[int]:
    return [_read_int(shape, line) for line in _lines(text)]


def _read_map(shape: Shape, text: str) -> dict[str, Any]:
    read = {}
    for line in _lines(text):
        name, colon, entry = (part.strip() for part in line.partition(":"))
        kind = shape.fields.get(name, shape.of or "text")
        if not colon or name in read:
            raise WrongShape(f"Write each line once, as a name, a colon and a value: {line}")
        entry = entry.replace(",", "\n") if kind in ("texts", "ints") else entry
        read[name] = READERS[kind](shape, entry)
    return read


READERS: Mapping[str, Callable[[Shape, str], Any]] = {
    "int": _read_int,
    "number": _read_number,
    "flag": _read_flag,
    "choice": _read_text,
    "text": _read_text,
    "texts": _read_texts,
    "ints": _read_ints,
    "month_day": _read_text,
    "map": _read_map,
    "fields": _read_map,
}
