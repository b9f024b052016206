"""What the readers of the return's tables share: its year, its rows, its code lists, and the children it speaks of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from children.imports.batch import Batch
from children.imports.cells import Cells, day_first
from children.imports.report import Report
from children.imports.ssda903.codelists import CodeLists
from children.imports.ssda903.tables import Table, year_end
from children.models import Child
from virtualschool.kernel.dates import today

CLOSED = "The record of this child is closed to everybody. Nothing was changed."


@dataclass
class Return:
    """One return while it is read."""

    report: Report
    year: int
    go_live: date
    codes: CodeLists
    tables: dict[Table, list[Cells]]
    children: Batch
    by_child_id: dict[str, Child] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    not_loaded: set[str] = field(default_factory=set)
    sealed_before: set[str] = field(default_factory=set)
    former_upns: set[str] = field(default_factory=set)

    def rows(self, table: Table) -> list[Cells]:
        return self.tables.get(table, [])

    def rows_of_children(self, table: Table) -> Iterator[tuple[Cells, Child]]:
        """The table's rows that belong to a child who is loaded; the others are refused, a second row of a child too."""
        if table in self.tables:
            self.report.table(table.name)
        seen: dict[str, int] = {}
        for cells in self.rows(table):
            child = self._child(cells)
            if child is None:
                continue
            if table.once and seen.setdefault(child.child_id, cells.line) != cells.line:
                cells.refuse("CHILD", f"This child has a row already, on line {seen[child.child_id]}.")
                continue
            self._compare(cells, child)
            yield cells, child

    def _child(self, cells: Cells) -> Child | None:
        """The child of a row, when it may be loaded; otherwise the row is refused."""
        child_id = cells["CHILD"]
        child = self.by_child_id.get(child_id)
        if not child_id:
            cells.refuse("CHILD", "Missing.")
        elif child_id in self.not_loaded:
            cells.refuse("CHILD", "The row of this child in the Header was refused.")
        elif child_id in self.sealed_before:
            cells.refuse("CHILD", CLOSED)
        elif child is None:
            cells.refuse("CHILD", "No child with this id is in the Header or on the roll.")
        else:
            return child
        return None

    def _compare(self, cells: Cells, child: Child) -> None:
        """Date of birth and sex must be those of the child."""
        if cells["DOB"] and day_first(cells["DOB"]) != child.date_of_birth:
            cells.flag("DOB", f"The child was born on {child.date_of_birth:%d/%m/%Y}; that date is kept.")
        sex = cells["SEX"].upper()
        if sex and child.sex and sex not in {child.sex, {"M": "1", "F": "2"}.get(child.sex)}:
            cells.flag("SEX", f"The child's sex is held as {child.sex}.")

    def day(self, cells: Cells, column: str) -> date | None:
        """A date of the return; flagged when it lies ahead of today or after the collection year."""
        found = cells.day(column, day_month_year_only=True)
        if found is not None and found > min(today(), year_end(self.year)):
            words = "in the future" if found > today() else f"after the collection year {self.year}"
            cells.flag(column, f"This date is {words}. Kept.")
        return found

    def required_day(self, cells: Cells, column: str) -> date | None:
        """A date that the row cannot do without; the row is refused when there is none."""
        if day_first(cells[column]) is None:
            cells.refuse(column, "Not a date written dd/mm/yyyy." if cells[column] else "Missing.")
            return None
        return self.day(cells, column)

    def end_after(self, cells: Cells, start: date, column: str) -> tuple[bool, date | None]:
        """Whether the row can be kept, and the date it ends. An end before the start makes the row refused."""
        end = self.day(cells, column)
        if end is not None and end < start:
            cells.refuse(column, f"It ends before it starts ({start:%d/%m/%Y}).")
            return False, None
        return True, end
