"""What a rubric is made of. Nothing here knows of a child."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peps.enums import Grade


@dataclass(frozen=True)
class Asked:
    """What of a PEP decides which questions there are: its sections, its term, the child's national curriculum year."""

    sections: frozenset[str]
    term: str
    year: int


@dataclass(frozen=True)
class Figure:
    """A number of the PEP below which a question is gold only for a written reason: attendance, as published by St Helens."""

    section: str
    field: str
    gold_at_least: float


@dataclass(frozen=True)
class Question:
    """One thing that is graded: a page, or a question about several.

    Attributes:
        sections: the sections of the PEP that answer it.
        words: what each band means here.
        weight: how many marks it counts as.
        scored: whether the formula counts it; one that is not scored is graded for the writer's sake.
        needs: a section without which it is not asked, as the review of targets in a first PEP.
        terms: the terms in which it is asked, all where none is named.
        from_year: the national curriculum year from which it is asked.
    """

    key: str
    title: str
    asks: str
    sections: tuple[str, ...]
    words: Mapping[Grade, str]
    weight: int = 1
    scored: bool = True
    needs: str = ""
    terms: frozenset[str] = frozenset()
    from_year: int | None = None
    figure: Figure | None = None

    def why_not_asked(self, of: Asked) -> str:
        """Why a PEP is not asked this; empty when it is."""
        if self.needs and self.needs not in of.sections:
            return "the PEP has no such part"
        if self.terms and of.term not in self.terms:
            return f"it is not asked in the {of.term} term"
        if self.from_year is not None and of.year < self.from_year:
            return f"it is asked from Year {self.from_year}"
        return ""


@dataclass(frozen=True)
class Formula:
    """A named way of making one grade of many, with its parameters."""

    strategy: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rubric:
    """One version. A PEP keeps the version it was graded with; a change is another version."""

    version: str
    title: str
    source: str
    bands: tuple[Grade, ...]
    words: Mapping[Grade, str]
    questions: tuple[Question, ...]
    formula: Formula
    confidence: str = ""

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def question(self, key: str) -> Question:
        """The question of that key.

        Raises:
            KeyError: when this version has none.
        """
        try:
            return next(one for one in self.questions if one.key == key)
        except StopIteration:
            raise KeyError(f"The rubric {self.version} has no question {key!r}") from None

    def asked_of(self, of: Asked) -> tuple[Question, ...]:
        return tuple(one for one in self.questions if not one.why_not_asked(of))

    def not_asked_of(self, of: Asked) -> dict[str, str]:
        """The other questions, each with the reason."""
        return {one.key: why for one in self.questions if (why := one.why_not_asked(of))}
