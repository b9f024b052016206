import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance import rates
from children.models import Child, School
from virtualschool.kernel.dates import as_argument


class Command(BaseCommand):
    help = "Count sessions and absence between two dates, both included, by the Department's rules."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, type=as_argument, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", required=True, type=as_argument, help="YYYY-MM-DD")
        parser.add_argument("--school", metavar="URN", help="marks of days on which the child was on its roll")
        parser.add_argument("--child", metavar="ID", help="the council's id of one child")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school, child = self._asked(options)
        except CommandError as refused:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(refused)}))
            raise
        found = rates.of_marks(options["first"], options["last"], child=child, school=school).to_json()
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        marks = found.pop("codes")
        for name, number in found.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {number}")
        self.stdout.write("codes: " + ", ".join(f"{code} {number}" for code, number in marks.items()))

    def _asked(self, options: dict[str, Any]) -> tuple[int | None, int | None]:
        """The school and the child, if any, that it is about; CommandError when the question has no answer."""
        if options["first"] > options["last"]:
            raise CommandError("--from is after --to.", returncode=2)
        school = self._known(School, "urn", options["school"])
        return school, self._known(Child, "child_id", options["child"], sealed=False)

    def _known(self, model: Any, column: str, value: str | None, **more: Any) -> int | None:
        """The record's primary key; None when nothing was asked for."""
        if value is None:
            return None
        found = model._base_manager.filter(**{column: value}, **more).values_list("pk", flat=True).first()
        if found is None:
            raise CommandError(f"No {model._meta.verbose_name} {value} is known.", returncode=2)
        return int(found)
