import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from virtualschool.jobs import bounces


class Command(BaseCommand):
    help = (
        "Reads mails that say that a mail of this service came back (RFC 3464), and marks the person and the messages."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", help="a mail as it was received; - reads one from standard input")

    def handle(self, *args, **options):
        """Each file by itself: one that cannot be read does not hinder the others.

        Raises:
            CommandError: at the end, when some could not be read.
        """
        failed = sum(not self._read(name) for name in options["files"])
        if failed:
            raise CommandError(f"{failed} of {len(options['files'])} could not be read.")

    def _read(self, name: str) -> bool:
        try:
            content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            bounce = bounces.read(content)
            messages = bounces.record(bounce)
        except (bounces.NotABounce, OSError) as problem:
            words = problem.strerror if isinstance(problem, OSError) else problem
            self.stderr.write(f"{name}: {words}")
            return False
        if not bounce.for_good:
            self.stdout.write(f"{name}: delayed, not returned ({bounce.because}). Nothing is marked.")
        else:
            self.stdout.write(f"{name}: the mail to {messages[0].to} came back ({bounce.because}).")
        return True
