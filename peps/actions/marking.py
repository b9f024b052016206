"""What a grading says, and the grade that the rubric's formula makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peps import coach, frozen, rubrics
from peps.actions import occasions
from peps.enums import Grade, Marked
from peps.models import NoteSetAside, Pep, PepReview, PepSection, SecondMark
from peps.rubrics import Asked, Overall, Rubric
from virtualschool.kernel.dates import LONDON, today
from virtualschool.rulebook import rules

Answers = Mapping[str, Mapping[str, Any]]  # by the keys of their sections and fields


@dataclass(frozen=True)
class Mark:
    """The band given to one question, and a word to it."""

    band: Grade
    note: str = ""


@dataclass(frozen=True)
class Grading:
    """All that whoever grades says.

    ``grade`` is given only to depart from the formula's, with ``departed_why``; ``reason`` is told to the writers either way.
    """

    marks: Mapping[str, Mark]
    reason: str
    praise: str = ""
    must_fix: str = ""
    next_time: str = ""
    grade: Grade | str = ""
    departed_why: str = ""


@dataclass(frozen=True)
class Sheet:
    """The rubric as one PEP is asked it. ``gold_needs`` are the questions that are gold only for a written reason, with the figure."""

    rubric: Rubric
    asked: Asked
    gold_needs: Mapping[str, str] = field(default_factory=dict)

    def problems(self, marks: Mapping[str, Mark]) -> dict[str, str]:
        """What keeps the marks from being reckoned, by question."""
        found = {}
        for question in self.rubric.asked_of(self.asked):
            mark = marks.get(question.key)
            if mark is None:
                found[question.key] = f"Grade “{question.title}”"
            elif mark.band == Grade.GOLD and question.key in self.gold_needs and not mark.note.strip():
                found[question.key] = f"{self.gold_needs[question.key]}: say why it is gold"
        return found

    def overall(self, marks: Mapping[str, Mark]) -> Overall:
        """The formula's grade with its working."""
        asked = {one.key for one in self.rubric.asked_of(self.asked)}
        return rubrics.overall(self.rubric, {key: mark.band for key, mark in marks.items() if key in asked})

    def kept(self, marks: Mapping[str, Mark]) -> dict[str, dict[str, str]]:
        """The marks as they are kept: a question that was not asked says why."""
        of = self.asked
        given = {
            one.key: {"band": str(Grade(marks[one.key].band)), "note": marks[one.key].note}
            for one in self.rubric.asked_of(of)
        }
        passed = {
            key: {"band": str(Marked.NOT_ASKED), "note": why} for key, why in self.rubric.not_asked_of(of).items()
        }
        return {one.key: (given | passed)[one.key] for one in self.rubric}


def sheet_for(pep: Pep) -> Sheet:
    """The rubric in force on the day the PEP was sent in (rule ``pep.rubric``), as this PEP is asked it."""
    on = pep.submitted_at.astimezone(LONDON).date() if pep.submitted_at else today()
    return sheet_of(pep, str(rules.value("pep.rubric", on=on)))


def sheet_of(pep: Pep, version: str) -> Sheet:
    """A rubric by its version, as this PEP is asked it as it stands. One query."""
    said: dict[str, dict[str, Any]] = {}
    rows = PepSection.objects.filter(pep=pep).values_list("key", "answers__field", "answers__value")
    for key, name, value in rows:
        said.setdefault(key, {})[name] = value
    return _sheet(rubrics.of_version(version), said, pep.term, occasions.taught_in(pep))


def sheet_again(mark: SecondMark) -> Sheet:
    """The rubric of the first marking, as the version that it approved is asked it."""
    pep, rubric = mark.pep, mark.review.rubric
    kept = frozen.version_of(mark.review)
    if kept is None:
        return sheet_of(pep, rubric)
    sections = kept.content.get("sections", {})
    said = {key: {name: one.get("value") for name, one in given.items()} for key, given in sections.items()}
    year = kept.content.get("year_group")
    return _sheet(rubrics.of_version(rubric), said, pep.term, occasions.taught_in(pep) if year is None else year)


def decided(review: PepReview, grading: Grading) -> None:
    """Fill a review with what was said, by the rubric of the PEP's sending in.

    Raises:
        ValueError: for a question without its mark, a gold without its reason, or a departure without one.
    """
    sheet = sheet_for(review.pep)
    problems = sheet.problems(grading.marks)
    if problems:
        raise ValueError("; ".join(problems.values()))
    reckoned = sheet.overall(grading.marks)
    review.rubric, review.marks = sheet.rubric.version, sheet.kept(grading.marks)
    review.computed, review.working = reckoned.grade, reckoned.words
    review.grade = Grade(grading.grade or reckoned.grade)
    departs = review.grade != reckoned.grade
    if departs and not grading.departed_why.strip():
        raise ValueError("A grade other than the formula's has its own reason.")
    if not grading.reason.strip():
        raise ValueError("A grade has its reason.")
    review.reason, review.departed_why = grading.reason, grading.departed_why if departs else ""
    review.praise, review.must_fix, review.next_time = grading.praise, grading.must_fix, grading.next_time
    review.coach_notes = _standing_notes(review.pep)


def _sheet(rubric: Rubric, said: Answers, term: str, year: int) -> Sheet:
    return Sheet(rubric, Asked(frozenset(said), term, year), _gold_needs(rubric, said))


def _gold_needs(rubric: Rubric, said: Answers) -> dict[str, str]:
    """Questions whose figure in the PEP is below what gold asks for, each with the words that say so."""
    figures = {one.key: one.figure for one in rubric if one.figure}
    found = {}
    for key, figure in figures.items():
        value = said.get(figure.section, {}).get(figure.field)
        if not isinstance(value, int | float) or value < figure.gold_at_least:
            told = f"It is {value}%" if isinstance(value, int | float) else "There is no figure"
            found[key] = f"{told}; gold is from {figure.gold_at_least:g}%"
    return found


def _standing_notes(pep: Pep) -> list[str]:
    """The kinds of the coach's notes that stood when it was graded, without those put aside."""
    aside = set(NoteSetAside.objects.filter(pep=pep).values_list("note", flat=True))
    return sorted({one.kind for one in coach.notes(pep) if one.id not in aside})
