"""The private servers: shared by all who use them, stopped by the last, and never left behind."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest

from scripts.services import ROOT, Places, ServiceError, Services, Unprivileged, in_use

pytestmark = pytest.mark.realclock

USER = """
import sys, time
from pathlib import Path
from scripts.services import Services
with Services(Path(sys.argv[1]), durable=False):
    print("joined", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """A data directory with a path far longer than a socket's may be."""
    return tmp_path / ("a long way down " * 8).strip()


@pytest.fixture
def user(var: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts another program that uses the servers until its standard input closes."""
    started = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", USER, str(var)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        started.append(process)
        assert process.stdout.readline() == "joined\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    assert eventually(lambda: not in_use(var))


def eventually(true: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def ask(var: Path, sql: str, role: str = "vs_app") -> object:
    connection = psycopg2.connect(Places(var).database_url(role))
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def answers(var: Path) -> bool:
    try:
        return ask(var, "SELECT 1") == 1
    except psycopg2.OperationalError:
        return False


def processes_of(var: Path) -> list[int]:
    """Every process whose command line names the data directory or its sockets."""
    names = (str(var).encode(), str(Places(var).sockets).encode())
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes()
        except OSError:
            continue
        if any(name in command for name in names) and int(entry.parent.name) != os.getpid():
            found.append(int(entry.parent.name))
    return found


def server_process(var: Path, program: str) -> int:
    """The process of a server, or 0 while there is none."""
    for pid in processes_of(var):
        with suppress(OSError):
            if program in Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]:
                return pid
    return 0


def test_the_last_user_stops_the_servers(var, user):
    services = Services(var, durable=False)
    services.join()
    other = user()
    services.leave()
    assert answers(var)
    other.communicate()
    assert eventually(lambda: processes_of(var) == [])
    assert not Places(var).sockets.exists()


def test_leaving_waits_until_nothing_is_left(var):
    with Services(var, durable=False):
        assert answers(var)
    assert processes_of(var) == []


def test_what_was_written_is_there_the_next_time(var):
    with Services(var, durable=False):
        owner = psycopg2.connect(Places(var).database_url("vs_owner"))
        with owner, owner.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 'é' AS word")
        owner.close()
    with Services(var, durable=False):
        assert ask(var, "SELECT word FROM kept") == "é"


def test_a_killed_user_leaves_no_server(var, user):
    process = user()
    process.kill()
    process.wait()
    assert eventually(lambda: processes_of(var) == [])


def test_a_killed_keeper_leaves_no_server(var, user):
    user()
    os.kill(server_process(var, "python"), signal.SIGKILL)
    assert eventually(lambda: not answers(var))


@pytest.mark.parametrize("program", ["postgres", "valkey-server"])
def test_a_killed_server_is_started_again(var, user, program):
    user()
    first = server_process(var, program)
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: server_process(var, program) not in {0, first})
    assert eventually(lambda: answers(var))


def test_only_its_owner_reaches_the_sockets(var):
    with Services(var, durable=False):
        found = Places(var).sockets.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700


def test_a_socket_folder_that_others_may_read_is_refused(var):
    places = Places(var)
    places.sockets.mkdir(mode=0o755)
    try:
        with pytest.raises(ServiceError, match="not a private folder"):
            places.make(Unprivileged.choose())
    finally:
        places.sockets.rmdir()


def test_the_two_roles(var):
    with Services(var, durable=False):
        rights = (
            "SELECT string_agg(rolname || ' ' || rolsuper || ' ' || rolcreatedb, ', ' ORDER BY rolname)"
            " FROM pg_roles WHERE rolname LIKE 'vs\\_%'"
        )
        assert ask(var, rights) == "vs_app false false, vs_owner false true"
        assert ask(var, "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()") == (
            "vs_owner"
        )
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(var, "CREATE TABLE own (id int)")
