from argparse import ArgumentParser

from children.imports.command import ImportCommand


class Command(ImportCommand):
    kind = "roll"
    help = "Read the council's weekly CSV: names, schools, and who works with each child."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        super().add_arguments(parser)
