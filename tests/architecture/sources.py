"""The project's own files, as the structural tests read them."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("attendance", "children", "peps", "pupil_premium", "referrals", "virtualschool")


@cache
def modules() -> dict[str, Path]:
    """Every module of the project by its dotted name, migrations apart."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text())


def called(path: Path) -> str:
    """A path as people write it."""
    return str(path.relative_to(ROOT))
