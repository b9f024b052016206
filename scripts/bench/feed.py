"""A day's marks for everybody, the same again, and a thousandth of them corrected, through the one way in."""

from datetime import date

import numpy as np
from django.db import connection

from attendance.codes import BY_LETTER
from attendance.marking import Recorded, Row, record_marks
from attendance.yearbits import Window, year_of
from scripts.bench import measure
from scripts.bench.marks import KINDS
from scripts.bench.place import Place, owner

SOURCE = "collection"
A_THOUSANDTH = 1000


def day(place: Place, on: date) -> list[Row]:
    """The day's rows as a feed gives them."""
    held = np.load(place.file("day.npz"))
    said = {n: BY_LETTER[chr(n)].code for n in {*held["am"].tolist(), *held["pm"].tolist()}}
    pairs = zip(held["am"].tolist(), held["pm"].tolist(), strict=True)
    return [(n, on, said[am], said[pm]) for n, (am, pm) in enumerate(pairs, 1)]


def amended(rows: list[Row]) -> list[Row]:
    """A thousandth of the children were ill after all."""
    return [(pk, on, "I", "I") for pk, on, _, _ in rows[::A_THOUSANDTH]]


def measured(place: Place, on: date, rounds: int) -> list[measure.Row]:
    """Ours beside the floor, which is a bare COPY of the same rows into a table with a key.

    Raises:
        Differs: when a feed that was taken in before writes anything.
    """
    rows = day(place, on)
    first, again, few, floor = [], [], [], []
    wal: dict[str, float] = {}
    for number in range(rounds + 1):
        undo(on)
        tidy(on)
        costs = {"floor": _floor(rows, wal), "new": _taken(rows, wal, "new", created=2 * len(rows))}
        costs["again"] = _taken(rows, wal, "again", unchanged=2 * len(rows))
        costs["few"] = _taken(amended(rows), wal, "few")
        if number:
            for name, kept in (("floor", floor), ("new", first), ("again", again), ("few", few)):
                kept.append(costs[name])
    undo(on)
    tidy(on)
    load(place, on)
    table = [
        measure.row(f"COPY of {len(rows):,} rows into a table with a key", floor, wal=wal["floor"]),
        measure.row("the day's feed", first, wal=wal["new"]),
        measure.row("the same feed again", again, wal=wal["again"], note="0 rows written"),
        measure.row(f"corrections of {len(amended(rows))} children", few, wal=wal["few"]),
    ]
    for one in table[1:]:
        one.ratio = one.cpu / table[0].cpu
    return table


def load(place: Place, on: date) -> None:
    record_marks(day(place, on), source=SOURCE)


def _taken(rows: list[Row], wal: dict[str, float], name: str, **expected: int) -> measure.Cost:
    before = _written()
    with measure.written() as told:
        cost, recorded = measure.timed(lambda: record_marks(rows, source=SOURCE))
    wal[name] = told["wal"]
    if expected and recorded != Recorded(**expected):
        raise measure.Differs(f"The feed ({name}) was to give {expected}, and gave {recorded}.")
    if "unchanged" in expected and _written() != before:
        raise measure.Differs("The same feed again wrote rows.")
    return cost


def _written() -> tuple[int, ...]:
    """Rows inserted, updated and deleted in the tables of attendance since the servers started."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    with owner() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del) FROM pg_stat_user_tables WHERE relname LIKE 'attendance%'"
        )
        return tuple(int(count) for count in cursor.fetchone())


def _floor(rows: list[Row], wal: dict[str, float]) -> measure.Cost:
    import io

    with owner() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_floor")
        cursor.execute(
            'CREATE TABLE bench_floor (child_id bigint, date date, am "char", pm "char", PRIMARY KEY (child_id, date))'
        )
        cursor.execute("GRANT ALL ON bench_floor TO vs_app")

    def copy() -> None:
        lines = io.StringIO("".join(f"{pk}\t{on}\tI\tI\n" for pk, on, _, _ in rows))
        with connection.cursor() as cursor:
            cursor.copy_expert("COPY bench_floor FROM STDIN", lines)

    with measure.written() as told:
        cost, _ = measure.timed(copy)
    wal["floor"] = told["wal"]
    return cost


def undo(on: date) -> None:
    """As if the day had never been sent."""
    year = year_of(on)
    mask = Window(on, on).mask(year)
    bits = ", ".join(f"{kind} = {kind} & ~ %(mask)s::bit(732)" for kind in KINDS)
    with owner() as cursor:
        cursor.execute("DELETE FROM attendance_day WHERE date = %s", [on])
        cursor.execute("TRUNCATE attendance_markchange, attendance_dispute")
        cursor.execute(
            f"UPDATE attendance_year SET {bits} WHERE year = %(year)s AND marked & %(mask)s::bit(732) <> B'0'::bit(732)",
            {"mask": mask, "year": year},
        )


def tidy(on: date) -> None:
    """What the service's own server does by itself in between."""
    with owner() as cursor:
        cursor.execute(f"VACUUM ANALYZE attendance_day_{on:%Y%m}")
        cursor.execute("VACUUM ANALYZE attendance_year")
