from django.core.management.base import BaseCommand, CommandError

from virtualschool.jobs import outbox


class Command(BaseCommand):
    help = "Holds all mail, as after a restore, or releases it."

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["hold", "release"])
        parser.add_argument("--reason", default="", help="why mail is held; kept with the hold")
        parser.add_argument("--drop", action="store_true", help="on release: drop what has waited until now")

    def handle(self, *args, **options):
        if options["action"] == "hold":
            if not options["reason"]:
                raise CommandError("Say why: --reason")
            self.stdout.write("Mail is held." if outbox.hold(options["reason"]) else "Mail was held already.")
            return
        count = outbox.release(drop=options["drop"])
        self.stdout.write(f"Mail is released; {count} messages {'were dropped' if options['drop'] else 'wait'}.")
