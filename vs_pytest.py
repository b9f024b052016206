"""The test suite's own servers, its database role, its clock and its network.

Loaded by ``-p vs_pytest`` because settings are read before any ``conftest.py``. The servers belong to the run:
whatever ``DATABASE_URL`` says, no test ever touches another database.
"""

import datetime as dt
import gc
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from xdist.scheduler import LoadScopeScheduling

from scripts.services import ROOT, Services, in_use, var_directory

# A Tuesday in term time, in winter time.
NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=ZoneInfo("Europe/London"))
REAL_CONNECT = socket.socket.connect
# Begun with, so that no worker is left alone with one of them at the end. What the first three build is little beside their tests,
# which both workers share.
SPREAD = ("tests/access/test_matrix.py", "tests/access/test_canaries.py", "tests/overview/test_demo_dates.py")
LONG = (
    *SPREAD,
    "tests/overview/test_demo.py",
    "tests/journeys/test_pep_story_browser.py",
    "tests/tooling/test_run.py",
    "tests/overview/test_navigation.py",
    "tests/overview/test_child.py",
    "tests/jobs/test_worker.py",
)


def is_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    keep_bytecode()
    if not worker and is_controller(early_config) and not early_config.known_args_namespace.help:
        start_servers(early_config)
    if "VS_TEST_REDIS" in os.environ:
        # two databases a worker: its queue and its cache
        number = 2 * int(worker.removeprefix("gw") or 0)
        os.environ["REDIS_URL"] = f"{os.environ['VS_TEST_REDIS']}?virtual_host={number}"


def keep_bytecode() -> None:
    """Everything is compiled once, into a folder of the project's own, for this process and all that it starts.

    Where nobody compiled the packages and Python may not write beside them, each of a run's forty processes, workers,
    commands and services, would compile the same thousand modules again.
    """
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / "var" / "cache" / "bytecode")
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def start_servers(config: pytest.Config) -> None:
    """Servers without fsync in a folder of this run's own, gone when the run ends."""
    remove_left_behind(var_directory())
    var = var_directory() / f"test-{os.getpid()}-{secrets.token_hex(3)}"
    services = Services(var, durable=False)

    def stop() -> None:
        services.leave()
        shutil.rmtree(var, ignore_errors=True)

    config.add_cleanup(stop)
    environment = services.join()
    os.environ.update(environment)
    os.environ["VS_TEST_REDIS"] = environment["REDIS_URL"]
    os.environ["VS_VAR"] = str(var)
    os.environ["VS_DB_ROLE"] = "owner"
    # once a browser runs, its driver keeps an event loop in this thread, in which Django would refuse the database
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def remove_left_behind(var: Path) -> None:
    """Folders of runs that were killed; their servers have stopped by themselves."""
    for folder in var.glob("test-*"):
        if folder.stat().st_mtime < time.time() - 60 and not in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test with a browser page needs the real clock: cookies and scripts run on the browser's own."""
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.realclock)
    items.sort(key=lambda item: module_of(item.nodeid) not in LONG)


def module_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


class ByModule(LoadScopeScheduling):
    """Gives a worker whole modules, so that what a module builds is built once; those of `SPREAD` test by test."""

    def _split_scope(self, nodeid: str) -> str:
        module = module_of(nodeid)
        return nodeid if module in SPREAD else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    return ByModule(config, log)


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: the garbage collector need not look at it again after every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


# ---------------------------------------------------------------- clock, network


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[time_machine.Traveller | None]:
    """Time stands still at `NOW`; ``clock.move_to(...)`` and ``clock.shift(...)`` move it."""
    if request.node.get_closest_marker("realclock"):
        yield None
        return
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    return str(address[0]) in {"127.0.0.1", "::1", "localhost", ""}


def guarded_connect(self: socket.socket, address: Any) -> None:
    if not is_local(address):
        raise RuntimeError(f"A test tried to reach {address}; only this machine may be reached.")
    REAL_CONNECT(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        yield


# ---------------------------------------------------------------- the service's database role


def filled_tables(cursor: Any) -> list[str]:
    """Tables that hold a row."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'")
    asked = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM public.\"{name}\")" for (name,) in cursor.fetchall()]
    cursor.execute(" UNION ALL ".join(asked))
    return [name for (name,) in cursor.fetchall()]


def stored_columns(cursor: Any, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    return str(cursor.fetchone()[0])


class ServiceRole:
    """Lets the tests go on as the service's role, with what only the owner may do done as the owner.

    The database is made and migrated by the owner. From then on every connection works as ``vs_app``, so a test
    that passes says that the service itself may do it. A transactional test is cleaned up by emptying the tables,
    which the service may not: that alone is done as the owner, with triggers off, and what migrations had put
    into the tables is put back. Deleting a test's few rows is much quicker than truncating every table there is.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.options = connection.settings_dict["OPTIONS"]
        self.seeds: dict[str, str] = {}

    def take(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From here on as the service: every connection, of every thread and event loop, reads the same settings."""
        self._remember_seeds()
        self.options["options"] = "-c role=vs_app"
        self.connection.close()

        def execute_sql_flush(operations: Any, statements: list[str]) -> None:
            self.flush(operations.connection)

        monkeypatch.setattr(type(self.connection.ops), "execute_sql_flush", execute_sql_flush)

    def _remember_seeds(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA vs_seed")
            for table in filled_tables(cursor):
                cursor.execute(f'CREATE TABLE vs_seed."{table}" AS TABLE public."{table}"')
                self.seeds[table] = stored_columns(cursor, table)

    def flush(self, connection: Any) -> None:
        from django.db import transaction  # noqa: PLC0415 -- settings are not ready when this module loads

        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in filled_tables(cursor):
                cursor.execute(f'DELETE FROM public."{table}"')
            for table, columns in self.seeds.items():
                cursor.execute(f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM vs_seed."{table}"')
                self._continue_numbers(cursor, table, columns)

    @staticmethod
    def _continue_numbers(cursor: Any, table: str, columns: str) -> None:
        if "id" not in columns.split(", "):
            return
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'public."{table}"'])
        sequence = cursor.fetchone()[0]
        if sequence:
            cursor.execute(f'SELECT setval(%s, (SELECT max(id) FROM "{table}"))', [sequence])


def service_environment() -> dict[str, str]:
    """Environment for a subprocess (a worker, a command) that works on this test run's database as the service."""
    from django.db import connection  # noqa: PLC0415 -- settings are not ready when this module loads

    found = connection.settings_dict
    url = f"postgres://vs_app@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
    return dict(os.environ) | {
        "DATABASE_URL": url,
        "VS_DB_ROLE": "app",
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "PYTHONPATH": str(Path(__file__).resolve().parent),
    }
