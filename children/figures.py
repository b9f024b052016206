"""Hiding small numbers, so that no figure tells of one child."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Figure:
    """A count that may be shown; ``count`` is None where it is hidden."""

    cohort: str
    measure: str
    area: str
    on: date
    count: int | None
    out_of: int | None
    source: str

    @property
    def hidden(self) -> bool:
        return self.count is None


def suppressed(rows: Sequence[Mapping[str, object]], least: int) -> list[Figure]:
    """The rows with small numbers hidden, in the order given.

    A count is hidden when it, or what is left of ``out_of``, is of fewer than ``least`` children and not nought. Where that
    hides just one area of a cohort, measure and day, the next smallest is hidden too: otherwise the hidden one is the
    difference to the whole.
    """
    hide = {place for place, row in enumerate(rows) if _is_small(row, least)}
    for together in _groups(rows):
        hidden = [place for place in together if place in hide]
        rest = [place for place in together if place not in hide]
        if len(hidden) == 1 and rest:
            hide.add(min(rest, key=lambda place: (_number(rows[place]["count"]), place)))
    return [_figure(row, place in hide) for place, row in enumerate(rows)]


def _is_small(row: Mapping[str, object], least: int) -> bool:
    count, out_of = _number(row["count"]), row["out_of"]
    left = _number(out_of) - count if out_of is not None else 0
    return 0 < count < least or 0 < left < least


def _groups(rows: Sequence[Mapping[str, object]]) -> Iterable[list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        found[row["cohort"], row["measure"], row["on"]].append(place)
    return found.values()


def _figure(row: Mapping[str, object], hide: bool) -> Figure:
    shown = {"count": None, "out_of": None} if hide else {}
    return Figure(**{**row, **shown})  # type: ignore[arg-type]


def _number(value: object) -> int:
    return int(str(value))
