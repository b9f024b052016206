"""Every rule that the rules page offers to change is asked for somewhere, and one that nobody asks for says so."""

import ast
from collections.abc import Iterator

import pytest

from children.checks import signals
from tests.architecture import sources
from virtualschool.rulebook import shipped
from virtualschool.rulebook.enums import Use

# The rulebook itself asks for no rule, and the made-up authority only plays what the others have asked.
NO_READERS = ("virtualschool.rulebook", "virtualschool.overview.demo")
FAMILY = 2  # dots in what is fixed of a key that is put together, as "pep.attendees."


def nodes() -> Iterator[ast.AST]:
    for name in sources.modules():
        if not name.startswith(NO_READERS):
            yield from ast.walk(sources.tree(name))


def asked_for(found: Iterator[ast.AST]) -> tuple[set[str], tuple[str, ...]]:
    """Keys that stand in the code, the variants that it asks for by name, and the beginnings of keys that it puts together."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for node in found:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            whole.add(node.value)
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            beginnings.add(str(node.values[0].value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "variant":
            by = next(given.value for given in node.keywords if given.arg == "by")
            if isinstance(node.args[0], ast.Constant) and isinstance(by, ast.Constant):
                whole.add(f"{node.args[0].value}.by_{by.value}")
    return whole, tuple(one for one in beginnings if one.count(".") >= FAMILY)


@pytest.fixture(scope="module")
def asked() -> set[str]:
    whole, beginnings = asked_for(nodes())
    whole |= {signals.PREFIX + name for name in signals.SIGNALS}
    return {key for key in shipped.definitions() if key in whole or key.startswith(beginnings)}


def test_the_ways_of_asking_are_found() -> None:
    text = 'rules.get("a.b", on=on); pack.variant("c.d", by="phase", code=x); [f"e.f.{x}", f"g.{x}"]'
    whole, beginnings = asked_for(ast.walk(ast.parse(text)))
    assert {"a.b", "c.d.by_phase"} <= whole
    assert beginnings == ("e.f.",)


@pytest.mark.parametrize("key", list(shipped.definitions()))
def test_a_rule_says_truly_whether_it_is_asked_for(key: str, asked: set[str]) -> None:
    assert (shipped.definition(key).use == Use.READ) == (key in asked)


def test_what_is_built_in_is_no_ones_to_change() -> None:
    built_in = [one for one in shipped.definitions().values() if one.use == Use.BUILT_IN]
    assert {one.configurable for one in built_in} == {False}
