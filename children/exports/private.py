"""Files that only the person who asked for them may read, and the line in the access log that says they were made."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from virtualschool.audit.enums import AccessKind
from virtualschool.audit.models import AccessLog
from virtualschool.kernel import csvfiles


def folder(path: Path) -> Path:
    """Make a folder for nobody else."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(path: Path, lines: Iterable[str]) -> None:
    """Write text as UTF-8, line ends as they are, readable to the owner alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write a CSV file a row at a time.

    Returns:
        how many rows it has, without the header.
    """
    written = 0

    def counted() -> Iterator[list[Any]]:
        nonlocal written
        for row in rows:
            written += 1
            yield list(row)

    write(path, csvfiles.write(list(columns), counted()))
    return written


def log(name: str, child_ids: Iterable[int]) -> None:
    """An export is a look at every child in it. From the command line nobody is signed in: the user is empty."""
    AccessLog.objects.create(
        user_id="", method="COMMAND", route=name, status=200, kind=AccessKind.EXPORT, child_ids=sorted(child_ids)
    )
