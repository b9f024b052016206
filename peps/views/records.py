"""An answer as people read it: lines, or the rows of a table with each fact under its name."""

from datetime import date
from typing import Any

from peps.layouts import ROW, ColumnSpec, FieldSpec, FieldType, empty
from virtualschool.kernel.formfields import long_date


def shown(spec: FieldSpec, value: Any) -> dict[str, Any]:
    """What a row of a summary list draws of an answer: ``lines`` or ``records``."""
    if spec.type is FieldType.TABLE and isinstance(value, list):
        return {"records": records(spec, value)}
    return {"lines": value_lines(spec, value)}


def value_lines(spec: FieldSpec, value: Any) -> list[str]:
    """An answer in lines; of a table one for each row."""
    if spec.type is FieldType.TABLE and isinstance(value, list):
        return [_line(record) for record in records(spec, value)]
    return _words(spec, value)


def records(spec: FieldSpec, rows: list[Any]) -> list[dict[str, Any]]:
    """The rows of a table: what each is called, and what it says by column. The first column is its name if rows have none."""
    return [_record(spec, row, place) for place, row in enumerate(rows, 1) if isinstance(row, dict)]


def _record(spec: FieldSpec, row: dict[str, Any], place: int) -> dict[str, Any]:
    said = [(column, _words(column, row[column.key])) for column in spec.columns if not empty(row.get(column.key))]
    title = row.get(ROW, "")
    if not title and said and said[0][0] is spec.columns[0]:
        title, said = ", ".join(said[0][1]), said[1:]
    facts = [{"key": column.label, "value": "; ".join(words)} for column, words in said]
    return {"title": str(title) or f"{spec.row} {place}", "facts": facts}


def _line(record: dict[str, Any]) -> str:
    facts = "; ".join(f"{fact['key']}: {fact['value']}" for fact in record["facts"])
    return f"{record['title']}. {facts}" if facts else record["title"]


def _words(asked: FieldSpec | ColumnSpec, value: Any) -> list[str]:
    if asked.type is FieldType.DATE:
        return [long_date(date.fromisoformat(value))]
    if isinstance(value, list):
        return [str(one) for one in value]
    return [line for line in str(value).split("\n") if line.strip()]
