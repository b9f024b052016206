"""What a grading says, and the grade that the rubric's formula makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peps import coach, rubrics
from peps.enums import Grade, Marked
from peps.models import NoteSetAside, Pep, PepAnswer, PepReview
from peps.rubrics import Asked, Overall, Rubric
from virtualschool.kernel.dates import LONDON, today
from virtualschool.rulebook import rules, schoolyear


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
    """A rubric by its version, as this PEP is asked it. Two queries."""
    rubric = rubrics.of_version(version)
    return Sheet(rubric, _asked(pep), _gold_needs(rubric, pep))


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


def _asked(pep: Pep) -> Asked:
    sections = frozenset(pep.sections.values_list("key", flat=True))
    year = schoolyear.curriculum_year(pep.child.date_of_birth, pep.opened_on)
    return Asked(sections, pep.term, year)


def _gold_needs(rubric: Rubric, pep: Pep) -> dict[str, str]:
    """Questions whose figure in the PEP is below what gold asks for, each with the words that say so."""
    figures = {one.key: one.figure for one in rubric if one.figure}
    found = {}
    for key, figure in figures.items():
        said: Any = PepAnswer.objects.filter(section__pep=pep, section__key=figure.section, field=figure.field)
        value = said.values_list("value", flat=True).first()
        if not isinstance(value, int | float) or value < figure.gold_at_least:
            told = f"It is {value}%" if isinstance(value, int | float) else "There is no figure"
            found[key] = f"{told}; gold is from {figure.gold_at_least:g}%"
    return found


def _standing_notes(pep: Pep) -> list[str]:
    """The kinds of the coach's notes that stood when it was graded, without those put aside."""
    aside = set(NoteSetAside.objects.filter(pep=pep).values_list("note", flat=True))
    return sorted({one.kind for one in coach.notes(pep) if one.id not in aside})
