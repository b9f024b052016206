"""The few ways in which councils make one grade of many, each named, with parameters; and how each tells its working.

There is no language of rules here: a council whose formula is none of these needs another function, with its own test.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from peps.enums import Grade
from peps.rubrics.spec import Question, Rubric

ORDER = (Grade.GOLD, Grade.GREEN, Grade.AMBER, Grade.RED)
MOST = "most"
TIMES = {2: "twice", 3: "three times"}


@dataclass(frozen=True)
class Overall:
    """The grade, and how it came about, in words."""

    grade: Grade
    counted: str
    because: str

    @property
    def words(self) -> str:
        """As it is told: “7 green, 1 amber: green, because one amber is allowed.”"""
        return f"{self.counted}: {self.grade.label}, because {self.because}."


@dataclass(frozen=True)
class Marks:
    """What the formula counts: each scored question that was asked, with its band."""

    questions: tuple[Question, ...]
    bands: Mapping[str, Grade]

    def __post_init__(self) -> None:
        if not self.questions:
            raise ValueError("No question that counts was asked.")

    def total(self) -> Counter[Grade]:
        found: Counter[Grade] = Counter()
        for one in self.questions:
            found[self.bands[one.key]] += one.weight
        return found

    def titles(self, band: Grade, among: tuple[str, ...]) -> list[str]:
        return [one.title for one in self.questions if one.key in among and self.bands[one.key] == band]

    def told(self) -> str:
        """The count in words, and what counts more than once."""
        total = self.total()
        counted = ", ".join(f"{total[band]} {band.label}" for band in ORDER if total[band])
        heavy = [f"“{one.title}” counts {_times(one.weight)}" for one in self.questions if one.weight > 1]
        return f"{counted} ({', '.join(heavy)})" if heavy else counted


Strategy = Callable[[Marks, Mapping[str, Any]], Overall]
STRATEGIES: dict[str, tuple[Strategy, frozenset[str]]] = {}


def strategy(*parameters: str) -> Callable[[Strategy], Strategy]:
    """A formula, and the parameters that it needs."""

    def register(made: Strategy) -> Strategy:
        STRATEGIES[made.__name__] = (made, frozenset(parameters))
        return made

    return register


def strategies() -> dict[str, frozenset[str]]:
    """The formulas that there are, with their parameters."""
    return {name: parameters for name, (_, parameters) in STRATEGIES.items()}


def overall(rubric: Rubric, bands: Mapping[str, Grade]) -> Overall:
    """The grade that the rubric's formula makes of the bands of the questions that were asked.

    Raises:
        ValueError: when nothing that counts was graded.
    """
    asked = tuple(one for one in rubric.questions if one.scored and one.key in bands)
    made, _ = STRATEGIES[rubric.formula.strategy]
    return made(Marks(asked, bands), rubric.formula.parameters)


@strategy("gold_but", "green_ambers", "reds", "red_alone")
def tally(marks: Marks, given: Mapping[str, Any]) -> Overall:
    """Count the bands.

    ``reds``: how many reds make the whole red, or ``most``; ``red_alone``: questions of which one red is enough;
    ``gold_but``: how many may be green for gold; ``green_ambers``: how many may be amber for green.
    """
    total, told = marks.total(), marks.told()
    alone = marks.titles(Grade.RED, tuple(given["red_alone"]))
    if alone:
        return Overall(Grade.RED, told, f"a red for {_and(alone)} is enough")
    reds, ambers, greens = total[Grade.RED], total[Grade.AMBER], total[Grade.GREEN]
    if given["reds"] == MOST and reds * 2 > total.total():
        return Overall(Grade.RED, told, "most are red")
    if given["reds"] != MOST and reds >= given["reds"]:
        return Overall(Grade.RED, told, f"{_count(given['reds'], 'red')} {_is(given['reds'])} enough")
    if not reds and not ambers and greens <= given["gold_but"]:
        return Overall(Grade.GOLD, told, f"all but {given['gold_but']} must be gold and the rest green")
    if not reds and ambers <= given["green_ambers"]:
        allowed = f"{_count(given['green_ambers'], 'amber')} {_is(given['green_ambers'])} allowed"
        return Overall(Grade.GREEN, told, allowed if ambers else "nothing is below green")
    below = "a red is there, too few to make it red" if reds else f"more than {_count(given['green_ambers'], 'amber')}"
    return Overall(Grade.AMBER, told, below)


@strategy("red_alone")
def lowest(marks: Marks, given: Mapping[str, Any]) -> Overall:
    """No better than its weakest part: green when all are, amber when not, red when one of ``red_alone`` is."""
    told = marks.told()
    alone = marks.titles(Grade.RED, tuple(given["red_alone"]))
    if alone:
        return Overall(Grade.RED, told, f"a red for {_and(alone)} is enough")
    weak = [one.title for one in marks.questions if marks.bands[one.key] in (Grade.AMBER, Grade.RED)]
    if weak:
        return Overall(Grade.AMBER, told, f"not all criteria of green are met: {_and(weak)}")
    return Overall(Grade.GREEN, told, "every criterion of green is met")


def _and(words: list[str]) -> str:
    quoted = [f"“{one}”" for one in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _count(number: int, of: str) -> str:
    return f"{'one' if number == 1 else 'no' if number == 0 else number} {of}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _times(number: int) -> str:
    return TIMES.get(number, f"{number} times")
