"""What the table component draws: columns, rows of cells, and the colour of each status word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Tag = Mapping[str, str]

# One meaning, one colour, on every page. The words stand in the tag too, so that colour is never the only sign.
STATUS_COLOURS = {
    "overdue": "red",
    "refused": "red",
    "missing": "red",
    "at_risk": "red",
    "red": "red",
    "due_soon": "orange",
    "returned": "orange",
    "amber": "yellow",
    "waiting": "yellow",
    "paused": "grey",
    "draft": "grey",
    "cancelled": "grey",
    "closed": "grey",
    "superseded": "grey",
    "planned": "blue",
    "open": "blue",
    "new": "blue",
    "preparing": "turquoise",
    "held": "teal",
    "submitted": "purple",
    "in_qa": "purple",
    "done": "green",
    "complete": "green",
    "approved": "green",
    "met": "green",
    "on_time": "green",
    "green": "green",
}

# Classes that this version of GOV.UK Frontend has; blue is its tag without a class.
TAG_CLASSES = {
    "light-blue": "turquoise",
    **{
        name: name
        for name in ("green", "grey", "magenta", "orange", "pink", "purple", "red", "teal", "turquoise", "yellow")
    },
}


def tag_class(colour: str = "", status: str = "") -> str:
    """The class for a colour, or for the status when no colour is named; '' is the plain blue tag."""
    name = TAG_CLASSES.get(colour or STATUS_COLOURS.get(status, ""), "")
    return f"govuk-tag--{name}" if name else ""


@dataclass(frozen=True)
class Column:
    """A heading. ``hidden``: read out only. ``header``: its cells head their rows (the first column's do)."""

    text: str
    numeric: bool = False
    hidden: bool = False
    header: bool = False


@dataclass(frozen=True)
class Cell:
    """One value: text, where it leads, a tag beside it, a quieter second line, further lines.

    ``choice`` makes it a tick box of the form around the table, with this value; its text is then the label that is read out.
    """

    text: str = ""
    href: str = ""
    tag: Tag | None = None
    hint: str = ""
    lines: tuple[str, ...] = ()
    hidden: str = ""
    choice: str = ""

    @property
    def says(self) -> bool:
        """Whether there is anything in it: on a phone an empty cell needs no label."""
        return bool(self.text or self.tag or self.hint or self.lines or self.choice)


@dataclass(frozen=True)
class DrawnCell:
    """A cell with what its column says of it."""

    cell: Cell
    column: Column
    header: bool


@dataclass(frozen=True)
class Table:
    """A table ready to draw. ``empty`` is said when it has no rows. On a phone each row is a list under its header."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[DrawnCell, ...], ...]
    empty: str = "Nothing to show"
    caption_hidden: bool = False
    choices: str = ""


def table(
    caption: str,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Cell | str | int | None]],
    *,
    empty: str = "Nothing to show",
    caption_hidden: bool = False,
    choices: str = "",
) -> Table:
    """Put cells under their columns. A plain value becomes a cell; None becomes an empty one.

    ``choices`` is the name under which tick boxes are sent, where cells have a ``choice``.

    Raises:
        ValueError: when a row has not as many cells as there are columns.
    """
    heads = tuple(column if isinstance(column, Column) else Column(column) for column in columns)
    has_header = any(column.header for column in heads)
    drawn = tuple(
        tuple(
            DrawnCell(_cell(value), column, header=column.header or (not has_header and place == 0))
            for place, (value, column) in enumerate(zip(row, heads, strict=True))
        )
        for row in rows
    )
    return Table(caption, heads, drawn, empty, caption_hidden, choices)


def _cell(value: Cell | str | int | None) -> Cell:
    if isinstance(value, Cell):
        return value
    return Cell("" if value is None else str(value))
