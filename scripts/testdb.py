"""The migrated database that test databases are copied from.

Running every migration takes longer than most test runs. It is done once for each state of the code that may
matter to a migration; the result is kept as a dump, which a later run loads. On top of the copy Django still
migrates, so a new migration is never missed.
"""

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from scripts.services import DATABASE, PORT, ROOT, Places, exclusive, postgres_binaries, postgres_major

CACHE = ROOT / "var" / "cache" / "testdb"
PACKAGES = ("attendance", "children", "peps", "pupil_premium", "referrals", "virtualschool")
KEPT = 5


def imported(source: Path) -> set[str]:
    """Names of modules that a file may import; some are names inside a module instead."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return {name for name in found if name.partition(".")[0] in PACKAGES}


def files_of(name: str) -> list[Path]:
    """Where a module of the project is, with the packages that it lies in."""
    parts = name.split(".")
    packages = [ROOT.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    return [path for path in [*packages, ROOT.joinpath(*parts).with_suffix(".py")] if path.is_file()]


def relevant_files() -> list[Path]:
    """The migrations, all that they import in turn, and every data file beside the code."""
    found = {ROOT / "requirements.txt", ROOT / "scripts" / "roles.sql"}
    ahead = [path for package in PACKAGES for path in (ROOT / package).rglob("migrations/*.py")]
    while ahead:
        path = ahead.pop()
        if path not in found:
            found.add(path)
            ahead += [file for name in imported(path) for file in files_of(name)]
    for package in PACKAGES:
        found.update((ROOT / package).rglob("seeding*.py"))  # run after every migration
        others = (ROOT / package).rglob("*.*")
        found.update(path for path in others if path.suffix not in {".py", ".pyc"} and path.is_file())
    return sorted(found)


def fingerprint() -> str:
    """Hash of everything that may change what the migrations make."""
    found = hashlib.sha256(str(postgres_major(postgres_binaries())).encode())
    for path in relevant_files():
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:24]


def prepare(places: Places) -> str:
    """Fill the run's database, once for all its workers; the name to copy from."""
    mark = places.var / "filled"
    with exclusive(places.var / "filling.lock"):
        if not mark.exists():
            fill(places, CACHE / f"{fingerprint()}.sql")
            mark.touch()
    return DATABASE


def fill(places: Places, dump: Path) -> None:
    if dump.is_file():
        load(places, dump)
        os.utime(dump)
        return
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The migrations failed:\n{done.stdout}{done.stderr}")
    save(places, dump)


def connection(places: Places) -> list[str]:
    return [f"--host={places.sockets}", f"--port={PORT}", "--username=postgres", "--no-password"]


def load(places: Places, dump: Path) -> None:
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={dump}"]
    command = [str(postgres_binaries() / "psql"), *connection(places), *options, DATABASE]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def save(places: Places, dump: Path) -> None:
    """Write the dump under another name first, so that nobody loads half of one."""
    CACHE.mkdir(parents=True, exist_ok=True)
    new = dump.with_suffix(f".{os.getpid()}")
    command = [str(postgres_binaries() / "pg_dump"), *connection(places), f"--file={new}", DATABASE]
    subprocess.run(command, check=True)
    new.rename(dump)
    drop_oldest()


def drop_oldest() -> None:
    for old in sorted(CACHE.glob("*.sql"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
