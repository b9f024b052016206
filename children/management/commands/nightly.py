"""The night's checks in the foreground: the same code that runs by itself every night."""

import json
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from children.checks import engine
from children.checks.registry import CHECKS
from virtualschool.audit import context
from virtualschool.jobs import nights, registry
from virtualschool.kernel.dates import as_argument, today

Counted = dict[str, dict[str, int]]


class Command(BaseCommand):
    help = (
        "Run the night's checks as at the end of a date, after the nights missed before it, and print what opened, "
        "was updated, stayed and was resolved, added up over the nights run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=as_argument, help="YYYY-MM-DD, not after today; yesterday when not given.")
        parser.add_argument("--check", choices=sorted(CHECKS), help="This check alone.")
        parser.add_argument("--json", action="store_true", help="One JSON object on standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["date"] or today() - timedelta(days=1)
        if on > today():
            raise CommandError(f"{on} is after today; the night is run as at the end of a day that has come.")
        past, counted = one_check(on, options["check"]) if options["check"] else whole_night(on)
        if past:
            self.stderr.write(f"A later night is complete: this reports on {on} and changes nothing.")
        counted = {name: engine.Counts(**counted[name]).as_dict() for name in sorted(counted)}
        if options["json"]:
            self.stdout.write(json.dumps({"date": on.isoformat(), "checks": counted}))
            return
        self.stdout.write(f"As at the end of {on.isoformat()}")
        for name, counts in counted.items():
            self.stdout.write(f"  {name}: " + ", ".join(f"{number} {word}" for word, number in counts.items()))


def whole_night(on: date) -> tuple[bool, Counted]:
    """All that a night does, through the ledger, after the missed nights before it; the checks come last.

    Returns:
        whether the date is past, and the checks' counts over the nights that were run here.
    """
    try:
        for job in registry.night_jobs():
            if job.name != engine.JOB:
                nights.run_now(on, job.name)
        return False, nights.run_now(on, engine.JOB)
    except nights.NightIsPast:
        return True, engine.report(on)
    except nights.NightFailed as error:
        raise CommandError(str(error)) from error


def one_check(on: date, name: str) -> tuple[bool, Counted]:
    """One check over the whole roll; the ledger is not touched."""
    last = nights.last_complete(engine.JOB)
    if last is not None and on < last:
        return True, engine.report(on, [name])
    with context.acting(None, why=f"nightly --check {name} --date {on}"):
        return False, {name: engine.run_check(CHECKS[name], on).as_dict()}
