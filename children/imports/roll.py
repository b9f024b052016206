"""The council's own roll, week by week: it names the children of the returns, places them in schools, and says who works with them.

It names no new child: a row whose id is not on the roll is refused, because care starts with an episode, not with a name. An
empty cell says nothing and empties nothing; a child who is not in the file stays as they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from children import shared_upns
from children.imports import identity, roll_columns
from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.report import RefusedAsAWhole, Report
from children.imports.roll_schools import Places
from children.imports.roll_workers import Workers
from children.imports.source import SourceFile
from children.models import Child, PeriodOfCare
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today

_TEXTS = ("first_names", "last_name", "known_as", "first_language", "uln")
_SEXES = {"m": "M", "male": "M", "boy": "M", "f": "F", "female": "F", "girl": "F", "1": "M", "2": "F", "u": "U"}


def import_roll(files: Sequence[SourceFile], *, report: Report, options: Mapping[str, str]) -> None:
    """Load one roll.

    Raises:
        RefusedAsAWhole: when it cannot be read or lacks a column that it cannot do without.
    """
    for source in files:
        file, columns = _open(source, report)
        whom = [columns["child_id"]]
        rows = [Cells(row, file=file.name, report=report, whom=whom) for row in report.rows(file)]
        _Roll(rows, columns, report).load()


def _open(source: SourceFile, report: Report) -> tuple[csvfiles.CsvFile, dict[str, str]]:
    file = report.opened(source)
    columns = roll_columns.find(file.columns)
    missing = ", ".join(roll_columns.missing(columns))
    if missing:
        report.refuse(
            file.name, 1, missing, "", f"A roll needs these columns: {missing}. It has: {', '.join(file.columns)}."
        )
        raise RefusedAsAWhole(report)
    for column in file.columns:
        if column not in columns.values():
            report.flag(file.name, 1, column, "", "Not a column that is read here; it was left out.")
    if "date_of_birth" not in columns:
        report.flag(file.name, 1, "date_of_birth", "", "Without dates of birth, children were found by id alone.")
    return file, columns


class _Roll:
    """One file's rows and the children they name."""

    def __init__(self, rows: list[Cells], columns: dict[str, str], report: Report) -> None:
        self.rows = rows
        self.columns = columns
        self.batch = Batch(Child, report, "children")
        ids = {self._text(cells, "child_id") for cells in rows}
        self.children = {child.child_id: child for child in Child.objects.filter(child_id__in=ids)}
        care = PeriodOfCare.objects.filter(child__in=self.children.values()).current()
        self.in_care = set(care.values_list("child_id", flat=True))
        self.former: set[str] = set()
        self.workers = Workers(self.children.values(), report)
        self.places = Places(self.children.values(), report)

    def load(self) -> None:
        named: dict[str, Cells] = {}
        for cells in self.rows:
            child = self._child(cells, named)
            if child is None:
                continue
            named[child.child_id] = cells
            self._name(cells, child)
            if child.pk in self.in_care:
                self.workers.read(cells, self.columns, child)
                self.places.read(cells, self.columns, child)
            else:
                cells.flag(
                    self.columns["child_id"], "The child is not in care here. Names were kept; nobody was allocated."
                )
        shared = identity.settle(self.batch, {child_id: self.children[child_id] for child_id in named}, self.former)
        for child_id, words in shared.items():
            if self._text(named[child_id], "upn"):
                named[child_id].flag(self.columns["upn"], words)
        for part in (self.batch, self.workers, self.places):
            part.write()
        shared_upns.watch()

    def _text(self, cells: Cells, field: str) -> str:
        return cells[self.columns.get(field, "")]

    # ------------------------------------------------------------ whom it names

    def _child(self, cells: Cells, named: dict[str, Cells]) -> Child | None:
        """The child of a row; None when the row was refused."""
        column, child_id = self.columns["child_id"], self._text(cells, "child_id")
        child = self.children.get(child_id)
        if not child_id:
            cells.refuse(column, "Missing.")
        elif child_id in named:
            cells.refuse(column, f"This child has a row already, on line {named[child_id].line}.")
        elif child is None:
            cells.refuse(column, "No child with this id is on the roll. A roll names children; it takes in none.")
        elif child.sealed:
            cells.refuse(column, "The record of this child is closed to everybody. Nothing was changed.")
        else:
            return self._same_child(cells, child)
        return None

    def _same_child(self, cells: Cells, child: Child) -> Child | None:
        column = self.columns.get("date_of_birth", "")
        born = cells.day(column)
        if identity.is_somebody_else(child, born, self._text(cells, "upn")):
            cells.refuse(self.columns["child_id"], identity.SOMEBODY_ELSE)
            return None
        identity.compare_birth(cells, column, born, child)
        return child

    # ------------------------------------------------------------ what it says of them

    def _name(self, cells: Cells, child: Child) -> None:
        values: dict[str, Any] = {
            field: cells.text(self.columns[field], Child._meta.get_field(field).max_length)
            for field in _TEXTS
            if field in self.columns
        }
        values |= self._one_name(cells) | {"sex": self._sex(cells)}
        values = {field: value for field, value in values.items() if value}
        if "upn" in self.columns:
            self._upn(cells, child, values)
        self._last_pep(cells, child, values)
        self.batch.put(child, values)

    def _one_name(self, cells: Cells) -> dict[str, str]:
        """A name in one cell: “Last, First” or “First Last”; columns of their own go first."""
        if "last_name" in self.columns or "name" not in self.columns:
            return {}
        name = cells.text(self.columns["name"], 200)
        last, comma, first = name.partition(",")
        if not comma:
            first, _, last = name.rpartition(" ")
        return {"first_names": first.strip()[:120], "last_name": last.strip()[:120]}

    def _sex(self, cells: Cells) -> str:
        text = self._text(cells, "sex").casefold()
        if text and text not in _SEXES:
            cells.flag(self.columns["sex"], "Neither M nor F nor U; set aside.")
        return _SEXES.get(text, "")

    def _upn(self, cells: Cells, child: Child, values: dict[str, Any]) -> None:
        found = identity.read_upn(cells, self.columns["upn"], child.upn)
        if found.number:
            values["upn"] = found.number
        if found.former:
            values["former_upn"] = found.former
            self.former.add(found.former)

    def _last_pep(self, cells: Cells, child: Child, values: dict[str, Any]) -> None:
        """The last PEP before this service: the first night counts from it. Later ones are held here."""
        column = self.columns.get("last_pep_date", "")
        on = cells.day(column)
        if on is None:
            return
        if on > today():
            cells.flag(column, "A PEP in the future cannot have been held; set aside.")
        elif on > child.known_from:
            words = f"It is after {child.known_from:%d/%m/%Y}, from when PEPs are recorded here; set aside."
            cells.flag(column, words)
        else:
            values["last_pep_before_go_live"] = on
