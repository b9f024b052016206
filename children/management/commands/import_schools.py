from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from children.imports.command import ImportCommand
from children.imports.source import SourceFile, from_path


class Command(ImportCommand):
    kind = "schools"
    help = "Read an extract of the national school register (GIAS), and its file of successors and predecessors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--links", metavar="FILE", help="the register's links file")
        super().add_arguments(parser)

    def files(self, options: dict[str, Any]) -> list[SourceFile]:
        return [from_path(Path(name)) for name in (options["file"], options["links"]) if name]
