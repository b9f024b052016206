"""The page on the journeys of a PEP names thirteen, and each test that it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def rows() -> list[list[str]]:
    lines = (ROOT / "docs" / "journeys.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ") and "`" in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def written_in(module: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / "journeys" / module).read_text(encoding="utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}


def test_there_are_thirteen_each_with_its_test():
    assert [len(NAMED.findall(walked)) for _, walked, _ in rows()] == [1] * 13
    assert len({walked for _, walked, _ in rows()}) == 13


def test_a_browser_walks_three():
    assert [len(NAMED.findall(browser)) for _, _, browser in rows() if browser] == [1] * 3


def test_what_is_named_is_there():
    named = [found for row in rows() for found in NAMED.findall(" ".join(row))]
    assert [f"{module}::{name}" for module, name in named if name not in written_in(module)] == []
