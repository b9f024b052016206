"""Reads the rubrics beside it, once a process, and refuses one that contradicts itself."""

import tomllib
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from peps import layouts
from peps.enums import Grade
from peps.rubrics.formulas import MOST, strategies
from peps.rubrics.spec import Figure, Formula, Question, Rubric
from virtualschool.rulebook.enums import TermName

HERE = Path(__file__).parent


class BadRubric(ValueError):
    """A rubric that contradicts itself; says where."""


@cache
def versions() -> dict[str, Rubric]:
    """Every version by its name."""
    found = [read(path) for path in sorted(HERE.glob("*.toml"))]
    return {rubric.version: rubric for rubric in found}


def of_version(version: str) -> Rubric:
    """The version that a PEP was graded with.

    Raises:
        KeyError: when it was never shipped.
    """
    return versions()[version]


def read(path: Path) -> Rubric:
    """One file.

    Raises:
        BadRubric: when it names what there is not, leaves a band without words, or its formula cannot be reckoned.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if data["version"] != path.stem:
        raise BadRubric(f"{path.name}: it calls itself {data['version']!r}")
    if not data.get("source", "").strip():
        raise BadRubric(f"{path.name}: it has no source")
    bands = _bands(data["bands"], path.name)
    questions = tuple(_question(row, tuple(bands), path.name) for row in data["question"])
    _refuse_twice((one.key for one in questions), path.name)
    formula = Formula(data["formula"]["strategy"], {k: v for k, v in data["formula"].items() if k != "strategy"})
    _check_formula(formula, questions, tuple(bands), path.name)
    return Rubric(
        version=data["version"],
        title=data["title"],
        source=data["source"],
        confidence=data.get("confidence", ""),
        bands=tuple(bands),
        words=bands,
        questions=questions,
        formula=formula,
    )


def _bands(given: dict[str, str], where: str) -> dict[Grade, str]:
    unknown = set(given) - set(Grade.values)
    if unknown:
        raise BadRubric(f"{where}: {', '.join(sorted(unknown))} is no band")
    found = {grade: given[grade.value] for grade in Grade if grade.value in given}
    if not {Grade.GREEN, Grade.AMBER, Grade.RED} <= set(found):
        raise BadRubric(f"{where}: green, amber and red are always there")
    return found


def _question(row: dict[str, Any], bands: tuple[Grade, ...], name: str) -> Question:
    where = f"{name}: {row['key']}"
    if set(row["bands"]) != {band.value for band in bands}:
        raise BadRubric(f"{where}: it needs words for {', '.join(bands)}, and no others")
    if row.get("weight", 1) < 1:
        raise BadRubric(f"{where}: a weight is at least 1; a question that does not count is not scored")
    sections = tuple(row["sections"])
    figure = Figure(**row["figure"]) if "figure" in row else None
    _check_sections({*sections, row.get("needs") or sections[0]}, where)
    if figure:
        _check_figure(figure, bands, where)
    terms = frozenset(row.get("terms", ()))
    if unknown := terms - {term.value for term in TermName}:
        raise BadRubric(f"{where}: {', '.join(sorted(unknown))} is no term")
    return Question(
        key=row["key"],
        title=row["title"],
        asks=row["asks"],
        sections=sections,
        words={band: row["bands"][band.value] for band in bands},
        weight=row.get("weight", 1),
        scored=row.get("scored", True),
        needs=row.get("needs", ""),
        terms=terms,
        from_year=row.get("from_year"),
        figure=figure,
    )


def _check_sections(keys: Collection[str], where: str) -> None:
    known = {section.key for layout in layouts.versions().values() for section in layout}
    if unknown := set(keys) - known:
        raise BadRubric(f"{where}: no PEP has a section {', '.join(sorted(unknown))}")


def _check_figure(figure: Figure, bands: Collection[Grade], where: str) -> None:
    _check_sections({figure.section}, where)
    specs = [layout.section(figure.section) for layout in layouts.versions().values()]
    if not any(spec.field(figure.field) for spec in specs):
        raise BadRubric(f"{where}: no PEP has a field {figure.section}.{figure.field}")
    if Grade.GOLD not in bands:
        raise BadRubric(f"{where}: a figure for gold, and no gold")


def _check_formula(formula: Formula, questions: tuple[Question, ...], bands: Collection[Grade], where: str) -> None:
    known = strategies()
    if formula.strategy not in known:
        raise BadRubric(f"{where}: there is no formula {formula.strategy!r}")
    needs, given = known[formula.strategy], formula.parameters
    if set(given) != needs:
        raise BadRubric(f"{where}: the formula {formula.strategy} takes {', '.join(sorted(needs))}, and nothing else")
    scored = {one.key for one in questions if one.scored}
    if not scored:
        raise BadRubric(f"{where}: no question counts")
    if stray := set(given["red_alone"]) - scored:
        raise BadRubric(f"{where}: {', '.join(sorted(stray))} is no question that counts")
    if formula.strategy == "lowest" and Grade.GOLD in bands:
        raise BadRubric(f"{where}: the formula lowest never makes gold")
    if formula.strategy == "tally":
        _check_numbers(given, sum(one.weight for one in questions if one.scored), where)


def _check_numbers(given: Any, most: int, where: str) -> None:
    """A threshold that is always or never reached is a mistake."""
    for name in ("gold_but", "green_ambers"):
        if type(given[name]) is not int or not 0 <= given[name] < most:
            raise BadRubric(f"{where}: {name} must be a number from 0 to {most - 1}")
    if given["reds"] != MOST and (type(given["reds"]) is not int or not 1 <= given["reds"] <= most):
        raise BadRubric(f"{where}: reds must be a number from 1 to {most}, or {MOST!r}")


def _refuse_twice(keys: Iterable[str], where: str) -> None:
    given = list(keys)
    if twice := {key for key in given if given.count(key) > 1}:
        raise BadRubric(f"{where}: question {', '.join(sorted(twice))} comes twice")
