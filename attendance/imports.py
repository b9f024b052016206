"""Reading a collector's file of marks: one row a session, whoever collected it and however the file was saved.

A row needs a known child, a date that is not to come, a session and a code of its day; it needs no enrolment and no calendar. A row
that cannot be taken is refused with its line; a mark that another source is believed before is flagged and listed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from attendance import codes
from attendance.enums import Session
from attendance.marking import IMPORT, LONGEST_NAME, record_marks
from children import upn
from children.imports.cells import Cells, day_first, year_first
from children.imports.report import RefusedAsAWhole, Report
from children.imports.source import SourceFile
from children.models import Child
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today

NEEDED = ("date", "session", "code")
WHOM = ("upn", "child_id")
FIRST_DAY = date(1990, 1, 1)
TABLE, LISTED = "marks", "disputes"
_KINDS = (("yyyy-mm-dd", year_first), ("dd/mm/yyyy", day_first))


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
    for one in files:
        file = _open(one, report)
        rows = [Cells(row, file=file.name, report=report, whom=WHOM[::-1]) for row in report.rows(file)]
        _File(file, rows, report).load(source)


def _open(source: SourceFile, report: Report) -> csvfiles.CsvFile:
    try:
        file = csvfiles.read(source.content, name=source.name, fold=_folded)
    except csvfiles.Unreadable as problem:
        report.refuse(source.name, 1, "", "", str(problem))
        raise RefusedAsAWhole(report) from None
    missing = [name for name in NEEDED if name not in file.columns]
    if not set(WHOM) & set(file.columns):
        missing.insert(0, " or ".join(WHOM))
    if missing:
        wanted = ", ".join(missing)
        has = ", ".join(file.columns)
        report.refuse(file.name, 1, wanted, "", f"A file of marks must have the columns {wanted}. It has: {has}.")
        raise RefusedAsAWhole(report)
    for column in file.columns:
        if column not in (*NEEDED, *WHOM):
            report.flag(file.name, 1, column, "", "Not a column that is read here; it was left out.")
    return file


def _folded(column: str) -> str:
    return column.lower().replace(" ", "_")


@dataclass(frozen=True)
class Mark:
    """A row that was read."""

    child_id: int
    date: date
    session: str
    code: str


class _Children:
    """The children that a file names, found in three queries. Nobody is found by a number that two children hold."""

    def __init__(self, rows: Sequence[Cells]) -> None:
        ids = {cells["child_id"] for cells in rows}
        upns = {_number(cells) for cells in rows} - {""}
        known = Child.objects.filter(sealed=False)
        self.by_id = dict(known.filter(child_id__in=ids).values_list("child_id", "pk"))
        held = list(known.filter(upn__in=upns).values_list("upn", "pk"))
        former = upns - {number for number, _ in held}
        held += known.filter(former_upn__in=former).values_list("former_upn", "pk")
        self.by_upn = dict(held)
        self.shared = {number for number, count in Counter(number for number, _ in held).items() if count > 1}

    def of(self, cells: Cells) -> int | None:
        """The row's child; None when the row was refused."""
        if cells["child_id"]:
            return self._by_id(cells)
        number = _number(cells)
        if not number:
            cells.refuse("child_id" if "child_id" in cells.row.cells else "upn", "Missing.")
        elif number in self.shared:
            cells.refuse("upn", "Two children hold this UPN. Give the council's id.")
        elif number not in self.by_upn:
            cells.refuse("upn", "No child with this UPN is known.")
        else:
            return self.by_upn[number]
        return None

    def _by_id(self, cells: Cells) -> int | None:
        found, number = self.by_id.get(cells["child_id"]), _number(cells)
        if found is None:
            cells.refuse("child_id", "No child with this id is known.")
        elif number not in self.shared and self.by_upn.get(number, found) != found:
            cells.refuse("upn", "This is the UPN of another child than the id says.")
        else:
            return found
        return None


def _number(cells: Cells) -> str:
    """The row's UPN; empty where it holds a reason for having none."""
    number = upn.normal(cells["upn"])
    return "" if number in upn.UNKNOWN else number


class _File:
    """One file's rows: read, compared with each other, and taken in together."""

    def __init__(self, file: csvfiles.CsvFile, rows: list[Cells], report: Report) -> None:
        self.file, self.rows, self.report = file, rows, report
        self.children = _Children(rows)
        self.kind = next((kind for cells in rows for kind in _KINDS if kind[1](cells["date"])), None)
        self.lines: dict[tuple[int, date, str], tuple[Cells, Mark]] = {}
        self.twice = 0

    def load(self, source: str) -> None:
        for cells in self.rows:
            mark = self._read(cells)
            if mark is not None:
                self._keep(cells, mark)
        marks = [mark for _, mark in self.lines.values()]
        recorded = record_marks(
            (
                (one.child_id, one.date, *((one.code, None) if one.session == Session.AM else (None, one.code)))
                for one in marks
            ),
            source=source,
        )
        self.report.count("created", TABLE, recorded.created)
        self.report.count("updated", TABLE, recorded.updated)
        self.report.count("unchanged", TABLE, recorded.unchanged + self.twice)
        self.report.count("created", LISTED, recorded.listed)
        self.report.count("unchanged", LISTED, len(recorded.disputes) - recorded.listed)
        for one in recorded.disputes:
            cells, _ = self.lines[one.child_id, one.date, one.session]
            cells.flag("code", f"{one.accepted_source} says {one.accepted} and is believed; this is listed beside it.")

    def _read(self, cells: Cells) -> Mark | None:
        """The row's mark; None when it was refused, for the first thing that is wrong with it."""
        child_id = self.children.of(cells)
        on = self._day(cells) if child_id is not None else None
        if child_id is None or on is None:
            return None
        session, code = cells["session"].upper(), cells["code"].upper()
        if session not in Session.values:
            cells.refuse("session", "Not a session: AM or PM." if session else "Missing.")
            return None
        problem = codes.problem(code, on) if code else "Missing."
        if problem:
            cells.refuse("code", problem)
            return None
        return Mark(child_id, on, session, code)

    def _day(self, cells: Cells) -> date | None:
        on = self.kind[1](cells["date"]) if self.kind else None
        if on is None:
            cells.refuse("date", self._no_date() if cells["date"] else "Missing.")
        elif on > today():
            cells.refuse("date", "This day is to come: it has no marks yet.")
        elif on < FIRST_DAY:
            cells.refuse("date", f"No marks are kept from before {FIRST_DAY:%Y}.")
        else:
            return on
        return None

    def _no_date(self) -> str:
        if self.kind:
            return f"Not a date written {self.kind[0]}, as the first date of this file is."
        return "Not a date written yyyy-mm-dd or dd/mm/yyyy."

    def _keep(self, cells: Cells, mark: Mark) -> None:
        """The first row of a session counts: the same again is nothing new, another code is a question for the sender."""
        first = self.lines.setdefault((mark.child_id, mark.date, mark.session), (cells, mark))
        if first[0] is cells:
            doubt = codes.doubt(mark.code, mark.date)
            if doubt:
                cells.flag("code", doubt)
        elif first[1] == mark:
            self.twice += 1
        else:
            cells.refuse("code", f"Line {first[0].line} has another code for this session; that line was taken.")
