import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from virtualschool.overview.addresses import addresses


class Command(BaseCommand):
    help = "Every URL pattern: name, pattern, methods, policy, and the model that each id means."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON list.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = addresses()
        if options["json"]:
            self.stdout.write(json.dumps([address.to_json() for address in found], indent=1))
            return
        for address in found:
            models = ", ".join(f"{name}: {label}" for name, label in address.models.items())
            self.stdout.write(f"{address.name:40} {'/'.join(address.methods):10} {address.policy:60} {models}")
            self.stdout.write(f"    {address.pattern}")
