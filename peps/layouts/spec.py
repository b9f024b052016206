"""What a field list is made of. Nothing here knows of a child."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peps.enums import Owner, PepKind, PepPhase
from peps.layouts.lines import Line, Lines
from virtualschool.accounts.roles import FieldGroup

EVERY_PHASE = frozenset(PepPhase.values)
EVERY_KIND = frozenset(PepKind.values)
EVERY_YEAR: frozenset[int] = frozenset()
ROW = "row"  # under this key a row with a fixed name keeps it


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    OWN_WORDS = "own_words"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    TABLE = "table"


class When(StrEnum):
    """When a section is finished, seen from the meeting."""

    BEFORE = "before"
    AT = "at"
    AFTER = "after"


class Circumstance(StrEnum):
    """What brings a section that not every PEP has."""

    ALWAYS = ""
    PREVIOUS = "previous"
    TRANSITION = "transition"
    ALTERNATIVE_PROVISION = "alternative_provision"
    REDUCED_TIMETABLE = "reduced_timetable"
    NOT_ON_ROLL = "not_on_roll"
    UNACCOMPANIED = "unaccompanied"
    EHC_PLAN = "ehc_plan"


MAY_COME_UP = frozenset(Circumstance) - {Circumstance.ALWAYS, Circumstance.PREVIOUS}


@dataclass(frozen=True)
class Occasion:
    """What of a PEP decides which sections and fields it has. A ``year`` that is not known keeps nothing out."""

    phase: str
    kind: str
    circumstances: frozenset[str] = frozenset()
    year: int | None = None


@dataclass(frozen=True)
class FactSpec:
    """Something the record knows and nobody is asked: shown, to the roles that read it, where it is needed."""

    key: str
    label: str
    reads: FieldGroup
    phases: frozenset[str] = EVERY_PHASE


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a table. A row that says anything says what is ``required``."""

    key: str
    label: str
    type: FieldType
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    decimals: int = 0


@dataclass(frozen=True)
class Needed:
    """A number of the same section that makes an answer required: from the line of a rule on, or ``below`` it.

    ``said`` tells the writer so, with the line's ``{number}``.
    """

    field: str
    line: Line
    below: bool
    said: str

    def holds(self, answers: Mapping[str, Any], lines: Lines) -> bool:
        number = answers.get(self.field)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return False
        return number < lines.at(self.line) if self.below else number >= lines.at(self.line)

    def words(self, lines: Lines) -> str:
        return self.said.format(number=f"{lines.at(self.line):g}")


@dataclass(frozen=True)
class FieldSpec:
    """One question. ``reads`` says which roles see it; ``unless`` names a field whose answer stands in for a required one.

    ``starts_with`` names what the record knows of it: the box of an unwritten answer begins with that (``peps.record.STARTS``).

    A table has ``columns``; its rows are those named, or as many as there are, each called a ``row``.
    """

    key: str
    label: str
    type: FieldType
    reads: FieldGroup
    required: bool = False
    unless: str = ""
    help: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    decimals: int = 0
    phases: frozenset[str] = EVERY_PHASE
    kinds: frozenset[str] = EVERY_KIND
    years: frozenset[int] = EVERY_YEAR
    columns: tuple[ColumnSpec, ...] = ()
    rows: tuple[str, ...] = ()
    row: str = "Row"
    needed: Needed | None = None
    starts_with: str = ""

    def applies(self, phase: str, kind: str, year: int | None = None) -> bool:
        """Whether a PEP of this phase and kind, opened in this national curriculum year, asks it."""
        return phase in self.phases and kind in self.kinds and _in_years(year, self.years)

    @property
    def kept_as_given(self) -> bool:
        """The child's own words: nobody but the adult who wrote them down changes them."""
        return self.type is FieldType.OWN_WORDS

    def missing(self, answers: Mapping[str, Any], lines: Lines) -> bool:
        """Whether a required answer is not there, nor one that stands in for it; or a row of a table says half of it."""
        value = answers.get(self.key)
        if (self.required or (self.needed and self.needed.holds(answers, lines))) and empty(value):
            return not self.unless or empty(answers.get(self.unless))
        return bool(gaps(self, value))


@dataclass(frozen=True)
class SectionSpec:
    """One page of the PEP."""

    key: str
    title: str
    owner: Owner
    when: When
    reads: FieldGroup
    position: int
    fields: tuple[FieldSpec, ...]
    also: tuple[Owner, ...] = ()
    guidance: str = ""
    mandatory: bool = True
    circumstance: Circumstance = Circumstance.ALWAYS
    phases: frozenset[str] = EVERY_PHASE
    kinds: frozenset[str] = EVERY_KIND
    years: frozenset[int] = EVERY_YEAR
    facts: tuple[FactSpec, ...] = ()

    @property
    def writers(self) -> tuple[Owner, ...]:
        return (self.owner, *self.also)

    def applies(self, occasion: Occasion) -> bool:
        """Whether a PEP opened on this occasion has the section."""
        if not self.is_of(occasion.phase, occasion.kind, occasion.year):
            return False
        return not self.circumstance or self.circumstance.value in occasion.circumstances

    def is_of(self, phase: str, kind: str, year: int | None = None) -> bool:
        """Whether the form of the phase, kind and year may have the section, whatever the circumstances."""
        return phase in self.phases and kind in self.kinds and _in_years(year, self.years)

    def fields_for(self, phase: str, kind: str, year: int | None = None) -> tuple[FieldSpec, ...]:
        return tuple(field for field in self.fields if field.applies(phase, kind, year))

    def readable(
        self, phase: str, kind: str, groups: Collection[FieldGroup], year: int | None = None
    ) -> tuple[FieldSpec, ...]:
        """The fields that a role which reads ``groups`` sees."""
        return tuple(field for field in self.fields_for(phase, kind, year) if field.reads in groups)

    def of_other_forms(
        self, phase: str, kind: str, groups: Collection[FieldGroup], year: int | None = None
    ) -> tuple[FieldSpec, ...]:
        """The fields that such a role sees and that another phase's, kind's or year's form asks."""
        return tuple(one for one in self.fields if one.reads in groups and not one.applies(phase, kind, year))

    def missing(
        self, phase: str, kind: str, answers: Mapping[str, Any], lines: Lines, year: int | None = None
    ) -> tuple[FieldSpec, ...]:
        """The required fields that stand between the section and its being complete."""
        return tuple(field for field in self.fields_for(phase, kind, year) if field.missing(answers, lines))

    def field(self, key: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.key == key), None)


@dataclass(frozen=True)
class PepLayout:
    """One version of the field list; new PEPs are opened in it from ``starts``."""

    version: str
    title: str
    starts: date
    sections: tuple[SectionSpec, ...]
    front: tuple[FactSpec, ...] = ()

    def __iter__(self) -> Iterator[SectionSpec]:
        return iter(self.sections)

    def section(self, key: str) -> SectionSpec:
        """The section of that key.

        Raises:
            KeyError: when this version has none.
        """
        try:
            return next(section for section in self.sections if section.key == key)
        except StopIteration:
            raise KeyError(f"The layout {self.version} has no section {key!r}") from None

    def sections_for(self, occasion: Occasion) -> tuple[SectionSpec, ...]:
        return tuple(section for section in self.sections if section.applies(occasion))

    def addable(self, phase: str, kind: str) -> tuple[SectionSpec, ...]:
        """Sections that somebody may add to a PEP which was opened without them: what came up, never what comes by itself."""
        return tuple(
            section
            for section in self.sections
            if section.circumstance in MAY_COME_UP and phase in section.phases and kind in section.kinds
        )


def gaps(field: FieldSpec, value: Any) -> list[tuple[int, ColumnSpec]]:
    """What rows of a table leave out: the row's place and the column. Each named row of a required table says something."""
    if field.type is not FieldType.TABLE or empty(value) or not isinstance(value, list):
        return []
    if field.rows:
        by_name = {row.get(ROW): row for row in value}
        rows = [(place, by_name[name]) for place, name in enumerate(field.rows) if name in by_name]
        rows += [(place, {}) for place, name in enumerate(field.rows) if field.required and name not in by_name]
    else:
        rows = list(enumerate(value))
    return [
        (place, column)
        for place, row in sorted(rows, key=lambda one: one[0])
        for column in field.columns
        if column.required and empty(row.get(column.key))
    ]


def _in_years(year: int | None, years: frozenset[int]) -> bool:
    return year is None or not years or year in years


def as_kept(value: Any) -> Any:
    """An answer as JSON keeps it: days in ISO form, whole numbers whole."""
    if isinstance(value, Decimal | float):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [as_kept(one) for one in value]
    if isinstance(value, dict):
        return {key: as_kept(one) for key, one in value.items()}
    return "" if value is None else value


def empty(value: Any) -> bool:
    """Whether an answer says nothing. No and nought are answers."""
    return value is None or value in ("", [])
