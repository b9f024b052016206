"""Reads the field lists beside it, once a process, and refuses one that does not hold together."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from peps.enums import Owner
from peps.layouts.lines import Line
from peps.layouts.spec import (
    EVERY_KIND,
    EVERY_PHASE,
    EVERY_YEAR,
    ROW,
    Circumstance,
    ColumnSpec,
    FactSpec,
    FieldSpec,
    FieldType,
    Needed,
    PepLayout,
    SectionSpec,
    When,
)
from virtualschool.accounts.roles import ONLY_BY_NAME, FieldGroup

HERE = Path(__file__).parent
CHOOSING = (FieldType.CHOICE, FieldType.CHOICES)
NOT_IN_A_ROW = (FieldType.TABLE, FieldType.OWN_WORDS)


class BadLayout(ValueError):
    """A field list that contradicts itself; says where."""


@cache
def versions() -> dict[str, PepLayout]:
    """Every version, oldest first."""
    layouts = sorted((read(path) for path in HERE.glob("*.toml")), key=lambda layout: layout.starts)
    return {layout.version: layout for layout in layouts}


def of_version(version: str) -> PepLayout:
    """The version a PEP was written in.

    Raises:
        KeyError: when it was never shipped.
    """
    return versions()[version]


def current(on: date) -> PepLayout:
    """The version that a PEP opened on the day is written in; the first one for a day before them all."""
    known = list(versions().values())
    started = [layout for layout in known if layout.starts <= on]
    return started[-1] if started else known[0]


def read(path: Path) -> PepLayout:
    """One file.

    Raises:
        BadLayout: when a key comes twice, names nothing, or asks for what no PEP may hold.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    sections = tuple(_section(row, place) for place, row in enumerate(data["section"], 1))
    front = tuple(_fact(row, "front") for row in data.get("fact", ()))
    layout = PepLayout(data["version"], data["title"], data["starts"], sections, front)
    _refuse_twice([section.key for section in sections], f"{path.name}: section")
    return layout


def _section(row: dict[str, Any], position: int) -> SectionSpec:
    where = row["key"]
    reads = FieldGroup(row["reads"])
    fields = tuple(_field(field, reads, where) for field in row["field"])
    _refuse_twice([field.key for field in fields], f"{where}: field")
    keys = {field.key for field in fields}
    for field in fields:
        for named in (field.unless, field.needed.field if field.needed else ""):
            if named and named not in keys:
                raise BadLayout(f"{where}.{field.key}: there is no field {named!r}")
    return SectionSpec(
        key=where,
        title=row["title"],
        owner=Owner(row["owner"]),
        also=tuple(Owner(owner) for owner in row.get("also", ())),
        when=When(row["when"]),
        reads=reads,
        position=position,
        fields=fields,
        guidance=row.get("guidance", ""),
        mandatory=row.get("mandatory", True),
        circumstance=Circumstance(row.get("circumstance", "")),
        phases=_among(row.get("phases"), EVERY_PHASE, where),
        kinds=_among(row.get("kinds"), EVERY_KIND, where),
        years=_years(row),
        facts=tuple(_fact(fact, where) for fact in row.get("fact", ())),
    )


def _fact(row: dict[str, Any], where: str) -> FactSpec:
    phases = _among(row.get("phases"), EVERY_PHASE, where)
    fact = FactSpec(row["key"], row["label"], FieldGroup(row["reads"]), phases)
    _refuse_guarded(f"{where}.{fact.key}", fact.reads)
    return fact


def _field(row: dict[str, Any], reads: FieldGroup, section: str) -> FieldSpec:
    where = f"{section}.{row['key']}"
    field = FieldSpec(
        key=row["key"],
        label=row["label"],
        type=FieldType(row["type"]),
        reads=FieldGroup(row.get("reads", reads)),
        required=row.get("required", False),
        unless=row.get("unless", ""),
        help=row.get("help", ""),
        example=row.get("example", ""),
        choices=tuple(row.get("choices", ())),
        at_least=row.get("at_least"),
        at_most=row.get("at_most"),
        decimals=row.get("decimals", 0),
        phases=_among(row.get("phases"), EVERY_PHASE, where),
        kinds=_among(row.get("kinds"), EVERY_KIND, where),
        years=_years(row),
        columns=tuple(_column(column, where) for column in row.get("columns", ())),
        rows=tuple(row.get("rows", ())),
        row=row.get("row", "Row"),
        needed=_needed(row),
        starts_with=row.get("starts_with", ""),
    )
    _refuse_guarded(where, field.reads)
    _refuse_choices(where, field)
    if (field.type is FieldType.TABLE) != bool(field.columns):
        raise BadLayout(f"{where}: columns belong to a table")
    _refuse_twice([column.key for column in field.columns], f"{where}: column")
    return field


def _column(row: dict[str, Any], table: str) -> ColumnSpec:
    where = f"{table}.{row['key']}"
    column = ColumnSpec(
        key=row["key"],
        label=row["label"],
        type=FieldType(row["type"]),
        required=row.get("required", False),
        help=row.get("help", ""),
        choices=tuple(row.get("choices", ())),
        at_least=row.get("at_least"),
        at_most=row.get("at_most"),
        decimals=row.get("decimals", 0),
    )
    if column.type in NOT_IN_A_ROW or column.key == ROW:
        raise BadLayout(f"{where}: no column of a table")
    _refuse_choices(where, column)
    return column


def _needed(row: dict[str, Any]) -> Needed | None:
    below = "needed_below" in row
    said = row.get("needed_below") or row.get("needed_from")
    return Needed(said["field"], Line(said["rule"]), below, said["words"]) if said else None


def _years(row: dict[str, Any]) -> frozenset[int]:
    return frozenset(row["years"]) if "years" in row else EVERY_YEAR


def _refuse_guarded(where: str, reads: FieldGroup) -> None:
    if reads in ONLY_BY_NAME:
        raise BadLayout(f"{where}: a PEP holds no {reads.value}")


def _refuse_choices(where: str, asked: FieldSpec | ColumnSpec) -> None:
    if (asked.type in CHOOSING) != bool(asked.choices):
        raise BadLayout(f"{where}: choices belong to a choice")


def _among(given: list[str] | None, known: frozenset[str], where: str) -> frozenset[str]:
    if given is None:
        return known
    if unknown := set(given) - known:
        raise BadLayout(f"{where}: {', '.join(sorted(unknown))} is not known")
    return frozenset(given)


def _refuse_twice(keys: list[str], what: str) -> None:
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise BadLayout(f"{what} {', '.join(sorted(twice))} comes twice")
