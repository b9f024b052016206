"""A PEP's questions on paper with room to write, and no child's: of a phase and kind, or as one PEP is asked them.

The shortest form that serves: what has to be answered, unless every question is asked for; without a year group only what every
year of the phase is asked; of sections that come with a circumstance those that were named or that such a PEP always has.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.text import capfirst

from peps import layouts
from peps.actions.circumstances import TRANSITION_YEARS
from peps.enums import Owner, PepKind, PepPhase
from peps.layouts import Circumstance, FieldSpec, FieldType, Occasion, PepLayout, SectionSpec
from peps.models import Pep
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.paper import Paper, Part, Record, Row
from virtualschool.rulebook import schoolyear

BLANK_ROWS = 2
ROOM = {FieldType.LONG_TEXT: 3, FieldType.OWN_WORDS: 4}  # lines to write on; one for the rest
BETWEEN = "\N{NO-BREAK SPACE}   "  # between choices that stand in one line
YEARS = {
    PepPhase.EARLY_YEARS: (-1,),
    PepPhase.PRIMARY: tuple(range(schoolyear.RECEPTION, 7)),
    PepPhase.SECONDARY: tuple(range(7, schoolyear.LEAVING_YEAR + 1)),
    PepPhase.POST_16: tuple(range(schoolyear.LEAVING_YEAR + 1, schoolyear.LAST_YEAR + 1)),
}
# What a PEP of the kind is opened with whatever the child.
OF_KIND = {
    PepKind.REVIEW: Circumstance.PREVIOUS,
    PepKind.NOT_ON_ROLL: Circumstance.NOT_ON_ROLL,
    PepKind.SEN_JOINED: Circumstance.EHC_PLAN,
}


@dataclass(frozen=True)
class Asked:
    """One section as it is printed: its heading, who answers it, and the questions."""

    section: SectionSpec
    fields: tuple[FieldSpec, ...]


def of_occasion(occasion: Occasion, *, every: bool = False) -> Paper:
    """Today's questions for a PEP of this phase and kind, and of the year group and circumstances where they are named.

    Args:
        every: also the questions that may be left open.
    """
    layout = layouts.current(today())
    return _paper(layout, occasion, _asked(layout, occasion, every))


def of_pep(pep: Pep, groups: Collection[FieldGroup], *, every: bool = False) -> Paper:
    """The questions that this PEP is asked, in the layout it is written in, as far as ``groups`` reads them. No child is named."""
    layout, year = layouts.of_version(pep.layout), pep.year_group
    keys = set(pep.sections.values_list("key", flat=True))
    sections = [
        Asked(section, section.readable(pep.phase, pep.kind, groups, year)) for section in layout if section.key in keys
    ]
    return _paper(layout, Occasion(pep.phase, pep.kind, year=year), sections)


def opened_with(occasion: Occasion) -> frozenset[str]:
    """The circumstances that were named, and those that a PEP of the kind and year group is always opened with."""
    comes = {OF_KIND[PepKind(occasion.kind)]} if occasion.kind in OF_KIND else set()
    comes |= {Circumstance.TRANSITION} if occasion.year in TRANSITION_YEARS else set()
    return occasion.circumstances | {one.value for one in comes}


def _asked(layout: PepLayout, occasion: Occasion, every: bool) -> Iterator[Asked]:
    phase, kind, circumstances = occasion.phase, occasion.kind, opened_with(occasion)
    years = YEARS[PepPhase(phase)] if occasion.year is None else (occasion.year,)
    for section in layout:
        if all(section.applies(Occasion(phase, kind, circumstances, year)) for year in years):
            asked = [one for one in section.fields if all(one.applies(phase, kind, year) for year in years)]
            yield Asked(section, tuple(asked if every else _to_answer(asked)))


def _to_answer(asked: Collection[FieldSpec]) -> Iterator[FieldSpec]:
    """What has to be answered, whatever else is, and what may stand in for that."""
    instead = {one.unless for one in asked if one.required}
    return (one for one in asked if one.required or one.needed or one.key in instead)


def _paper(layout: PepLayout, occasion: Occasion, sections: Iterable[Asked]) -> Paper:
    return Paper(
        title=f"Blank {_name(occasion)}",
        caption=layout.title,
        author=settings.COUNCIL_NAME,
        made=today(),
        footer="When it is filled in, keep it safe, and copy it into the service.",
        facts=[Row("Child", missing="…"), Row("School", missing="…"), Row("Date", missing="…")],
        parts=[
            Part(
                f"{one.section.title} ({Owner(one.section.owner).label})",
                [_to_fill_in(spec) for spec in one.fields],
                words=one.section.guidance,
            )
            for one in sections
            if one.fields
        ],
    )


def _name(occasion: Occasion) -> str:
    """Initial PEP, Primary, Year 4."""
    parts = [str(PepKind(occasion.kind).label), capfirst(str(PepPhase(occasion.phase).label))]
    if occasion.year is not None:
        parts.append(schoolyear.curriculum_year_words(occasion.year))
    return ", ".join(dict.fromkeys(parts))


def _to_fill_in(spec: FieldSpec) -> Row:
    """A question with room for its answer, or with its choices to mark."""
    if spec.columns:
        return Row(spec.label, records=_empty_rows(spec))
    if spec.choices:
        return Row(spec.label, [_to_mark(spec.choices)])
    if spec.type is FieldType.YES_NO:
        return Row(spec.label, [_to_mark(("Yes", "No"))])
    return Row(spec.label, room=ROOM.get(spec.type, 1))


def _empty_rows(spec: FieldSpec) -> list[Record]:
    """Rows to write in: those that have names, else a few."""
    titles = spec.rows or [f"{spec.row} {place}" for place in range(1, BLANK_ROWS + 1)]
    facts = [(column.label, _to_mark(column.choices)) for column in spec.columns]
    return [Record(title, facts, room=True) for title in titles]


def _to_mark(choices: Iterable[str]) -> str:
    return BETWEEN.join(f"○\N{NO-BREAK SPACE}{choice}" for choice in choices)
