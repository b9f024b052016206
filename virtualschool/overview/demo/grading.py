"""Marks for a made-up PEP: mostly of the one band, with a few others that leave the grade as it was meant."""

import random
from collections.abc import Collection
from typing import Any

from peps import rubrics
from peps.actions.marking import Grading, Mark, Sheet, sheet_for
from peps.enums import Grade
from peps.models import Pep
from peps.rubrics import Asked
from virtualschool.rulebook import rules

NEIGHBOUR = {Grade.GOLD: Grade.GREEN, Grade.GREEN: Grade.GOLD, Grade.AMBER: Grade.GREEN, Grade.RED: Grade.AMBER}
NOTES = ("Seen in the plan", "As agreed at the meeting", "Better than last time")


def of(pep: Pep, grade: str, reason: str) -> Grading:
    """A grading that comes out as the grade."""
    return Grading(marks=marks(sheet_for(pep), Grade(grade), _chance(pep)), reason=reason)


def marks(sheet: Sheet, grade: Grade, rng: random.Random) -> dict[str, Mark]:
    """A mark for every question; the first and one other of a neighbouring band while the formula still makes the grade of them."""
    asked = [one.key for one in sheet.rubric.asked_of(sheet.asked)]
    made = {key: Mark(grade, rng.choice(NOTES)) for key in asked}
    for key in rng.sample(asked, min(2, len(asked))):
        changed = made | {key: Mark(NEIGHBOUR[grade], rng.choice(NOTES))}
        if NEIGHBOUR[grade] in sheet.rubric.bands and sheet.overall(changed).grade == grade:
            made = changed
    return made


def fields_of(pep: Pep, year: int, sections: Collection[str]) -> dict[str, Any]:
    """The fields of a review that was never an action, by the rubric of its day: for the years before the service."""
    rubric = rubrics.of_version(rules.value("pep.rubric", on=pep.completed_on))
    sheet = Sheet(rubric, Asked(frozenset(sections), pep.term, year))
    made = marks(sheet, Grade(pep.grade), _chance(pep))
    reckoned = rubrics.overall(sheet.rubric, {key: mark.band for key, mark in made.items()})
    return {
        "rubric": sheet.rubric.version,
        "marks": sheet.kept(made),
        "computed": reckoned.grade,
        "working": reckoned.words,
    }


def _chance(pep: Pep) -> random.Random:
    """Chance of its own, so that what is graded changes nothing else of what is made up."""
    return random.Random(f"{pep.child_id}:{pep.occasion}")
