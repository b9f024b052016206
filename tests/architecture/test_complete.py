"""Migrations say all that the models say, and the documents name every command and every setting."""

import ast
import re

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from tests.architecture.sources import PACKAGES, ROOT, modules

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = sorted(name for name, app in get_commands().items() if str(app).startswith(PACKAGES))
SETTINGS = sorted((ROOT / "virtualschool" / "settings").glob("*.py"))
# What only the project's own tools say to each other.
INTERNAL = {"VS_DB_ROLE"}


def test_the_migrations_say_all_that_the_models_say() -> None:
    loader = MigrationLoader(None)
    questions = NonInteractiveMigrationQuestioner(specified_apps=None, dry_run=True)
    found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps), questions)
    assert loader.detect_conflicts() == {}
    assert {app: [str(one) for one in changes] for app, changes in found.changes(graph=loader.graph).items()} == {}


def test_the_commands_are_found() -> None:
    assert {"demo", "nightly", "import_roll", "import_ssda903", "import_schools", "list_urls", "audit_verify"} <= set(
        COMMANDS
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_stands_in_the_documents(command: str) -> None:
    assert [path.name for path in DOCUMENTS if re.search(rf"\b{command}\b", path.read_text())]


def variables() -> list[str]:
    """The environment variables that the settings read."""
    found = set()
    for path in SETTINGS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and _reads_environment(node.func):
                first = node.args[0]
                found |= {first.value} if isinstance(first, ast.Constant) and isinstance(first.value, str) else set()
    return sorted(found - INTERNAL)


def _reads_environment(function: ast.expr) -> bool:
    return ast.unparse(function) in ("os.environ.get", "flag", "needed")


def explained() -> str:
    """The documents, and what each module of the settings says of itself at its top."""
    tops = [ast.get_docstring(ast.parse(path.read_text())) or "" for path in SETTINGS]
    return "\n".join([*tops, *(path.read_text() for path in DOCUMENTS)])


def test_the_variables_are_found() -> None:
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VS_VAR", "EMAIL_HOST"} <= set(variables())


@pytest.mark.parametrize("name", variables())
def test_a_variable_of_the_environment_is_explained(name: str) -> None:
    """In the documents, or at the top of the settings that read it; ``EMAIL_…`` is one family."""
    known = explained()
    assert re.search(rf"\b{name}\b", known) or (name.startswith("EMAIL_") and "EMAIL_HOST`` …" in known)


def test_every_module_says_what_it_is_for() -> None:
    """Empty packages, addresses and forms apart, whose names say it."""
    plain = re.compile(
        r"(^|\.)(urls\w*|forms\w*|apps|models|filters\w*|querysets|enums|policies\w*|tasks|__main__)$|\.forms\.|\.commands\."
    )
    found = [
        name
        for name, path in modules().items()
        if path.read_text().strip() and not plain.search(name) and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert found == []
