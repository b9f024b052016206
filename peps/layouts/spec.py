"""What a field list is made of. Nothing here knows of a child."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from peps.enums import Owner, PepKind, PepPhase
from virtualschool.accounts.roles import FieldGroup

EVERY_PHASE = frozenset(PepPhase.values)
EVERY_KIND = frozenset(PepKind.values)


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    OWN_WORDS = "own_words"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"


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


MAY_COME_UP = frozenset({Circumstance.TRANSITION, Circumstance.ALTERNATIVE_PROVISION})


@dataclass(frozen=True)
class Occasion:
    """What of a PEP decides which sections and fields it has."""

    phase: str
    kind: str
    circumstances: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FieldSpec:
    """One question. ``reads`` says which roles see it; ``unless`` names a field whose answer stands in for a required one."""

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

    def applies(self, phase: str, kind: str) -> bool:
        """Whether a PEP of this phase and kind asks it."""
        return phase in self.phases and kind in self.kinds

    @property
    def kept_as_given(self) -> bool:
        """The child's own words: nobody but the adult who wrote them down changes them."""
        return self.type is FieldType.OWN_WORDS

    def missing(self, answers: Mapping[str, Any]) -> bool:
        """Whether a required answer is not there, nor one that stands in for it."""
        return self.required and empty(answers.get(self.key)) and (not self.unless or empty(answers.get(self.unless)))


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

    @property
    def writers(self) -> tuple[Owner, ...]:
        return (self.owner, *self.also)

    def applies(self, occasion: Occasion) -> bool:
        """Whether a PEP opened on this occasion has the section."""
        if occasion.phase not in self.phases or occasion.kind not in self.kinds:
            return False
        return not self.circumstance or self.circumstance.value in occasion.circumstances

    def fields_for(self, phase: str, kind: str) -> tuple[FieldSpec, ...]:
        return tuple(field for field in self.fields if field.applies(phase, kind))

    def readable(self, phase: str, kind: str, groups: Collection[FieldGroup]) -> tuple[FieldSpec, ...]:
        """The fields that a role which reads ``groups`` sees."""
        return tuple(field for field in self.fields_for(phase, kind) if field.reads in groups)

    def missing(self, phase: str, kind: str, answers: Mapping[str, Any]) -> tuple[FieldSpec, ...]:
        """The required fields that stand between the section and its being complete."""
        return tuple(field for field in self.fields_for(phase, kind) if field.missing(answers))

    def field(self, key: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.key == key), None)


@dataclass(frozen=True)
class PepLayout:
    """One version of the field list; new PEPs are opened in it from ``starts``."""

    version: str
    title: str
    starts: date
    sections: tuple[SectionSpec, ...]

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


def empty(value: Any) -> bool:
    """Whether an answer says nothing. No and nought are answers."""
    return value is None or value in ("", [])
