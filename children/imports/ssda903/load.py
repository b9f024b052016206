"""Reads a return: recognises its tables by their columns, finds its year, and loads the tables in the order of their needs."""

from collections.abc import Mapping, Sequence
from datetime import date

from children import shared_upns
from children.codes import collection_year
from children.imports.batch import Batch
from children.imports.cells import Cells, day_first
from children.imports.report import RefusedAsAWhole, Report
from children.imports.source import SourceFile
from children.imports.ssda903 import care, episodes, header, kept, rows, told
from children.imports.ssda903.codelists import CodeLists
from children.imports.ssda903.context import Return
from children.imports.ssda903.tables import (
    EPISODES,
    HEADER,
    NOT_OF_THE_YEAR,
    TABLES,
    Table,
    recognise,
    year_end,
)
from children.models import Child
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today

FIRST_YEAR, LAST_YEAR = 1992, 2100


def load_return(files: Sequence[SourceFile], *, report: Report, options: Mapping[str, str]) -> None:
    """Load the return's tables.

    Args:
        options: ``year``, in which the collection ends (read from the dates without it); ``go_live`` as yyyy-mm-dd: the date
            from which new children are known here (today without it).

    Raises:
        RefusedAsAWhole: when no file is a table of the return, or an option makes no sense.
    """
    tables = _tables(files, report)
    if not tables:
        if not report.refused:
            report.refuse("", 0, "", "", "There is no CSV file to read.")
        raise RefusedAsAWhole(report)
    year = _year(options.get("year", ""), tables, report)
    ret = Return(
        report=report,
        year=year,
        go_live=_go_live(options.get("go_live", ""), report),
        codes=CodeLists(year),
        tables=tables,
        children=Batch(Child, report, HEADER.name if HEADER in tables else ""),
    )
    report.note(f"Read as the return of {year}: 1 April {year - 1} to {year_end(year).day} March {year}.")
    _load(ret)


def _load(ret: Return) -> None:
    header.load(ret)
    rows.load_unaccompanied(ret)
    header.settle(ret)
    if EPISODES in ret.tables:
        told.tell(care.make(ret, episodes.load(ret)))
    for table, load in rows.LOADERS.items():
        if table in ret.tables:
            load(ret)
    for table in kept.KEPT:
        if table in ret.tables:
            kept.load(ret, table)
    shared_upns.watch()


# ---------------------------------------------------------------- the files


def _tables(files: Sequence[SourceFile], report: Report) -> dict[Table, list[Cells]]:
    found: dict[Table, list[Cells]] = {}
    for source in sorted(files, key=lambda source: source.name):
        table, file = _open(source, report)
        if table is None or file is None:
            continue
        rows = [Cells(row, file=file.name, report=report, whom=["CHILD"]) for row in report.rows(file)]
        found.setdefault(table, []).extend(rows)
    return {table: found[table] for table in TABLES if table in found}


def _open(source: SourceFile, report: Report) -> tuple[Table | None, csvfiles.CsvFile | None]:
    """The table that a file holds; a file that holds none, or lacks columns, is refused with its reason."""
    try:
        file = csvfiles.read(source.content, name=source.name, fold=str.upper)
    except csvfiles.Unreadable as problem:
        report.refuse(source.name, 1, "", "", str(problem))
        return None, None
    table = recognise(file.columns)
    if table is None:
        report.refuse(source.name, 1, "", "", "Its columns are those of no table of the return. It was not read.")
        return None, None
    missing = [column for column in table.columns if column in table.required and column not in file.columns]
    if missing:
        names = ", ".join(missing)
        report.refuse(
            source.name, 1, names, "", f"It looks like the table {table.name} and lacks {names}. It was not read."
        )
        return None, None
    _tell_columns(table, file, report)
    return table, file


def _tell_columns(table: Table, file: csvfiles.CsvFile, report: Report) -> None:
    for column in file.columns:
        if column not in table.columns:
            report.flag(file.name, 1, column, "", f"Not a column of the table {table.name}. It was not read.")
    for column in table.columns:
        if column not in file.columns:
            report.flag(file.name, 1, column, "", f"The table {table.name} has this column and the file has not.")


# ---------------------------------------------------------------- the options


def _year(said: str, tables: dict[Table, list[Cells]], report: Report) -> int:
    """The year told, or that of the latest date in the tables that is not in the future."""
    if said:
        if said.isascii() and said.isdigit() and FIRST_YEAR <= int(said[:9]) <= LAST_YEAR:
            return int(said)
        report.refuse("", 0, "year", said, "The year is the one in which the collection ends, such as 2025.")
        raise RefusedAsAWhole(report)
    dates = (
        day_first(cells[column])
        for table, listed in tables.items()
        for column in table.dates - NOT_OF_THE_YEAR
        for cells in listed
    )
    past = [found for found in dates if found is not None and found <= today()]
    return collection_year(max(past, default=today()))


def _go_live(said: str, report: Report) -> date:
    if not said:
        return today()
    try:
        return date.fromisoformat(said)
    except ValueError:
        report.refuse("", 0, "go_live", said, "Not a date written yyyy-mm-dd.")
        raise RefusedAsAWhole(report) from None
