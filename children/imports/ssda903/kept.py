"""Tables that nothing here works with: their rows are checked and kept for the next return."""

from typing import Any

from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.ssda903.context import Return
from children.imports.ssda903.tables import (
    AD1,
    DOLO,
    OC3,
    PLACED_FOR_ADOPTION,
    PREVIOUS_PERMANENCE,
    SHARED,
    Table,
)
from children.models import ReturnRow

# For each table the date that tells one row of a child from another; the others have one row for each child.
KEPT: dict[Table, str] = {
    OC3: "",
    AD1: "",
    PREVIOUS_PERMANENCE: "",
    PLACED_FOR_ADOPTION: "DATE_PLACED",
    DOLO: "DOLO_START",
}


def load(ret: Return, table: Table) -> None:
    """Keep the table's rows under the return's year."""
    key_column = KEPT[table]
    held = _held(ret, table)
    batch = Batch(ReturnRow, ret.report, table.name)
    seen: dict[tuple[int, str], int] = {}
    for cells, child in ret.rows_of_children(table):
        if key_column and ret.required_day(cells, key_column) is None:
            continue
        key = cells[key_column] if key_column else ""
        first = seen.setdefault((child.pk, key), cells.line)
        if first != cells.line:
            cells.refuse(key_column, f"The same as line {first}: a child has one such row on a day.")
            continue
        identity = {"child": child, "year": ret.year, "table": table.name, "row_key": key}
        batch.put(held.get((child.pk, key)), {"row": _checked(ret, table, cells, key_column)}, **identity)
    batch.write()


def _held(ret: Return, table: Table) -> dict[tuple[int, str], ReturnRow]:
    children = [child.pk for child in ret.by_child_id.values()]
    rows = ReturnRow.objects.filter(year=ret.year, table=table.name, child__in=children)
    return {(row.child_id, row.row_key): row for row in rows}


def _checked(ret: Return, table: Table, cells: Cells, key_column: str) -> dict[str, Any]:
    """The row's own columns as they are written in a return; a code or date that is none is flagged and left empty."""
    return {column: _value(ret, table, cells, column, key_column) for column in table.columns if column not in SHARED}


def _value(ret: Return, table: Table, cells: Cells, column: str, key_column: str) -> str:
    required = column in table.required
    if column == key_column:
        return cells[column]
    if column in table.dates:
        if required and not cells[column]:
            cells.flag(column, "Missing.")
        return cells[column] if ret.day(cells, column) else ""
    if ret.codes.knows(column):
        return ret.codes.read(cells, column, required=required)
    return cells[column].upper()
