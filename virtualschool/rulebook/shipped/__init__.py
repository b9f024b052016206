"""What ships: every rule's definition and first values, and an example of a council's term dates.

A definition says what a rule is (words, unit, shape, bounds); its values are dated rows in the database. A definition
may ship without a value for a period that nobody has confirmed; its `missing` says so.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from virtualschool.rulebook.enums import Kind, TermName, Unit, Use
from virtualschool.rulebook.shapes import Shape

HERE = Path(__file__).parent
BEGINNING = date(2000, 1, 1)  # "always": before anything that this system can hold
FIRST_HOLIDAY_YEAR, LAST_HOLIDAY_YEAR = 2000, 2040


@dataclass(frozen=True)
class Version:
    """One shipped value for [start, end)."""

    value: Any
    source: str
    confidence: str
    start: date = BEGINNING
    end: date | None = None


@dataclass(frozen=True)
class Definition:
    """What a rule is, whatever its value. `yearly`: each value holds for one financial year and no longer.

    `configurable`: no law or design fixes it. `changeable`: besides, something asks for it, so that a change does something.
    """

    key: str
    words: str
    unit: Unit
    kind: Kind
    shape: Shape
    configurable: bool
    use: Use
    yearly: bool
    missing: str
    help: str
    versions: tuple[Version, ...] = field(repr=False)

    @property
    def changeable(self) -> bool:
        return self.configurable and self.use == Use.READ

    @property
    def group(self) -> str:
        return groups().get(self.key.split(".")[0], "Other")


@dataclass(frozen=True)
class Dates:
    """One term or closure of the example year, as [start, end)."""

    academic_year: int
    name: str
    start: date
    end: date


@cache
def _book() -> dict[str, Any]:
    with (HERE / "rules.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _terms() -> dict[str, Any]:
    with (HERE / "terms.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def groups() -> Mapping[str, str]:
    """First part of a key -> heading, in the order of the page."""
    return dict(_book()["groups"])


@cache
def definitions() -> Mapping[str, Definition]:
    """Every rule there is, by key, in the order of the file."""
    rows = [_definition(row, _book()["sources"]) for row in _book()["rule"]]
    return {row.key: row for row in rows}


def definition(key: str) -> Definition:
    """The definition of a key; KeyError for a key that no definition has."""
    return definitions()[key]


def _definition(row: dict[str, Any], sources: dict[str, str]) -> Definition:
    shape = Shape(
        row["shape"],
        of=row.get("of", ""),
        at_least=row.get("at_least"),
        at_most=row.get("at_most"),
        choices=tuple(row.get("choices", ())),
        fields=row.get("fields", {}),
        options={name: tuple(words) for name, words in row.get("options", {}).items()},
    )
    return Definition(
        key=row["key"],
        words=row["words"],
        unit=Unit(row.get("unit", "")),
        kind=Kind(row["kind"]),
        shape=shape,
        configurable=row.get("configurable", True),
        use=Use(row.get("use", Use.READ)),
        yearly=row.get("yearly", False),
        missing=row.get("missing", ""),
        help=row.get("help", ""),
        versions=tuple(_version(row | version, sources) for version in row.get("versions", [row])),
    )


def _version(row: dict[str, Any], sources: dict[str, str]) -> Version:
    return Version(
        value=row["value"],
        source=row["source"].format_map(sources),
        confidence=row.get("confidence", ""),
        start=row.get("from", BEGINNING),
        end=row.get("to"),
    )


@cache
def example_terms() -> tuple[tuple[Dates, ...], tuple[Dates, ...]]:
    """Terms and half-terms of a made-up council, by `terms.toml`: a stand-in until the council's own are loaded."""
    years = _terms()["year"]
    terms = [Dates(row["year"], name.value, *row[name.value]) for row in years for name in TermName]
    breaks = [Dates(row["year"], "Half-term", *days) for row in years for days in row["half_terms"]]
    return tuple(terms), tuple(breaks)


@cache
def example_source() -> str:
    """What the example dates say of themselves."""
    return str(_terms()["source"])
