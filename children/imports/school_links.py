"""The register's links file: which school carries on from which. A pair is often told twice, once from either side."""

from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.report import RefusedAsAWhole, Report
from children.models import School, SchoolLink
from virtualschool.kernel import csvfiles

_REQUIRED = ("URN", "LinkURN", "LinkType")
_SUCCESSOR, _PREDECESSOR = "Successor", "Predecessor"


def is_links_file(file: csvfiles.CsvFile) -> bool:
    """Whether the file has the one column that only a links file has."""
    return "LinkURN" in file.columns


def load(file: csvfiles.CsvFile, report: Report) -> None:
    """Load the links between schools that are held. Nothing is said of a link that the file does not name.

    Raises:
        RefusedAsAWhole: when the file lacks a column.
    """
    missing = ", ".join(column for column in _REQUIRED if column not in file.columns)
    if missing:
        report.refuse(file.name, 1, missing, "", f"A links file must have the columns {missing}.")
        raise RefusedAsAWhole(report)
    schools = dict(School.objects.values_list("urn", "pk"))
    held = {(link.predecessor_id, link.successor_id): link for link in SchoolLink.objects.all()}
    told: set[tuple[int, int]] = set()
    batch = Batch(SchoolLink, report, "school_links")
    for row in report.rows(file):
        cells = Cells(row, file=file.name, report=report)
        pair = _pair(cells, schools)
        if pair is None:
            continue
        if pair in told:
            report.count("unchanged", "school_links")
            continue
        told.add(pair)
        values = {"link_type": _kind(cells), "established_on": cells.day("LinkEstablishedDate")}
        batch.put(held.get(pair), values, predecessor_id=pair[0], successor_id=pair[1])
    batch.write()


def _pair(cells: Cells, schools: dict[str, int]) -> tuple[int, int] | None:
    """Predecessor and successor; None when the row was refused."""
    kind = cells["LinkType"]
    if not kind.startswith((_SUCCESSOR, _PREDECESSOR)):
        cells.refuse("LinkType", "Neither a successor nor a predecessor; such links are not kept.")
        return None
    for column in ("URN", "LinkURN"):
        if cells[column] not in schools:
            cells.refuse(column, "No school with this URN is held.")
            return None
    one, other = schools[cells["URN"]], schools[cells["LinkURN"]]
    if one == other:
        cells.refuse("LinkURN", "A school is not its own successor.")
        return None
    return (one, other) if kind.startswith(_SUCCESSOR) else (other, one)


def _kind(cells: Cells) -> str:
    """How it came about, the same from either side: “Successor - merged” is “merged”."""
    words = cells.text("LinkType", SchoolLink._meta.get_field("link_type").max_length)
    return words.removeprefix(_SUCCESSOR).removeprefix(_PREDECESSOR).strip(" -")
