"""What the ``import_*`` commands share: reading files from the disk, printing the report, the exit code."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from children.imports.kinds import named
from children.imports.report import RefusedAsAWhole, Report
from children.imports.runs import import_now
from children.imports.source import SourceFile, from_path


class ImportCommand(BaseCommand):
    """Set ``kind``; say in ``files`` and ``run_options`` what the arguments mean.

    Standard output has the report, as text or with ``--json`` as one object. The exit code is 0 when the files were read,
    however many rows were refused, and 2 when they were refused as a whole or could not be opened; of the latter ``--json`` has
    the one key ``error``.
    """

    kind = ""
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--dry-run", action="store_true", help="do everything and keep nothing")

    def files(self, options: dict[str, Any]) -> list[SourceFile]:
        """The files that the arguments name."""
        return [from_path(Path(options["file"]))]

    def run_options(self, options: dict[str, Any]) -> Mapping[str, str]:
        """What the reader is told beside the files."""
        return {}

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            files = self.files(options)
        except OSError as error:
            words = f"{error.strerror}: {error.filename}"
            if options["json"]:
                self.stdout.write(json.dumps({"error": words}, ensure_ascii=False))
            raise CommandError(words, returncode=2) from error
        refused = False
        try:
            report = import_now(
                kind=named(self.kind),
                files=files,
                options=self.run_options(options),
                by=None,
                dry_run=options["dry_run"],
            )
        except RefusedAsAWhole as whole:
            report, refused = whole.report, True
        self._print(report, as_json=options["json"])
        if refused:
            raise CommandError(f"Nothing was imported: {report.refused[-1].reason}", returncode=2)

    def _print(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.to_json(), ensure_ascii=False))
            for note in report.notes:
                self.stderr.write(note)
            return
        for line in report.to_text():
            self.stdout.write(line)
