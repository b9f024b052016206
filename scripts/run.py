"""The whole service on one machine: database, broker, web, worker and beat, until Ctrl-C.

``DATABASE_URL`` and ``REDIS_URL`` are used where set; otherwise the checkout's private servers are. Nothing that
this starts outlives it: children get a signal from the kernel when it is killed, and the private servers stop
when their last user has gone.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

from scripts.services import ROOT, ServiceError, Services, var_directory

HOST = "127.0.0.1"
READY_SECONDS = 120.0
STOP_SECONDS = 15.0
WORKER_QUEUES = "default,mail,nightly,files"


class Stopped(Exception):
    """Somebody asked the runner to stop."""


class Failed(Exception):
    """A part of the service could not start or ended by itself; the message says which."""


class Asked:
    """Remembers that SIGINT or SIGTERM came; a shell may have started us with SIGINT ignored."""

    def __init__(self) -> None:
        self.signal = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.remember)

    def remember(self, number: int, frame: FrameType | None) -> None:
        self.signal = number

    def check(self) -> None:
        if self.signal:
            raise Stopped


@dataclass
class Child:
    """A process in a group of its own, so that Ctrl-C reaches only the runner, which stops all in order."""

    name: str
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, name: str, *command: object) -> "Child":
        bound = ("setpriv", "--pdeathsig=TERM") if shutil.which("setpriv") else ()
        parts = [*bound, *map(str, command)]
        process = subprocess.Popen(parts, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
        return cls(name, process)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        """Ask it to finish what it is doing, then make sure that nothing of its group is left."""
        if not self.ended:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def step(asked: Asked, name: str, *arguments: str) -> None:
    """Run one of Django's commands to its end."""
    print(f"run: {name} ...", file=sys.stderr, flush=True)
    child = Child.start(name, sys.executable, ROOT / "manage.py", *arguments)
    try:
        while not child.ended:
            asked.check()
            time.sleep(0.05)
    finally:
        child.stop()
    if child.process.returncode:
        raise Failed(f"{name} failed with {child.process.returncode}")


@contextmanager
def connected(variable: str, **instead: str) -> Iterator["psycopg2.extensions.connection"]:
    """A connection to the database that the environment variable names; ``instead`` changes a part of its address."""
    connection = psycopg2.connect(os.environ[variable], **instead)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def demo_state() -> str:
    """What is in the database: ``nothing``, ``half`` a made-up authority whose making was broken off, or anything ``else``."""
    with connected("DATABASE_URL") as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN EXISTS (SELECT FROM overview_demoauthority WHERE finished_at IS NULL) THEN 'half'"
            " WHEN EXISTS (SELECT FROM accounts_user) THEN 'else' ELSE 'nothing' END"
        )
        return str(cursor.fetchone()[0])


def empty_private_database() -> None:
    """Make the private database anew; its template has the extensions and rights. For half an authority, which is all made up.

    PostgreSQL refuses while anybody is connected, such as a `manage.py demo` that is still at it.
    """
    name = sql.Identifier(psycopg2.extensions.parse_dsn(os.environ["DATABASE_URL"])["dbname"])
    with connected("DATABASE_OWNER_URL", dbname="postgres") as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE {}").format(name))
        (var_directory() / "migrated").unlink(missing_ok=True)
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))


def has_demo() -> bool:
    """The made-up authority belongs to demo mode alone."""
    wanted = os.environ.get("VS_DEMO_MODE", "").lower() in {"", "1", "true", "yes", "on"}
    if not wanted or os.environ["DJANGO_SETTINGS_MODULE"] != "virtualschool.settings.dev":
        return False
    return any(path for place in ("*", "virtualschool/*") for path in ROOT.glob(f"{place}/management/commands/demo.py"))


def prepare(asked: Asked, *, private: bool) -> None:
    """Tables, static files and, in an empty database, the made-up authority. One that was broken off is begun anew."""
    migrate(asked)
    step(asked, "static files", "collectstatic", "--no-input", "--verbosity=0")
    if not has_demo():
        return
    state = demo_state()
    if state == "half":
        if not private:
            raise Failed("the demo authority here was broken off half made; give the service an empty database")
        print("run: the demo authority was broken off half made; making it anew", file=sys.stderr, flush=True)
        empty_private_database()
        migrate(asked)
    if state != "else":
        step(asked, "demo authority", "demo")


def migrate(asked: Asked) -> None:
    step(asked, "migrate", "migrate", "--verbosity=0")
    (var_directory() / "migrated").touch()


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as taken:
            raise Failed(f"port {port} is taken ({taken.strerror}); choose another with PORT=") from taken


def healthy(port: int) -> bool:
    client = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        client.request("GET", "/health/")
        return client.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        client.close()


def start_children(port: int) -> Iterator[Child]:
    """Web first; each is handed over as soon as it runs, so that a failure half-way stops what had started."""
    binaries = ROOT / ".venv" / "bin" if (ROOT / ".venv" / "bin" / "celery").exists() else None
    celery = str(binaries / "celery") if binaries else "celery"
    gunicorn = str(binaries / "gunicorn") if binaries else "gunicorn"
    web = (
        "--workers=2",
        "--threads=4",
        f"--bind={HOST}:{port}",
        "--graceful-timeout=10",
        "--no-control-socket",
        "--log-level=warning",
    )
    yield Child.start("web", gunicorn, "virtualschool.wsgi", *web)
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING")
    worker = ("--concurrency=2", f"--queues={WORKER_QUEUES}", *quiet)
    yield Child.start("worker", celery, "--app=virtualschool", "--quiet", "worker", *worker)
    schedule = f"--schedule={var_directory() / 'beat-schedule'}"
    yield Child.start(
        "beat", celery, "--app=virtualschool", "--quiet", "beat", schedule, "--pidfile=", "--loglevel=WARNING"
    )


def watch(asked: Asked, children: list[Child], port: int) -> None:
    """Say when the service answers, then wait until it is stopped or a part of it ends."""
    deadline = time.monotonic() + READY_SECONDS
    ready = False
    while True:
        asked.check()
        for child in children:
            if child.ended:
                raise Failed(f"{child.name} ended with {child.process.returncode}")
        if not ready and healthy(port):
            ready = True
            print(f"Virtual School is ready: http://{HOST}:{port}  (Ctrl-C stops it)", flush=True)
        elif not ready and time.monotonic() > deadline:
            raise Failed(f"no answer from http://{HOST}:{port}/health/ in {READY_SECONDS:.0f} seconds")
        time.sleep(0.2)


def serve(asked: Asked, port: int) -> None:
    children: list[Child] = []
    try:
        for child in start_children(port):
            children.append(child)
        watch(asked, children, port)
    finally:
        for name in ("web", "beat", "worker"):
            for child in children:
                if child.name == name:
                    child.stop()


@contextmanager
def servers() -> Iterator[None]:
    """The servers that the environment names, or the private ones for those that it does not."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield
        return
    with Services() as found:
        if os.environ.get("DATABASE_URL"):
            found = {"REDIS_URL": found["REDIS_URL"]}
        os.environ.update({name: os.environ.get(name) or value for name, value in found.items()})
        yield


def main() -> int:
    asked = Asked()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "virtualschool.settings.dev")
    os.environ.pop("VS_DB_ROLE", None)
    port = int(os.environ.get("PORT") or 8000)
    private = not os.environ.get("DATABASE_URL")
    try:
        check_port(port)
        with servers():
            asked.check()
            prepare(asked, private=private)
            serve(asked, port)
    except Stopped:
        print("run: stopped", file=sys.stderr)
    except (Failed, ServiceError, psycopg2.Error) as failed:
        print(f"run: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
