"""A school week as ten half days, kept as ten characters from Monday morning to Friday afternoon: 1 where the child is there."""

from collections.abc import Iterable, Mapping

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
HALVES = ("am", "pm")
NOBODY = "0" * 10
WHOLE = "1" * 10


def from_rows(rows: Iterable[Mapping[str, object]]) -> str:
    """From rows as a form gives them: ``{"row": "Monday", "am": True}``; a half day that is not named is not attended."""
    there = {(row["row"], half) for row in rows for half in HALVES if row.get(half)}
    return "".join("1" if (day, half) in there else "0" for day in DAYS for half in HALVES)


def to_rows(pattern: str) -> list[dict[str, object]]:
    """As a form shows them."""
    return [
        {"row": day, **{half: pattern[2 * place + n] == "1" for n, half in enumerate(HALVES)}}
        for place, day in enumerate(DAYS)
    ]


def words(pattern: str) -> str:
    """``Monday, Tuesday morning``; a day without half is a whole one."""
    said = []
    for place, day in enumerate(DAYS):
        morning, afternoon = (half == "1" for half in pattern[2 * place : 2 * place + 2])
        if morning and afternoon:
            said.append(day)
        elif morning or afternoon:
            said.append(f"{day} {'morning' if morning else 'afternoon'}")
    return ", ".join(said) or "no half day"
