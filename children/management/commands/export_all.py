import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from children.exports import everything


class Command(BaseCommand):
    help = "Write everything that is held in open formats, with a data dictionary and without passwords."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", metavar="DIR", help="a new or empty folder")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        into = Path(options["dir"])
        if into.exists() and (not into.is_dir() or any(into.iterdir())):
            raise CommandError(f"{into} is not an empty folder.", returncode=2)
        written = everything.export(into)
        if options["json"]:
            self.stdout.write(json.dumps({"files": written}))
            return
        for name, rows in written.items():
            self.stdout.write(f"{name}: {rows} rows")
