"""Answers that a browser keeps as a file."""

from collections.abc import Iterable

from django.http import HttpResponse


def csv_file(name: str, lines: Iterable[str]) -> HttpResponse:
    """Lines as ``csvfiles.write`` gives them, to be kept as ``name``.csv."""
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
