import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from children.exports import ssda903


class Command(BaseCommand):
    help = "Write the tables of a statutory return (SSDA903) that are held, in the department's form."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", metavar="DIR", help="the folder to write into")
        parser.add_argument("--year", type=int, required=True, help="the year in which the collection ends")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        written = ssda903.export(options["year"], Path(options["dir"]))
        if options["json"]:
            self.stdout.write(json.dumps({"year": options["year"], "files": written}))
            return
        for name, rows in written.items():
            self.stdout.write(f"{name}: {rows} rows")
