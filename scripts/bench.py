"""What the service costs, beside the obvious ways of doing the same, in one run on a made-up authority.

Every contender answers the same question on the same rows, in turn, round by round; a contender that answers otherwise fails the run.
Processor time is what is compared, because a machine that others use changes the clock and not that. Nothing here is a test.

    make bench                      700 children, in var/bench
    VS_BENCH_CHILDREN=7000 make bench
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from scripts.services import ROOT, Services

CHILDREN = int(os.environ.get("VS_BENCH_CHILDREN") or 700)
ROUNDS = int(os.environ.get("VS_BENCH_ROUNDS") or 5)
PLACE = ROOT / "var" / "bench"
Answer = Any


def main() -> int:
    """Make the authority when it is not there, measure, write JSON and print a table."""
    os.environ["VS_VAR"] = str(PLACE / str(CHILDREN))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "virtualschool.settings.dev")
    made = [sys.executable, str(ROOT / "manage.py"), "demo", "--children", str(CHILDREN)]
    subprocess.run(made, check=True)
    subprocess.run([*made[:2], "collectstatic", "--no-input", "--verbosity=0"], check=True)
    services = Services()
    try:
        os.environ.update(services.join())
        import django

        django.setup()
        figures = measure()
    finally:
        services.leave()
    PLACE.mkdir(parents=True, exist_ok=True)
    path = PLACE / f"{CHILDREN}.json"
    path.write_text(json.dumps({"children": CHILDREN, "rounds": ROUNDS, "figures": figures}, indent=1))
    show(figures, path)
    return 0


def measure() -> list[dict[str, Any]]:
    """All figures: the attendance check and its peers, the whole night, a day's feed, and pages beside the plainest page."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from virtualschool.overview.models import DemoAuthority

    on = DemoAuthority.objects.get().as_at - timedelta(days=1)
    rows = compare(attendance_contenders(on))
    rows.append(alone("the whole night, read only", night(on)))
    client = Client(SERVER_NAME="localhost")
    client.force_login(get_user_model().objects.get(email="vsh@demo.example"))
    pages = {
        "a plain signed-in page": "/help/",
        "the roll": "/children/",
        "the dashboard": "/dashboard/",
        "the head's home": "/",
    }
    plain = 0.0
    for words, path in pages.items():
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        row = alone(words, lambda path=path: client.get(path).status_code)
        plain = plain or row["cpu_ms"]
        rows.append({**row, "queries": len(asked), "ratio": row["cpu_ms"] / plain})
    return rows


def attendance_contenders(on: date) -> dict[str, Callable[[], Answer]]:
    """Who is persistently absent, asked in three ways; the first is ours."""
    from attendance import codes
    from attendance.checks.marks import persistent_absence
    from attendance.models import AttendanceDay
    from children.models import Child
    from virtualschool.rulebook import schoolyear

    first = date(schoolyear.academic_year(on), 9, 1)
    by_letter = {code.stored: code for code in codes.CODES.values()}

    def ours() -> Answer:
        return sorted(found.child_id for found in persistent_absence(on=on, children=Child.objects.on_roll(on)))

    def missed(marks: list[tuple[str | None, str | None]]) -> bool:
        kinds = [by_letter[letter] for pair in marks for letter in pair if letter]
        possible, absent = sum(kind.possible for kind in kinds), sum(kind.absent for kind in kinds)
        return possible >= 20 and 10 * absent >= possible

    def loop() -> Answer:
        found = []
        for child in Child.objects.counted(on):
            days = AttendanceDay.objects.filter(child_id=child.pk, date__range=(first, on))
            if missed(list(days.values_list("am", "pm"))):
                found.append(child.pk)
        return sorted(found)

    def scan() -> Answer:
        marks: dict[int, list[tuple[str | None, str | None]]] = {}
        days = AttendanceDay.objects.filter(
            child_id__in=Child.objects.counted(on).values("pk"), date__range=(first, on)
        )
        for child, am, pm in days.values_list("child_id", "am", "pm"):
            marks.setdefault(child, []).append((am, pm))
        return sorted(child for child, pairs in marks.items() if missed(pairs))

    return {
        "persistent absence: bits": ours,
        "persistent absence: one scan": scan,
        "persistent absence: a query a child": loop,
    }


def night(on: date) -> Callable[[], Answer]:
    from children.checks import engine

    return lambda: len(engine.report(on))


def compare(contenders: dict[str, Callable[[], Answer]]) -> list[dict[str, Any]]:
    """Each contender in turn, round by round, after one round that does not count."""
    spent: dict[str, list[tuple[float, float]]] = {words: [] for words in contenders}
    for round_ in range(ROUNDS + 1):
        answers = {}
        for words, ask in contenders.items():
            cpu, wall, answers[words] = timed(ask)
            if round_:
                spent[words].append((cpu, wall))
        if len({json.dumps(answer) for answer in answers.values()}) != 1:
            raise SystemExit(
                f"The contenders answer differently: { {words: len(answer) for words, answer in answers.items()} }"
            )
    rows = [row_of(words, runs) for words, runs in spent.items()]
    return [{**row, "ratio": row["cpu_ms"] / rows[0]["cpu_ms"]} for row in rows]


def alone(words: str, ask: Callable[[], Answer]) -> dict[str, Any]:
    timed(ask)
    return row_of(words, [timed(ask)[:2] for _ in range(ROUNDS)])


def row_of(words: str, runs: list[tuple[float, float]]) -> dict[str, Any]:
    cpu, wall = (statistics.median(run[n] for run in runs) * 1000 for n in (0, 1))
    return {"what": words, "cpu_ms": cpu, "wall_ms": wall}


def timed(ask: Callable[[], Answer]) -> tuple[float, float, Answer]:
    """Processor time of this process and of its database backend, time on the clock, and the answer."""
    before, began = spent_so_far(), time.perf_counter()
    answer = ask()
    return spent_so_far() - before, time.perf_counter() - began, answer


def spent_so_far() -> float:
    """Seconds of processor time; PostgreSQL's own process is counted where the system tells of it."""
    from django.db import connection

    connection.ensure_connection()
    found = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    backend = int(found.read_text().split()[0]) / 1e9 if found.is_file() else 0.0
    return time.process_time() + backend


def show(figures: list[dict[str, Any]], path: Path) -> None:
    print(f"{'what':44} {'CPU ms':>10} {'clock ms':>10} {'ratio':>8} {'queries':>8}")
    for row in figures:
        ratio = f"{row['ratio']:.1f}" if "ratio" in row else ""
        print(f"{row['what']:44} {row['cpu_ms']:10.1f} {row['wall_ms']:10.1f} {ratio:>8} {row.get('queries', ''):>8}")
    print(f"{CHILDREN} children, medians of {ROUNDS} rounds; written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
