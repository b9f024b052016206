"""The register's codes: what each means, how it counts, when it may be used, and the one letter it is stored under.

How a code counts is written in ``attendance/data/codes.csv`` and nowhere else; queries get the letters of each class from here.
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from attendance.enums import ABSENT, ATTENDED, POSSIBLE, CodeClass
from virtualschool.rulebook.schoolyear import words

_LIST = Path(__file__).resolve().parent / "data" / "codes.csv"


@dataclass(frozen=True)
class Code:
    """One code of the register. Its dates are half-open: ``valid_until`` is the first day it may not be used."""

    code: str
    stored: str
    meaning: str
    kind: CodeClass
    unexplained: bool = False
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def possible(self) -> bool:
        """Whether the session counts among those the child could have attended."""
        return self.kind in POSSIBLE

    @property
    def attended(self) -> bool:
        return self.kind in ATTENDED

    @property
    def absent(self) -> bool:
        return self.kind in ABSENT

    def withdrawn_on(self, on: date) -> bool:
        """Whether the code was no longer in use on the day."""
        return self.valid_until is not None and on >= self.valid_until

    def unknown_on(self, on: date) -> bool:
        """Whether the code did not exist yet on the day."""
        return self.valid_from is not None and on < self.valid_from


def _read() -> dict[str, Code]:
    with _LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["code"]: Code(
            row["code"],
            row["stored"],
            row["meaning"],
            CodeClass(row["class"]),
            row["unexplained"] == "yes",
            _day(row["valid_from"]),
            _day(row["valid_until"]),
        )
        for row in rows
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


CODES = _read()
BY_LETTER = {code.stored: code for code in CODES.values()}


def _letters(*kinds: CodeClass) -> str:
    return "".join(code.stored for code in CODES.values() if code.kind in kinds)


# The stored letters of each kind, as queries ask for them.
POSSIBLE_LETTERS = _letters(*POSSIBLE)
ATTENDED_LETTERS = _letters(*ATTENDED)
ABSENT_LETTERS = _letters(*ABSENT)
AUTHORISED_LETTERS = _letters(CodeClass.AUTHORISED)
UNAUTHORISED_LETTERS = _letters(CodeClass.UNAUTHORISED)
UNEXPLAINED_LETTERS = "".join(code.stored for code in CODES.values() if code.unexplained)


def problem(code: str, on: date) -> str:
    """Why a session of that day cannot have this code; empty when it can."""
    known = CODES.get(code)
    if known is None:
        return "Not a code of the attendance register."
    if known.valid_until is not None and known.withdrawn_on(on):
        return f"This code was withdrawn on {words(known.valid_until)}."
    return ""


def doubt(code: str, on: date) -> str:
    """What is odd about a code that is kept all the same; empty when nothing is."""
    known = CODES[code]
    if known.valid_from is not None and known.unknown_on(on):
        return f"This code came into use on {words(known.valid_from)}; it was kept and counted."
    return ""


def in_use(on: date) -> list[Code]:
    """The codes that a register may hold for a session of that day, in the order of the list."""
    return [code for code in CODES.values() if not (code.withdrawn_on(on) or code.unknown_on(on))]
