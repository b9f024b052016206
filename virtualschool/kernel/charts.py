"""Bar charts as plain shapes: the component draws them as inline SVG, with the same figures as a table below."""

from collections.abc import Iterable
from dataclasses import dataclass

# In units of the drawing, which is as wide as a phone so that its words stay readable on one.
WIDTH, VALUE_ROOM, ROW_HEIGHT, LABEL_BASE, BAR_TOP, BAR_HEIGHT = 400, 64, 52, 16, 23, 18


@dataclass(frozen=True)
class Bar:
    """One row of a chart: its words stand above the bar, its figure after the bar's end."""

    label: str
    words: str
    href: str
    label_y: int
    bar_y: int
    width: int
    value_x: int
    value_y: int


@dataclass(frozen=True)
class BarChart:
    """A titled set of bars on one scale. ``summary`` is what a reader of the picture would say."""

    title: str
    bars: tuple[Bar, ...]
    height: int
    summary: str
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT


def bar_chart(title: str, rows: Iterable[tuple[str, float] | tuple[str, float, str]], *, unit: str = "") -> BarChart:
    """Bars for (label, value) or (label, value, href), in the order given; values below nought are drawn as nought."""
    given = [(row[0], row[1], row[2] if len(row) > 2 else "") for row in rows]
    top = max((value for _label, value, _href in given), default=0)
    bars = []
    for place, (label, value, href) in enumerate(given):
        y = place * ROW_HEIGHT
        width = round((WIDTH - VALUE_ROOM) * max(value, 0) / top) if top > 0 else 0
        bars.append(
            Bar(label, f"{value:g}{unit}", href, y + LABEL_BASE, y + BAR_TOP, width, width + 8, y + BAR_TOP + 15)
        )
    summary = "; ".join(f"{bar.label} {bar.words}" for bar in bars) or "no figures"
    return BarChart(title, tuple(bars), max(len(bars) * ROW_HEIGHT, 1), f"{title}: {summary}")
