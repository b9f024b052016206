"""The figures of the attendance page: each is a rule over a child's sessions, so a number and its list cannot differ."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from attendance.rates import Sessions, Thresholds, by_child, thresholds
from attendance.yearbits import Window
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars, rules, schoolyear


@dataclass(frozen=True)
class Limits:
    """What counts as too little: shares of possible sessions missed, and the share attended that is called good, in per cent."""

    absence: Thresholds
    good: int


@dataclass(frozen=True)
class Figure:
    """One number: its words, its definition, and which children it counts."""

    key: str
    label: str
    definition: str
    keep: Callable[[Sessions, Limits], bool]
    tone: str = ""


_ALL = (
    Figure("marked", "children with sessions", "At least one possible session.", lambda one, limits: one.possible > 0),
    Figure(
        "below-good",
        "below good attendance",
        "Attended less than the share that the council calls good.",
        lambda one, limits: one.possible > 0 and 100 * one.attended < limits.good * one.possible,
    ),
    Figure(
        "persistent",
        "persistently absent",
        "Missed a tenth or more of their own possible sessions; severe absence is within it.",
        lambda one, limits: one.missed(limits.absence.persistent),
        tone="bad",
    ),
    Figure(
        "severe",
        "severely absent",
        "Missed half or more of their own possible sessions.",
        lambda one, limits: one.missed(limits.absence.severe),
        tone="bad",
    ),
)
FIGURES = {figure.key: figure for figure in _ALL}


@dataclass(frozen=True)
class Span:
    """Days that figures are about: their key in the address, words, and the window."""

    key: str
    words: str
    window: Window


def spans(on: date) -> dict[str, Span]:
    """The term and the academic year of the day, up to it."""
    term = calendars.load().term_of(on)
    year = schoolyear.academic_year(on)
    return {
        "term": Span("term", str(term), Window(term.start, on)),
        "year": Span("year", f"Academic year {schoolyear.year_words(year)}", Window(date(year, 9, 1), on)),
    }


def limits(on: date) -> Limits:
    return Limits(thresholds(on), rules.value("attendance.good", on=on))


def counted(user: User) -> QuerySet[Any]:
    """Whose figures this reader sees: the children in care whom the role reaches, short breaks left out."""
    return Child.objects.visible_to(user).counted(today())


def cohort(user: User, chosen: dict[str, Span]) -> dict[str, dict[int, Sessions]]:
    """For each span the sessions of each child; one query."""
    found = by_child(counted(user), {key: span.window for key, span in chosen.items()})
    return {key: {pk: one[key] for pk, one in found.items()} for key in chosen}


def kept(figure: Figure, sessions: dict[int, Sessions], by: Limits) -> dict[int, Sessions]:
    """The children that a figure counts, those who missed most first."""
    those = {pk: one for pk, one in sessions.items() if figure.keep(one, by)}
    return dict(sorted(those.items(), key=lambda item: (-item[1].absent / max(item[1].possible, 1), item[0])))


def percent(part: int, of: int) -> str:
    """A share in words, to a tenth of a per cent; a dash where there is nothing to share."""
    return f"{100 * part / of:.1f}%" if of else "–"
