"""The national register of schools (GIAS): an extract, and the links file that says who carries on from whom."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from children import identifiers
from children.imports import school_links
from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.report import RefusedAsAWhole, Report
from children.imports.source import SourceFile
from children.inspection import FIRST_REPORT_CARD, OVERALL, REGISTER, Grade, Kind
from children.models import School, SchoolJudgement
from virtualschool.accounts.models import Organisation
from virtualschool.kernel import csvfiles

AT_ONCE = 2000
Judged = tuple[Cells, School, tuple[date, str]]
_REQUIRED = {"urn": ("URN",), "name": ("EstablishmentName",)}
# Where an extract has a column in several forms, the first that it has is read.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "la_code": ("LA (code)", "LA code", "LA"),
    "establishment_number": ("EstablishmentNumber",),
    "type_name": ("TypeOfEstablishment (name)", "TypeOfEstablishment"),
    "type_group": ("EstablishmentTypeGroup (name)", "EstablishmentTypeGroup"),
    "phase_name": ("PhaseOfEducation (name)", "PhaseOfEducation"),
    "ukprn": ("UKPRN",),
    "street": ("Street",),
    "town": ("Town",),
    "postcode": ("Postcode",),
    "telephone": ("TelephoneNum",),
    "website": ("SchoolWebsite",),
}
_STATUS_CODE = ("EstablishmentStatus (code)", "EstablishmentStatus")
_STATUS_NAME = ("EstablishmentStatus (name)", "EstablishmentStatus")
_STATUSES = {
    "open": School.Status.OPEN,
    "closed": School.Status.CLOSED,
    "open, but proposed to close": School.Status.CLOSING,
    "proposed to open": School.Status.PROPOSED,
}
_NO_GRADE = {"", "not applicable", "not judged", "insufficient evidence"}
# What the register once put in a grade's place: both are kinds of an inadequate school.
_CONCERN = {"special measures", "serious weaknesses"}
_GRADES = {grade.casefold(): grade for grade in Grade.values}


def import_schools(files: Sequence[SourceFile], *, report: Report, options: Mapping[str, str]) -> None:
    """Load extracts first and links after them, whichever order they come in. A school not in the extract stays as it is.

    Raises:
        RefusedAsAWhole: when a file cannot be read or lacks a column that its rows cannot do without.
    """
    opened = [_open(source, report) for source in files]
    for file in opened:
        if not school_links.is_links_file(file):
            _load(file, report)
    for file in opened:
        if school_links.is_links_file(file):
            school_links.load(file, report)


def _open(source: SourceFile, report: Report) -> csvfiles.CsvFile:
    file = report.opened(source)
    if school_links.is_links_file(file):
        return file
    missing = [names[0] for names in _REQUIRED.values() if not _has(file, names)]
    if missing:
        words = ", ".join(missing)
        report.refuse(source.name, 1, words, "", f"A school register must have the columns {words}.")
        raise RefusedAsAWhole(report)
    return file


def _has(file: csvfiles.CsvFile, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in file.columns), "")


# ---------------------------------------------------------------- the extract


def _load(file: csvfiles.CsvFile, report: Report) -> None:
    """A thousand and more schools at a time, so that the whole national register goes through in little memory."""
    report.table("schools")
    seen: dict[str, int] = {}
    part: list[tuple[Cells, dict[str, Any]]] = []
    for row in report.rows(file):
        cells = Cells(row, file=file.name, report=report)
        urn = _urn(cells, seen)
        if not urn:
            continue
        part.append((cells, _values(cells, file) | {"urn": urn}))
        if len(part) == AT_ONCE:
            _write(part, report)
            part = []
    _write(part, report)


def _urn(cells: Cells, seen: dict[str, int]) -> str:
    """The school's number; empty when the row was refused."""
    urn, name = cells["URN"], cells["EstablishmentName"]
    problem = identifiers.urn_problem(urn)
    if problem:
        cells.refuse("URN", problem if urn else "Missing.")
    elif not name or len(name) > School._meta.get_field("name").max_length:
        cells.refuse("EstablishmentName", "Longer than 200 characters." if name else "Missing.")
    elif seen.setdefault(urn, cells.line) != cells.line:
        cells.refuse("URN", f"This school has a row already, on line {seen[urn]}.")
    else:
        return urn
    return ""


def _values(cells: Cells, file: csvfiles.CsvFile) -> dict[str, Any]:
    """What the row says of the school, for the columns that the extract has."""
    values: dict[str, Any] = {"name": " ".join(cells["EstablishmentName"].split())}
    for field, names in _COLUMNS.items():
        column = _has(file, names)
        if column:
            values[field] = cells.text(column, School._meta.get_field(field).max_length)
    for field, column in (("low_age", "StatutoryLowAge"), ("high_age", "StatutoryHighAge")):
        if column in file.columns:
            values[field] = cells.number(column, 0, 99)
    for field, column in (("opened_on", "OpenDate"), ("closed_on", "CloseDate")):
        if column in file.columns:
            values[field] = cells.day(column)
    if any(name.startswith("Head") for name in file.columns):
        values["head_name"] = _head(cells)
    return values | _status(cells, file) | {"judgement": _judgement(cells)}


def _status(cells: Cells, file: csvfiles.CsvFile) -> dict[str, str]:
    """By code, or by name where the extract has no codes. Nothing is said when neither is known."""
    code_column, name_column = _has(file, _STATUS_CODE), _has(file, _STATUS_NAME)
    if cells[code_column] in School.Status.values:
        return {"status": cells[code_column]}
    name = cells[name_column].casefold()
    if name in _STATUSES:
        return {"status": str(_STATUSES[name])}
    if code_column or name_column:
        cells.flag(code_column or name_column, "Not a status of a school; set aside.")
    return {}


def _head(cells: Cells) -> str:
    name = " ".join(" ".join(cells[column] for column in ("HeadTitle (name)", "HeadFirstName", "HeadLastName")).split())
    longest = School._meta.get_field("head_name").max_length
    if len(name) > longest:
        cells.flag("HeadLastName", f"The head's name is longer than {longest} characters; set aside.")
        return ""
    return name


def _judgement(cells: Cells) -> tuple[date, str] | None:
    """The overall grade of the last inspection, which older extracts have. Report cards are in no extract."""
    column = "OfstedRating (name)"
    grade = cells[column].casefold()
    if grade in _NO_GRADE:
        return None
    known = str(Grade.INADEQUATE) if grade in _CONCERN else _GRADES.get(grade)
    if known is None:
        cells.flag(column, "Not one of the four overall grades; set aside.")
        return None
    on = cells.day("OfstedLastInsp")
    if on is None:
        cells.flag(column, "A grade without the date of the inspection is not kept.")
        return None
    if on >= FIRST_REPORT_CARD:
        cells.flag(column, "There is no overall grade from 10 November 2025 on; set aside.")
        return None
    return on, known


# ---------------------------------------------------------------- writing


def _write(part: list[tuple[Cells, dict[str, Any]]], report: Report) -> None:
    urns = [values["urn"] for _, values in part]
    held = {school.urn: school for school in School.objects.filter(urn__in=urns).select_related("organisation")}
    organisations = _Organisations(urns, report)
    schools = Batch(School, report, "schools")
    judged: list[Judged] = []
    for cells, values in part:
        judgement = values.pop("judgement")
        known = held.get(values["urn"])
        organisation = organisations.of(values["urn"], values["name"], known)
        school = schools.put(known, values, **({} if known else {"organisation": organisation}))
        if judgement is not None:
            judged.append((cells, school, judgement))
    organisations.batch.write()
    schools.write()
    _write_judgements(judged, report)


class _Organisations:
    """The organisation beside each school, which its teachers belong to; it goes by the school's name."""

    def __init__(self, urns: list[str], report: Report) -> None:
        self.batch = Batch(Organisation, report, "")
        found = Organisation.objects.filter(kind=Organisation.Kind.SCHOOL, code__in=urns)
        self._by_urn = {organisation.code: organisation for organisation in found}

    def of(self, urn: str, name: str, school: School | None) -> Organisation:
        known = school.organisation if school is not None else self._by_urn.get(urn)
        organisation: Organisation = self.batch.put(
            known, {"name": name}, **({} if known else {"kind": Organisation.Kind.SCHOOL, "code": urn})
        )
        return organisation


def _write_judgements(judged: list[Judged], report: Report) -> None:
    """A grade that a person recorded or put right stays theirs: the extract may be the older of the two."""
    if not judged:
        return
    rows = SchoolJudgement.objects.filter(school__in=[school for _, school, _ in judged], kind=Kind.GRADE)
    held = {(row.school_id, row.on): row for row in rows}
    batch = Batch(SchoolJudgement, report, "judgements")
    for cells, school, (on, overall) in judged:
        known, outcome = held.get((school.pk, on)), {OVERALL: overall}
        if known is not None and known.source != REGISTER and known.outcome != outcome:
            words = f"{known.outcome.get(OVERALL)} is recorded by hand for that day and stays."
            cells.flag("OfstedRating (name)", words)
            continue
        identity: dict[str, Any] = {"school": school, "kind": Kind.GRADE, "on": on, "source": REGISTER}
        batch.put(known, {"outcome": outcome}, **identity)
    batch.write()
