"""Where a benchmark's made-up children live: servers of their own under var/bench, one folder for each size, kept for the next run."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from scripts.services import DATABASE, PORT, ROOT, Services

HOME = ROOT / "var" / "bench"
SITE = ROOT / ".venv" / "bench"
A_CHILD = 130_000  # bytes: three years of marks, their index, the log of writing them, the same marks as files
AT_LEAST = 1_000_000_000
QUIET = {"autovacuum": "off", "max_wal_size": "4GB", "checkpoint_timeout": "1h", "maintenance_work_mem": "512MB"}


class TooSmall(Exception):
    """The disk has no room for what is to be made; the message says how much there is and how much is needed."""


@dataclass(frozen=True)
class Place:
    """One size's folder."""

    children: int

    @property
    def folder(self) -> Path:
        return HOME / str(self.children)

    @property
    def made(self) -> Path:
        """From what the data are made, and the seconds that each part took; parts that are not in it have yet to be made."""
        return self.folder / "made.json"

    def parts(self) -> dict[str, float] | None:
        """The parts that are there; None where they were made by another generator, or never begun."""
        held = json.loads(self.made.read_text()) if self.made.is_file() else {}
        return held["parts"] if held.get("recipe") == self.recipe() else None

    def keep(self, parts: dict[str, float]) -> None:
        self.made.write_text(json.dumps({"recipe": self.recipe(), "parts": parts}))

    def file(self, name: str) -> Path:
        return self.folder / name

    def recipe(self) -> dict[str, Any]:
        """The generator and the tables of marks: when either is another, the data are made anew. Other tables are migrated."""
        found = hashlib.sha256()
        modules = [ROOT / "scripts" / "bench" / f"{name}.py" for name in ("generate", "marks", "roll")]
        for path in (*modules, ROOT / "attendance" / "migrations" / "_tables.py"):
            found.update(path.read_bytes())
        return {"children": self.children, "from": found.hexdigest()}

    def ask_room(self) -> None:
        """
        Raises:
            TooSmall: before anything is written.
        """
        HOME.mkdir(parents=True, exist_ok=True)
        needed, free = AT_LEAST + A_CHILD * self.children, shutil.disk_usage(HOME).free
        if free < needed:
            raise TooSmall(
                f"{self.children:,} children need {needed / 1e9:.1f} GB under var/bench, and {free / 1e9:.1f} GB are free."
                " Make room, or choose smaller sizes: VS_BENCH_SIZES=700,7000 make bench"
            )

    @contextmanager
    def served(self) -> Iterator[None]:
        """Its servers run and the environment names them; data of another generator are thrown away first."""
        if self.parts() is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.ask_room()
            self.folder.mkdir(parents=True, exist_ok=True)
            self.keep({})
        os.environ["VS_VAR"] = str(self.folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "virtualschool.settings.dev")
        services = Services(self.folder)
        try:
            os.environ.update(services.join())
            manage("migrate")
            still()
            manage("collectstatic", "--no-input")
            yield
        finally:
            services.leave()

    def size(self, *names: str) -> int:
        return sum(self.file(name).stat().st_size for name in names)


@contextmanager
def owner() -> Iterator[Any]:
    """A cursor of the database's superuser: the made-up past needs no history, and the counters are not the service's to read."""
    host = psycopg2.extensions.parse_dsn(os.environ["DATABASE_URL"])["host"]
    connection = psycopg2.connect(host=host, port=PORT, user="postgres", dbname=DATABASE)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            yield cursor
    finally:
        connection.close()


def manage(*command: str) -> None:
    subprocess.run([sys.executable, str(ROOT / "manage.py"), *command, "--verbosity=0"], check=True)


def still() -> None:
    """Nothing tidies up in the middle of a measurement; the benchmark does it between them."""
    with owner() as cursor:
        for name, value in QUIET.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = %s", [value])
        cursor.execute("SELECT pg_reload_conf()")
