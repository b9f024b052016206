"""The runner brings the whole service up, and takes all of it down again, whoever asks."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.services import ROOT, Places

pytestmark = pytest.mark.realclock
SECONDS = 120


def bare_environment(var: Path, **more: str) -> dict[str, str]:
    """As in a new shell: nothing names a server, a database or settings."""
    ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "VS_DB_ROLE", "VS_TEST_REDIS"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"VS_VAR": str(var)} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read().decode()
    finally:
        client.close()


def processes_of(var: Path) -> list[str]:
    """Command lines of all processes that were started for a data directory, or that name its sockets."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_text().replace("\0", " ")
            ours = f"VS_VAR={var}".encode() in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours or str(Places(var).sockets) in command:
            found.append(command)
    return found


class Runner:
    """`make run` without the installing, started as a shell starts a background job: with SIGINT ignored."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        self.var = var
        self.said = var.with_name("stderr")
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.run"],
                cwd=ROOT,
                env=bare_environment(var, PORT=str(self.port), VS_DEMO_MODE="no"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
            )

    def wait_until_ready(self) -> None:
        assert self.process.stdout.readline() == (
            f"Virtual School is ready: http://127.0.0.1:{self.port}  (Ctrl-C stops it)\n"
        )

    def processes(self) -> list[str]:
        return processes_of(self.var)

    def parts(self) -> set[str]:
        """Which parts of the service run."""
        names = ("gunicorn", " worker ", " beat ", "postgres -D", "valkey-server", "services.py keep")
        return {name.strip() for name in names for line in self.processes() if name in line}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder in which a command was the first thing to run; what it said lies beside."""
    var = tmp_path_factory.mktemp("place") / "var"
    done = subprocess.run(
        [sys.executable, "manage.py", "list_urls", "--json"],
        cwd=ROOT,
        env=bare_environment(var),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (var.parent / "said").write_text(done.stdout)
    return var


@contextmanager
def running(var: Path) -> Iterator[Runner]:
    runner = Runner(var)
    try:
        yield runner
    finally:
        runner.process.kill()
        runner.process.communicate()
        deadline = time.monotonic() + 20
        while runner.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
    assert runner.processes() == []


@pytest.fixture
def new_runner(tmp_path):
    """In an empty folder."""
    with running(tmp_path / "var") as runner:
        yield runner


@pytest.fixture
def runner(place):
    """Where a command has made and migrated the database already: that takes most of a first start."""
    with running(place) as runner:
        yield runner


@pytest.mark.xdist_group("place")
def test_a_command_works_in_an_empty_place_and_leaves_nothing(place):
    said = json.loads((place.parent / "said").read_text())
    assert {"name", "pattern", "methods", "policy", "models"} <= set(said[0])
    assert (place / "migrated").exists()
    assert processes_of(place) == []


@pytest.mark.xdist_group("place")
def test_all_of_it_comes_up_and_ctrl_c_takes_all_of_it_down(runner):
    runner.wait_until_ready()
    assert get(runner.port, "/health/")[0] == 200
    assert runner.parts() == {"gunicorn", "worker", "beat", "postgres -D", "valkey-server", "services.py keep"}
    runner.process.send_signal(signal.SIGINT)
    assert runner.process.wait(SECONDS) == 0
    assert runner.processes() == []
    assert not Places(runner.var).sockets.exists()


def test_it_stops_while_it_is_still_starting(new_runner):
    runner = new_runner
    while not runner.processes() or not (runner.var / "users.lock").exists():
        time.sleep(0.05)
    runner.process.send_signal(signal.SIGTERM)
    assert runner.process.wait(SECONDS) == 0
    assert runner.processes() == []


def test_a_port_that_is_taken_is_said_at_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "scripts.run"],
            cwd=ROOT,
            env=bare_environment(tmp_path, PORT=port),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert processes_of(tmp_path) == []


@pytest.mark.prove
@pytest.mark.parametrize("part", ["gunicorn", " worker ", " beat "])
def test_when_a_part_fails_all_stops_and_says_so(runner, part):
    runner.wait_until_ready()
    entry = next(
        path
        for path in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name))
        if (path / "cmdline").exists()
        and part in (path / "cmdline").read_text().replace("\0", " ")
        and f"VS_VAR={runner.var}".encode() in (path / "environ").read_bytes()
    )
    os.kill(int(entry.name), signal.SIGKILL)
    assert runner.process.wait(SECONDS) == 1
    assert "ended with -9" in runner.said.read_text()
    assert runner.processes() == []


@pytest.mark.prove
def test_a_killed_runner_leaves_nothing(runner):
    runner.wait_until_ready()
    runner.process.kill()
