from argparse import ArgumentParser

from children.imports.command import ImportCommand


class Command(ImportCommand):
    kind = "exclusions"
    help = "Read suspensions and permanent exclusions: child_id or upn, kind, start, last, reason, and more when known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        super().add_arguments(parser)
