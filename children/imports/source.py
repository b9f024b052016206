"""The files of an import as they came, before anybody looked inside."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class SourceFile:
    """A file's name, without any folder, and its bytes."""

    name: str
    content: bytes = field(repr=False)


def from_path(path: Path) -> SourceFile:
    return SourceFile(path.name, path.read_bytes())


def digest(files: Sequence[SourceFile], options: Mapping[str, str]) -> str:
    """SHA-256 over names, contents and options: the same digest is the same import."""
    found = hashlib.sha256()
    parts = [part for file in files for part in (file.name.encode(), file.content)]
    parts += [f"{name}={value}".encode() for name, value in sorted(options.items())]
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()
