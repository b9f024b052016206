from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from children.models import Child
from virtualschool.kernel.dates import as_argument, today
from virtualschool.overview.demo.build import build
from virtualschool.overview.models import DemoAuthority


class Command(BaseCommand):
    help = (
        "A made-up authority: N children in care, three years of history, every role with work waiting, as at a date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--children", type=int, default=700, help="How many children are in care (700).")
        parser.add_argument("--seed", type=int, default=1, help="What the authority is drawn from (1).")
        parser.add_argument("--on", type=as_argument, default=None, help="As at this date, YYYY-MM-DD (today).")

    def handle(self, *args: Any, children: int, seed: int, on: date | None, **options: Any) -> None:
        on = on or today()
        if not settings.DEMO_MODE:
            raise CommandError("Demo mode is off here: made-up people do not belong beside real ones.")
        if not 1 <= children <= 20_000:
            raise CommandError(f"--children must be from 1 to 20,000, not {children}.")
        made = DemoAuthority.objects.first()
        if made is not None:
            self._say_what_is_there(made)
            return
        if Child.objects.exists():
            raise CommandError(
                "This database holds children who were not made up. The demo authority needs an empty one."
            )
        build(children=children, seed=seed, on=on, tell=lambda line: self.stderr.write(line))
        self.stdout.write(f"A demo authority of {children} children as at {on} is ready.")

    def _say_what_is_there(self, made: DemoAuthority) -> None:
        if made.finished_at is None:
            raise CommandError(
                f"A {made} was begun here and not finished, so it is no use: its making was broken off, or still goes on. "
                "The demo authority needs an empty database: `make run` empties the checkout's private one by itself."
            )
        self.stdout.write(f"There is a {made} already (seed {made.seed}); nothing was done.")
