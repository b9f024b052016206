from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from attendance.marking import IMPORT
from children.imports.command import ImportCommand


class Command(ImportCommand):
    kind = "attendance"
    help = "Read a collector's marks: by the saved mapping of its source, else upn or child_id, date, session, code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--source", default=IMPORT, help="whose marks they are (default: %(default)s)")
        super().add_arguments(parser)

    def run_options(self, options: dict[str, Any]) -> Mapping[str, str]:
        return {"source": options["source"]}
