"""What an import did: counts for each table, and every row that was refused or flagged, in words that lead back to the file.

*Refused*: the row was not loaded. *Flagged*: the row was loaded and one of its fields was set aside or is doubted.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from children.imports.source import SourceFile
from virtualschool.kernel import csvfiles

COLUMNS = ("outcome", "file", "line", "column", "value", "reason")
# What somebody wrote there tells where a child lives, or lived.
ADDRESSES = frozenset({"HOME_POST", "PL_POST"})
OUTCOMES = ("created", "updated", "unchanged")


class RefusedAsAWhole(Exception):
    """Nothing of the files was imported; the report says why."""

    def __init__(self, report: "Report") -> None:
        super().__init__(report.refused[-1].reason if report.refused else "Nothing was imported.")
        self.report = report


@dataclass(frozen=True)
class Remark:
    """One row, or one of its cells, that somebody should look at. The header is line 1; line 0 is the file as a whole.

    ``child`` is the council's id, or the UPN, that the row has for its child: the log of access says by it who was shown.
    """

    file: str
    line: int
    column: str
    value: str
    reason: str
    child: str = ""

    def to_json(self) -> dict[str, Any]:
        """The remark as it is printed."""
        return {column: getattr(self, column) for column in COLUMNS[1:]}


class Report:
    """Filled while an import runs. A table that was read is named in every count, with 0 where nothing happened."""

    def __init__(self, *, dry_run: bool = False) -> None:
        self.dry_run = dry_run
        self.created: Counter[str] = Counter()
        self.updated: Counter[str] = Counter()
        self.unchanged: Counter[str] = Counter()
        self.flagged: list[Remark] = []
        self.refused: list[Remark] = []
        self.notes: list[str] = []

    def table(self, *names: str) -> None:
        """Name a table that is being read, so that its counts are told even when they are 0."""
        for counts in (self.created, self.updated, self.unchanged):
            for name in names:
                counts.setdefault(name, 0)

    def count(self, outcome: str, table: str, number: int = 1) -> None:
        """Count rows of ``table``; ``outcome`` is created, updated or unchanged."""
        self.table(table)
        getattr(self, outcome)[table] += number

    def flag(self, file: str, line: int, column: str, value: str, reason: str, child: str = "") -> None:
        """A row that was loaded, with a field set aside or doubted."""
        self.flagged.append(Remark(file, line, column, value, reason, child))

    def refuse(self, file: str, line: int, column: str, value: str, reason: str, child: str = "") -> None:
        """A row that was not loaded."""
        self.refused.append(Remark(file, line, column, value, reason, child))

    def note(self, words: str) -> None:
        """Something about the run as a whole."""
        if words and words not in self.notes:
            self.notes.append(words)

    def opened(self, source: SourceFile, *, fold: Callable[[str], str] = str) -> csvfiles.CsvFile:
        """The file with its columns.

        Raises:
            RefusedAsAWhole: when it cannot be read.
        """
        try:
            return csvfiles.read(source.content, name=source.name, fold=fold)
        except csvfiles.Unreadable as problem:
            self.refuse(source.name, 1, "", "", str(problem))
            raise RefusedAsAWhole(self) from None

    def rows(self, file: csvfiles.CsvFile) -> Iterator[csvfiles.Row]:
        """The file's readable rows; those that are not go to the report as refused."""
        self.note(file.note)
        for row in file.rows():
            if isinstance(row, csvfiles.BadRow):
                self.refuse(file.name, row.line, row.column, row.value, row.reason)
            else:
                yield row

    def changed(self) -> int:
        """How many rows were created or updated."""
        return self.created.total() + self.updated.total()

    def to_json(self) -> dict[str, Any]:
        """The shape that every ``import_*`` command prints."""
        return {
            "created": dict(self.created),
            "updated": dict(self.updated),
            "unchanged": dict(self.unchanged),
            "dry_run": self.dry_run,
            "flagged": [remark.to_json() for remark in in_order(self.flagged)],
            "refused": [remark.to_json() for remark in in_order(self.refused)],
        }

    def to_stored(self) -> dict[str, Any]:
        """The same as it is kept: each remark with its child."""
        kept = {name: [asdict(remark) for remark in in_order(getattr(self, name))] for name in ("flagged", "refused")}
        return self.to_json() | kept

    def to_text(self) -> Iterator[str]:
        """The same for people: counts first, then every refused and flagged row."""
        stored = self.to_json()
        tables = list(dict.fromkeys(name for outcome in OUTCOMES for name in stored[outcome]))
        for table in tables:
            yield f"{table}: " + ", ".join(f"{stored[outcome].get(table, 0)} {outcome}" for outcome in OUTCOMES)
        yield from self.notes
        for word in ("refused", "flagged"):
            yield f"{len(stored[word])} {word}"
            yield from (f"  {in_words(remark)}" for remark in stored[word])
        if self.dry_run:
            yield "Dry run: nothing was kept."


def in_order(remarks: list[Remark]) -> list[Remark]:
    """By file and line; of one row in the order they were found."""
    return sorted(remarks, key=lambda remark: (remark.file, remark.line))


def in_words(remark: dict[str, Any]) -> str:
    """One line of text for a stored remark."""
    cell = f" {remark['column']}" if remark["column"] else ""
    value = f" “{remark['value']}”" if remark["value"] else ""
    return f"{remark['file']} line {remark['line']}{cell}{value}: {remark['reason']}"


def remarks(stored: dict[str, Any], *, addresses: bool) -> list[dict[str, Any]]:
    """The remarks of a stored report, each with its outcome: refused rows, then flagged ones.

    Args:
        addresses: whether the reader reads where children live; otherwise such a value is left out.
    """
    found = [{"outcome": word, **remark} for word in ("refused", "flagged") for remark in stored.get(word, [])]
    return [one if addresses or one["column"] not in ADDRESSES else one | {"value": ""} for one in found]


def to_csv(found: list[dict[str, Any]]) -> Iterator[str]:
    """Remarks of a stored report, as a file to work through."""
    return csvfiles.write(COLUMNS, [[remark[column] for column in COLUMNS] for remark in found])
