"""The kinds of import there are. An app above the roll adds its own in ``AppConfig.ready``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from children.imports.report import Report
from children.imports.roll import import_roll
from children.imports.schools import import_schools
from children.imports.source import SourceFile
from children.imports.ssda903.load import load_return

MEGABYTE = 1024 * 1024


class Reader(Protocol):
    """Reads files into the database and tells the report; it runs in a transaction that its caller keeps or rolls back.

    Raises:
        RefusedAsAWhole: when nothing of the files can be loaded.
    """

    def __call__(self, files: Sequence[SourceFile], *, report: Report, options: Mapping[str, str]) -> None: ...


@dataclass(frozen=True)
class Kind:
    """``title`` and ``hint`` are what the page says; ``many``: it takes several files at once."""

    name: str
    title: str
    hint: str
    read: Reader
    many: bool = False
    most_bytes: int = 20 * MEGABYTE


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Offer a kind of import on the page and to ``ImportCommand``."""
    _KINDS[kind.name] = kind


def named(name: str) -> Kind:
    """The kind of that name.

    Raises:
        KeyError: when there is none.
    """
    return _KINDS[name]


def every() -> list[Kind]:
    return list(_KINDS.values())


register(
    Kind(
        name="roll",
        title="Council roll",
        hint="The council's weekly CSV: names, schools, and who works with each child.",
        read=import_roll,
    )
)
register(
    Kind(
        name="ssda903",
        title="Statutory return (SSDA903)",
        hint="The CSV tables of one year's return, all at once.",
        read=load_return,
        many=True,
    )
)
register(
    Kind(
        name="schools",
        title="School register (GIAS)",
        hint="An extract of Get Information About Schools, with its links file if you have it.",
        read=import_schools,
        many=True,
        most_bytes=40 * MEGABYTE,
    )
)
