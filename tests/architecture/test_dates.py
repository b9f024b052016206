"""A day is London's: a moment's own date is the one in Greenwich, a day early for an hour of every summer night."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import modules, tree

OF_A_DAY = ("date", "strftime", "year", "month", "day")


def is_a_moment(node: ast.expr) -> bool:
    """By its name: ``sent_at``, ``at``, ``now()``."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name | ast.Attribute) and named(node.func) == "now"
    return isinstance(node, ast.Name | ast.Attribute) and (named(node) == "at" or named(node).endswith("_at"))


def named(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def days_in_greenwich(module: ast.Module) -> Iterator[str]:
    """``moment.date()``, ``moment.strftime(…)``, a moment's ``.year``, ``.month`` or ``.day``, and a moment written with a format."""
    for node in ast.walk(module):
        if isinstance(node, ast.FormattedValue):
            if node.format_spec is not None and is_a_moment(node.value):
                yield ast.unparse(node.value)
        elif isinstance(node, ast.Attribute) and node.attr in OF_A_DAY and is_a_moment(node.value):
            yield ast.unparse(node)


def test_what_is_looked_for_is_found() -> None:
    wrong = "a.sent_at.date(); now().date(); f'{sent_at:%d %B}'; run.at.year; at.strftime('%d')"
    right = (
        "localdate(a.sent_at); sent_at.astimezone(LONDON).date(); f'{localtime(sent_at):%d}'; f'{sent_at}'; a.on.year"
    )
    assert sorted(days_in_greenwich(ast.parse(wrong))) == [
        "a.sent_at.date",
        "at.strftime",
        "now().date",
        "run.at.year",
        "sent_at",
    ]
    assert list(days_in_greenwich(ast.parse(right))) == []


@pytest.mark.parametrize("name", modules())
def test_no_module_takes_the_day_of_a_moment_from_greenwich(name: str) -> None:
    assert list(days_in_greenwich(tree(name))) == []
