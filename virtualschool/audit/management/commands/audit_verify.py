import dataclasses
import json
import sys

from django.core.management.base import BaseCommand

from virtualschool.audit import sealing


class Command(BaseCommand):
    help = (
        "Proves that the audit's chain of seals is whole: exit 1, and the first broken row or seal named, if it is not."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args, **options):
        report = sealing.verify()
        if options["json"]:
            self.stdout.write(json.dumps({"whole": not report.broken, **dataclasses.asdict(report)}))
        else:
            self._tell(report)
        if report.broken:
            sys.exit(1)

    def _tell(self, report):
        for stream, head in report.heads.items():
            counts = (
                f"{report.rows[stream]} rows in {report.seals[stream]} seals, {report.unsealed[stream]} not sealed yet"
            )
            self.stdout.write(f"{stream}: {counts}; newest digest {head or 'none'}")
        self.stdout.write(f"Broken: {report.broken}" if report.broken else "The chain is whole.")
