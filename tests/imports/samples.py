"""Files for the import tests: the sample return and small tables of one's own."""

from collections.abc import Mapping
from pathlib import Path

from django.db import transaction

from children.imports.report import Report
from children.imports.source import SourceFile, from_path
from children.imports.ssda903.load import load_return
from children.imports.ssda903.tables import TABLES

DATA = Path(__file__).parent / "data"
COLUMNS = {table.name: table.columns for table in TABLES}
# A child of the right age with a valid UPN, and a second one.
AMY = {"CHILD": "A1", "SEX": "F", "DOB": "14/05/2012", "ETHNIC": "WBRI", "UPN": "H801200001001", "MOTHER": "0"}
BOB = {"CHILD": "B1", "SEX": "M", "DOB": "02/09/2010", "ETHNIC": "BCRB", "UPN": "B302401216001"}
EPISODE = {
    "CHILD": "A1",
    "DECOM": "03/02/2022",
    "RNE": "S",
    "LS": "C2",
    "CIN": "N1",
    "PLACE": "U4",
    "PLACE_PROVIDER": "PR1",
    "PL_POST": "ZZ1 1ZZ",
    "URN": "SC012345",
}


def sample_return() -> list[SourceFile]:
    """The sample return of 2025."""
    return [from_path(path) for path in sorted((DATA / "return_2025").glob("*.csv"))]


def csv_file(name: str, columns: tuple[str, ...], rows: list[Mapping[str, str]]) -> SourceFile:
    lines = [",".join(columns), *(",".join(row.get(column, "") for column in columns) for row in rows)]
    return SourceFile(name, ("\r\n".join(lines) + "\r\n").encode())


def tables(**rows: list[Mapping[str, str]]) -> list[SourceFile]:
    """A return of the named tables, each as ``<table>.csv``."""
    return [csv_file(f"{name}.csv", COLUMNS[name], listed) for name, listed in rows.items()]


def load(files: list[SourceFile], **options: str) -> Report:
    """Read a return in."""
    report = Report()
    with transaction.atomic():
        load_return(files, report=report, options=options)
    return report


def load_tables(year: str = "2025", **rows: list[Mapping[str, str]]) -> Report:
    """Read a return of the named tables in; without a Header or Episodes of its own, Amy's and hers."""
    return load(tables(**({"children": [AMY], "episodes": [EPISODE]} | rows)), year=year)


def told(remarks: list) -> list[tuple[str, int, str, str]]:
    """Remarks without their reasons."""
    return [(remark.file, remark.line, remark.column, remark.value) for remark in remarks]
