"""What a piece of work costs: clock, processor time of this process and of its database backend, memory, log written, pages touched."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from scripts.bench.place import owner
from scripts.services import ROOT

MEGABYTE = 1_000_000
Work = Callable[[], Any]


class Differs(Exception):
    """A count or an answer that must be equal is not. The run fails."""


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of processor time here and in the backend."""

    wall: float
    cpu: float


@dataclass
class Row:
    """One line of the report. Times are in milliseconds, sizes in megabytes."""

    what: str
    wall_min: float
    wall: float
    cpu: float
    rounds: int
    ratio: float | None = None
    memory: float | None = None
    queries: int | None = None
    wal: float | None = None
    buffers: int | None = None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


def timed(work: Work) -> tuple[Cost, Any]:
    """What it cost, and its answer."""
    before, began = spent_so_far(), time.perf_counter()
    answer = work()
    return Cost(time.perf_counter() - began, spent_so_far() - before), answer


def spent_so_far() -> float:
    """Seconds of processor time; PostgreSQL's own process is counted where the system tells of it."""
    connection.ensure_connection()
    found = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    backend = int(found.read_text().split()[0]) / 1e9 if found.is_file() else 0.0
    return time.process_time() + backend


def row(what: str, costs: list[Cost], **more: Any) -> Row:
    """Medians of the rounds, and the quickest."""
    walls = [cost.wall * 1000 for cost in costs]
    return Row(
        what,
        min(walls),
        statistics.median(walls),
        statistics.median(cost.cpu for cost in costs) * 1000,
        len(costs),
        **more,
    )


def rounds_of(works: dict[str, Work], rounds: int, same: Callable[[Any, str], str]) -> dict[str, list[Cost]]:
    """Every contender in turn, round by round, after one round that does not count.

    Args:
        same: the part of an answer that has to be equal to the first contender's, as text; is given the contender's name too.

    Raises:
        Differs: when one answers otherwise.
    """
    spent: dict[str, list[Cost]] = {words: [] for words in works}
    for number in range(rounds + 1):
        said: dict[str, str] = {}
        for words, work in works.items():
            cost, answer = timed(work)
            said[words] = same(answer, words)
            if number:
                spent[words].append(cost)
        if len(set(said.values())) != 1:
            raise Differs(
                "The contenders answer differently:\n" + "\n".join(f"  {k}: {v[:200]}" for k, v in said.items())
            )
    return spent


def alone(what: str, work: Work, rounds: int, **more: Any) -> Row:
    """By itself, after one time that does not count."""
    timed(work)
    return row(what, [timed(work)[0] for _ in range(rounds)], **more)


def memory_of(children: int, name: str) -> float:
    """Megabytes at the peak above what the process held before, in a process of its own: this one keeps what it has once had."""
    command = [sys.executable, "-m", "scripts.bench", "--memory", name, str(children)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return float(json.loads(done.stdout))


def peak_of(work: Work) -> float:
    """Megabytes that the work needed here above what was held before."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _status("VmRSS:")
    work()
    return max(0.0, _status("VmHWM:") - before)


def _status(name: str) -> float:
    found = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(found[0]) * 1024 / MEGABYTE


# ---------------------------------------------------------------- what only the server knows


@contextmanager
def written() -> Iterator[dict[str, float]]:
    """``wal`` in megabytes, once it is over. A checkpoint goes before, so that whole pages are written as after one in the night."""
    told: dict[str, float] = {}
    with owner() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        before = cursor.fetchone()[0]
        yield told
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", [before])
        told["wal"] = float(cursor.fetchone()[0]) / MEGABYTE


@contextmanager
def asked() -> Iterator[dict[str, int]]:
    """``queries``: how many; what they said is not kept, for a night of many children says much."""
    told = {"queries": 0}

    def count(execute: Callable[..., Any], *given: Any) -> Any:
        told["queries"] += 1
        return execute(*given)

    with connection.execute_wrapper(count):
        yield told


@contextmanager
def touched() -> Iterator[dict[str, int]]:
    """``buffers``: pages of 8 kB that were looked at, found in memory or not."""
    told: dict[str, int] = {}
    before = _pages()
    yield told
    told["buffers"] = _pages() - before


def _pages() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
    with owner() as cursor:
        cursor.execute("SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
