"""The first rows of a collector's file: carried by the page that maps its columns, and read there as they would be."""

from dataclasses import dataclass
from itertools import islice

from attendance.codes import CODES
from attendance.imports.layout import Layout, suggested
from attendance.imports.marks import Mark, opened
from children.imports.report import RefusedAsAWhole, Report
from children.imports.source import SourceFile
from virtualschool.kernel import csvfiles

ROWS, WIDEST, LONGEST_CELL = 5, 60, 100
MOST_CHARACTERS = 2 * (ROWS + 1) * WIDEST * (LONGEST_CELL + 4)
NAME = "first rows"


@dataclass(frozen=True)
class Look:
    """What was read of a sample: marks with their lines, and what was not taken. ``unfit``: why nothing was."""

    marks: list[tuple[int, Mark]]
    report: Report
    unfit: str = ""

    def rows(self) -> list[list[str | int]]:
        """Line, day, session, and what the code says."""
        return [
            [
                line,
                f"{one.date:%a} {one.date.day} {one.date:%B %Y}",
                one.session,
                f"{one.code} {CODES[one.code].meaning}",
            ]
            for line, one in self.marks
        ]


def sample_of(content: bytes) -> str:
    """The header and the first rows, as CSV with commas; long cells are cut.

    Raises:
        Unreadable: when it is no CSV file.
    """
    file = csvfiles.read(content, name=NAME)
    columns = file.columns[:WIDEST]
    rows = islice((row for row in file.rows() if isinstance(row, csvfiles.Row)), ROWS)
    cut = [[_flat(row[column]) for column in columns] for row in rows]
    return "".join(csvfiles.write([_flat(column) for column in columns], cut))


def _flat(text: str) -> str:
    return " ".join(text.split())[:LONGEST_CELL]


def columns_of(sample: str) -> tuple[str, ...]:
    """The names of its columns; none of what is no sample."""
    try:
        return csvfiles.read(sample.encode(), name=NAME).columns
    except (csvfiles.Unreadable, UnicodeError):
        return ()


def suggestion(sample: str) -> Layout:
    """A first guess of how its file is read."""
    file = csvfiles.read(sample.encode(), name=NAME)
    first = next((row.cells for row in file.rows() if isinstance(row, csvfiles.Row)), {})
    return suggested(file.columns, first)


def look(sample: str, layout: Layout) -> Look:
    """Read the rows as the layout says, and keep nothing."""
    report = Report(dry_run=True)
    try:
        content = sample.encode(errors="replace")
        return Look(opened(SourceFile(NAME, content), layout, report).read(), report)
    except RefusedAsAWhole as refused:
        return Look([], report, str(refused))
