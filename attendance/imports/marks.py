"""Reading a collector's file of marks, whoever collected it, however the file was saved and whatever its columns are called.

The source's mapping says which column is what (``attendance.imports.layout``). A mark needs a known child, a date that is not to come, a
session and a code of its day; it needs no enrolment and no calendar. What cannot be taken is refused with its line and column; a mark
that another source is believed before is flagged and listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from attendance import codes
from attendance.actions import asking
from attendance.enums import DateFormat, FileShape, Session
from attendance.imports.children import Children
from attendance.imports.layout import FIXED, SESSIONS, Layout, day_written
from attendance.marking import IMPORT, LONGEST_NAME, Row, plain_name, record_marks
from attendance.models import SourceMapping
from children.imports.cells import Cells, day_first, year_first
from children.imports.report import RefusedAsAWhole, Report
from children.imports.source import SourceFile
from virtualschool.kernel.dates import today

FIRST_DAY = date(1990, 1, 1)
TABLE, LISTED = "marks", "disputes"
_PADDED = {DateFormat.YEAR_FIRST.value: year_first, DateFormat.DAY_FIRST.value: day_first}
_TO_COME = "This day is to come: it has no marks yet."


def import_marks(files: Sequence[SourceFile], *, report: Report, options: Mapping[str, str]) -> None:
    """Load files of marks; ``options["source"]`` says whose they are.

    Raises:
        RefusedAsAWhole: when a file cannot be read, lacks a column, or the source has no fitting name.
    """
    source = options.get("source") or IMPORT
    report.table(TABLE, LISTED)
    if not source.strip() or len(source) > LONGEST_NAME:
        report.refuse("", 0, "source", source[:80], f"The name of a source has 1 to {LONGEST_NAME} characters.")
        raise RefusedAsAWhole(report)
    layout = _layout(source, report)
    for one in files:
        opened(one, layout, report).load(source)


def opened(source: SourceFile, layout: Layout, report: Report) -> "MarksFile":
    """The file, which has every column that the layout names.

    Raises:
        RefusedAsAWhole: when it cannot be read, or lacks a column.
    """
    file = report.opened(source, fold=layout.folding())
    missing = layout.missing(file.columns)
    if missing:
        wanted, has = ", ".join(missing), ", ".join(file.columns)
        must = "A file of marks" if layout == FIXED else "A file of this source, by its saved mapping,"
        report.refuse(file.name, 1, wanted, "", f"{must} must have the columns {wanted}. It has: {has}.")
        raise RefusedAsAWhole(report)
    for column in file.columns:
        if column not in layout.columns:
            report.flag(file.name, 1, column, "", "Not a column that is read here; it was left out.")
    rows = [Cells(row, file=file.name, report=report, whom=layout.whom) for row in report.rows(file)]
    return MarksFile(layout, rows, report)


def _layout(source: str, report: Report) -> Layout:
    """How files of the source are read; the report says so, so that a preview is of this very mapping."""
    mapping = SourceMapping.objects.kept().filter(source__name=plain_name(source)).select_related("source").first()
    if mapping is None:
        return FIXED
    report.note(f"Read by the mapping of “{mapping.source}”, version {mapping.version}.")
    return mapping.layout


@dataclass(frozen=True)
class Mark:
    """A row that was read."""

    child_id: int
    date: date
    session: str
    code: str


class MarksFile:
    """One file's rows: read, compared with each other, and taken in together."""

    def __init__(self, layout: Layout, rows: list[Cells], report: Report) -> None:
        self.layout, self.rows, self.report = layout, rows, report
        self.children = Children(rows, upn_column=layout.upn, id_column=layout.council_id)
        self.lines: dict[tuple[int, date, str], tuple[Cells, str, Mark]] = {}
        self.twice = 0
        self.format = layout.date_format or self._first_format()

    def read(self) -> list[tuple[int, Mark]]:
        """Every mark of the file with its line; what cannot be taken goes to the report."""
        for cells in self.rows:
            for column, mark in self._marks(cells):
                self._keep(cells, column, mark)
        return [(cells.line, mark) for cells, _, mark in self.lines.values()]

    def load(self, source: str) -> None:
        """Take the marks in as this source's, and tell the report what became of them."""
        rows: list[Row] = [
            (one.child_id, one.date, *((one.code, None) if one.session == Session.AM else (None, one.code)))
            for _, one in self.read()
        ]
        recorded = record_marks(rows, source=source)
        asking.follow(rows)
        self.report.count("created", TABLE, recorded.created)
        self.report.count("updated", TABLE, recorded.updated)
        self.report.count("unchanged", TABLE, recorded.unchanged + self.twice)
        self.report.count("created", LISTED, recorded.listed)
        self.report.count("unchanged", LISTED, len(recorded.disputes) - recorded.listed)
        for one in recorded.disputes:
            cells, column, _ = self.lines[one.child_id, one.date, one.session]
            cells.flag(column, f"{one.accepted_source} says {one.accepted} and is believed; this is listed beside it.")

    def _marks(self, cells: Cells) -> Iterator[tuple[str, Mark]]:
        """The row's marks, each with its column; none when the row was refused, for the first thing that is wrong with it."""
        child_id = self.children.of(cells)
        on = self._day(cells) if child_id is not None else None
        if child_id is None or on is None:
            return
        if self.layout.shape == FileShape.SESSION:
            yield from self._one(cells, child_id, on)
        elif not any(cells[column] for column in self.layout.marks):
            cells.flag(self.layout.marks[0], "No mark stands in this row.")
        else:
            yield from self._several(cells, child_id, on)

    def _one(self, cells: Cells, child_id: int, on: date) -> Iterator[tuple[str, Mark]]:
        session, (column,) = cells[self.layout.session], self.layout.marks
        if session.upper() not in SESSIONS:
            cells.refuse(self.layout.session, "Not a session: AM or PM." if session else "Missing.")
        elif self._fits(cells, column, on):
            yield column, Mark(child_id, on, SESSIONS[session.upper()], cells[column].upper())

    def _several(self, cells: Cells, child_id: int, on: date) -> Iterator[tuple[str, Mark]]:
        """A mark for each column that is filled: an empty one says nothing of its session."""
        for column, day, session in self.layout.halves(on):
            if not cells[column]:
                continue
            if day > today():
                cells.refuse(column, _TO_COME)
            elif self._fits(cells, column, day):
                yield column, Mark(child_id, day, session, cells[column].upper())

    def _fits(self, cells: Cells, column: str, on: date) -> bool:
        code = cells[column].upper()
        problem = codes.problem(code, on) if code else "Missing."
        if problem:
            cells.refuse(column, problem)
        return not problem

    def _first_format(self) -> str:
        """Of a file without a mapping: how its first date is written."""
        dates = (cells[self.layout.date] for cells in self.rows)
        return next((kind for text in dates for kind, read in _PADDED.items() if read(text)), "")

    def _written(self, text: str) -> date | None:
        if self.layout.date_format:
            return day_written(text, self.format)
        return _PADDED[self.format](text) if self.format else None

    def _day(self, cells: Cells) -> date | None:
        column = self.layout.date
        on = self._written(cells[column])
        if on is None:
            cells.refuse(column, self._no_date() if cells[column] else "Missing.")
        elif on > today():
            cells.refuse(column, _TO_COME)
        elif on < FIRST_DAY:
            cells.refuse(column, f"No marks are kept from before {FIRST_DAY:%Y}.")
        elif self.layout.shape == FileShape.WEEK and on.weekday():
            cells.refuse(column, "A week begins on a Monday, and this is none.")
        else:
            return on
        return None

    def _no_date(self) -> str:
        if self.layout.date_format:
            return f"Not a date written {self.format}, as the mapping says."
        if self.format:
            return f"Not a date written {self.format}, as the first date of this file is."
        return "Not a date written yyyy-mm-dd or dd/mm/yyyy."

    def _keep(self, cells: Cells, column: str, mark: Mark) -> None:
        """The first row of a session counts: the same again is nothing new, another code is a question for the sender."""
        first, _, known = self.lines.setdefault((mark.child_id, mark.date, mark.session), (cells, column, mark))
        if known is mark:
            doubt = codes.doubt(mark.code, mark.date)
            if doubt:
                cells.flag(column, doubt)
        elif known == mark:
            self.twice += 1
        else:
            cells.refuse(column, f"Line {first.line} has another code for this session; that line was taken.")
