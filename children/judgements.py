"""How a school stands on a day by what inspections found, and whether that is below the line for a new place.

The old overall grade and the report card are two facts with two dates. Neither is turned into the other, so a school with a report
card alone is never one without a grade. Which is below is the council's dated rule ``move.school_line``; the newest outcome decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from children.inspection import NOT_MET, OVERALL, SAFEGUARDING, Grade, Kind, Outcome, lines, name_of
from children.models import School, SchoolJudgement
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.tables import Tag
from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import InForce

LINE = "move.school_line"
NOTHING_KNOWN = "No inspection outcome is recorded, so nothing says whether the school is below the line"


@dataclass(frozen=True)
class Found:
    """One inspection's outcome. ``below``: what in it is below the line, in words; empty when nothing is."""

    on: date
    kind: Kind
    lines: tuple[str, ...]
    source: str
    below: tuple[str, ...]

    @property
    def short(self) -> str:
        """In a few words: a grade by its name, a report card by that."""
        return self.lines[0].removeprefix("Overall: ") if self.kind == Kind.GRADE else "Report card"

    @property
    def dated(self) -> str:
        return f"{self.short}, {long_date(self.on)}"


@dataclass(frozen=True)
class Standing:
    """The newest overall grade and the newest report card by the day ``on``, and what the rule of that day makes of them."""

    on: date
    rule: InForce
    grade: Found | None = None
    report_card: Found | None = None

    @property
    def decides(self) -> Found | None:
        """The newer of the two."""
        known = [found for found in (self.grade, self.report_card) if found]
        return max(known, key=lambda found: found.on, default=None)

    @property
    def below(self) -> bool | None:
        """Whether the school is below the line; None when no outcome is known."""
        return None if self.decides is None else bool(self.decides.below)

    @property
    def words(self) -> str:
        """The outcome that decides and its day, in one sentence without its full stop."""
        found = self.decides
        if found is None:
            return NOTHING_KNOWN
        what = f"Overall grade {found.short}" if found.kind == Kind.GRADE else "Report card"
        told = f"{what} of {long_date(found.on)}"
        return f"{told}: below the line ({', '.join(found.below)})" if found.below else f"{told}: not below the line"

    @property
    def tag(self) -> Tag:
        if self.below is None:
            return {"text": "Not known", "colour": "grey"}
        return {"text": "Below the line", "colour": "red"} if self.below else {"text": "Meets the line"}

    @property
    def facts(self) -> tuple[Found, ...]:
        """Both, the newer first."""
        known = [found for found in (self.report_card, self.grade) if found]
        return tuple(sorted(known, key=lambda found: found.on, reverse=True))


def standing(school: School, on: date) -> Standing:
    """How the school stands on the day. Two queries."""
    return standings([school], on)[school.pk]


def standings(schools: Iterable[School], on: date) -> dict[int, Standing]:
    """How each school stands on the day, by its key. Two queries, however many schools."""
    rule = rules.get(LINE, on=on)
    keys = [school.pk for school in schools]
    newest = SchoolJudgement.objects.filter(school__in=keys, on__lte=on).order_by("school", "kind", "-on")
    facts: dict[int, dict[str, Found]] = {key: {} for key in keys}
    for row in newest.distinct("school", "kind"):
        facts[row.school_id][row.kind] = _found(row, rule.value)
    return {key: Standing(on, rule, **known) for key, known in facts.items()}


def below(kind: str, outcome: Outcome, line: Mapping[str, Any]) -> tuple[str, ...]:
    """What in the outcome is below the line; empty when nothing is.

    An overall grade of Inadequate always is, whatever the council chose: the statutory guidance knows no other line.
    """
    if kind == Kind.GRADE:
        grade = outcome.get(OVERALL, "")
        return (grade,) if grade == Grade.INADEQUATE or grade in line["grades"] else ()
    low = tuple(
        f"{outcome[area]} in {_inside(name_of(area))}" for area in line["areas"] if outcome.get(area) in line["points"]
    )
    areas = low if low and len(low) >= line["at_least"] else ()
    unsafe = line["safeguarding"] and outcome.get(SAFEGUARDING) == NOT_MET
    return (*areas, "safeguarding not met") if unsafe else areas


def _inside(name: str) -> str:
    """A name within a sentence."""
    return name[:1].lower() + name[1:]


def _found(row: SchoolJudgement, line: Mapping[str, Any]) -> Found:
    return Found(row.on, Kind(row.kind), lines(row.outcome), row.source, below(row.kind, row.outcome, line))
