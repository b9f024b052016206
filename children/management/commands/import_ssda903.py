from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from children.imports.command import ImportCommand
from children.imports.source import SourceFile, from_path


class Command(ImportCommand):
    kind = "ssda903"
    help = "Read a statutory return (SSDA903) from its CSV tables, which are recognised by their columns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", metavar="DIR", help="the folder with the return's files, or one file")
        parser.add_argument(
            "--year", default="", help="the year in which the collection ends (default: read from the dates)"
        )
        parser.add_argument(
            "--go-live",
            default="",
            metavar="DATE",
            help="yyyy-mm-dd: nothing is asked of new children before it (default: today)",
        )
        super().add_arguments(parser)

    def files(self, options: dict[str, Any]) -> list[SourceFile]:
        path = Path(options["dir"])
        if path.is_file():
            return [from_path(path)]
        return [from_path(file) for file in sorted(path.iterdir()) if file.is_file() and not file.name.startswith(".")]

    def run_options(self, options: dict[str, Any]) -> Mapping[str, str]:
        return {name: options[name] for name in ("year", "go_live") if options[name]}
