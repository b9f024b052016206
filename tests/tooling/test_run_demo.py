"""Before it serves, the runner looks whether a made-up authority is there, and whether it is whole."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from scripts import run
from scripts.services import Services

pytestmark = pytest.mark.realclock
TABLES = """
    CREATE TABLE accounts_user (id int);
    CREATE TABLE overview_demoauthority (finished_at timestamptz);
"""
HALF = "INSERT INTO accounts_user VALUES (1); INSERT INTO overview_demoauthority VALUES (NULL)"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A private database with the two tables that the runner asks."""
    with Services(tmp_path / "var", durable=False) as found:
        for name, value in found.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "virtualschool.settings.dev")
        monkeypatch.delenv("VS_DEMO_MODE", raising=False)
        execute(TABLES)
        yield


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that the runner would run."""
    told: list[str] = []
    monkeypatch.setattr(run, "step", lambda asked, name, *arguments: told.append(name))
    monkeypatch.setattr(run, "migrate", lambda asked: told.append("migrate"))
    return told


def execute(statements: str) -> list[tuple]:
    with run.connected("DATABASE_OWNER_URL") as connection, connection.cursor() as cursor:
        cursor.execute(statements)
        return cursor.fetchall() if cursor.description else []


def prepare(*, private: bool = True) -> None:
    run.prepare(None, private=private)


def test_an_empty_database_gets_its_authority_and_a_used_one_is_left_alone(server, steps):
    prepare()
    assert steps == ["migrate", "static files", "demo authority"]
    execute("INSERT INTO accounts_user VALUES (1)")
    prepare()
    execute("INSERT INTO overview_demoauthority VALUES (now())")
    prepare()
    assert steps[3:] == ["migrate", "static files"] * 2


def test_half_an_authority_is_made_anew(server, steps, capsys):
    execute(HALF)
    prepare()
    assert steps == ["migrate", "static files", "migrate", "demo authority"]
    assert "broken off half made; making it anew" in capsys.readouterr().err
    assert execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    assert execute("SELECT count(*) FROM pg_extension WHERE extname = 'btree_gist'") == [(1,)]


def test_somebody_elses_database_is_never_emptied(server, steps):
    execute(HALF)
    with pytest.raises(run.Failed, match="give the service an empty database"):
        prepare(private=False)
    assert execute("SELECT count(*) FROM accounts_user") == [(1,)]


def test_nor_one_that_somebody_uses(server, steps):
    execute(HALF)
    with run.connected("DATABASE_URL"), pytest.raises(psycopg2.Error, match="being accessed by other users"):
        prepare()
    assert execute("SELECT count(*) FROM accounts_user") == [(1,)]


def test_without_demo_mode_nothing_is_made_up(server, steps, monkeypatch):
    monkeypatch.setenv("VS_DEMO_MODE", "no")
    execute(HALF)
    prepare()
    assert steps == ["migrate", "static files"]
