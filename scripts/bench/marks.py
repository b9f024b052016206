"""Marks of a school year for all children: drawn as arrays, copied into the months' tables, and as bits into the years'."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from attendance.codes import BY_LETTER, CODES
from attendance.yearbits import LENGTH, place_of, year_of

SOURCE = 1  # attendance_source: the collector
LETTERS = np.zeros((5, 256), bool)  # marked, possible, absent, unauthorised, unexplained, by stored letter
for _letter, _code in BY_LETTER.items():
    LETTERS[:, ord(_letter)] = (
        True,
        _code.possible,
        _code.absent,
        _code.kind.value == "unauthorised",
        _code.unexplained,
    )
SAID = np.array([BY_LETTER[chr(n)].code if chr(n) in BY_LETTER else "" for n in range(256)])
# How much is missed: so many children of a hundred, from this share of their sessions to that.
HABITS = ((79, 0.005, 0.06), (15, 0.11, 0.32), (6, 0.52, 0.85))
ABSENT = ("I", "I", "I", "I", "I", "M", "C", "O", "N", "N", "U")
STAYS = 0.7  # who is away one day is away the next
FALLING, FALL_DAYS, FALLEN = 0.04, 28, 0.45
EPOCH = date(2000, 1, 1)
DAY_ROW = np.dtype(
    [
        *(("fields", ">i2"), ("l_child", ">i4"), ("child", ">i8"), ("l_date", ">i4"), ("date", ">i4")),
        *(("l_am", ">i4"), ("am", "u1"), ("l_pm", ">i4"), ("pm", "u1")),
        *(("l_am_source", ">i4"), ("am_source", ">i2"), ("l_pm_source", ">i4"), ("pm_source", ">i2")),
    ]
)
KINDS = ("marked", "possible", "absent", "unauthorised", "unexplained")
BYTES = (LENGTH + 7) // 8
YEAR_ROW = np.dtype(
    [
        *(("fields", ">i2"), ("l_year", ">i4"), ("year", ">i2"), ("l_child", ">i4"), ("child", ">i8")),
        *(part for kind in KINDS for part in ((f"l_{kind}", ">i4"), (f"n_{kind}", ">i4"), (kind, "u1", (BYTES,)))),
    ]
)


@dataclass(frozen=True)
class Marks:
    """Stored letters by day and child; the child in column ``n`` has the primary key ``n + 1``."""

    days: list[date]
    am: Any
    pm: Any

    @property
    def children(self) -> int:
        return int(self.am.shape[1])

    def until(self, on: date) -> "Marks":
        """Those of the days before ``on``."""
        keep = sum(day < on for day in self.days)
        return Marks(self.days[:keep], self.am[:keep], self.pm[:keep])


def draw(children: int, days: list[date], seed: int) -> Marks:
    """Each child has a habit; absence comes in spells, each with one reason; some children's attendance falls in the last weeks."""
    rng = np.random.default_rng(seed)
    share = np.array([part for part, _, _ in HABITS]) / 100
    habit = rng.choice(len(HABITS), children, p=share)
    low, high = (np.array([each[n] for each in HABITS])[habit] for n in (1, 2))
    rate = low + (high - low) * rng.random(children)
    falls = (rng.random(children) < FALLING) & (rate < 0.3)
    codes = np.array([ord(CODES[code].stored) for code in ABSENT], np.uint8)
    am, pm = (np.empty((len(days), children), np.uint8) for _ in range(2))
    away, reason = np.zeros(children, bool), np.zeros(children, np.uint8)
    for n in range(len(days)):
        expected = np.where(falls & (n >= len(days) - FALL_DAYS), rate + FALLEN, rate)
        begins = expected * (1 - STAYS) / (1 - expected)
        was, away = away, rng.random(children) < np.where(away, np.maximum(STAYS, expected), begins)
        reason = np.where(away & ~was, codes[rng.integers(0, len(codes), children)], reason)
        late, leaves = rng.random(children), rng.random(children)
        am[n] = np.where(away, reason, np.where(late < 0.03, ord("L"), np.where(late > 0.995, ord("D"), ord("/"))))
        pm[n] = np.where(away & (leaves < 0.97), reason, np.where(leaves > 0.99, ord("M"), ord("\\")))
    return Marks(days, am, pm)


# ---------------------------------------------------------------- into the tables


def months(days: dict[int, list[date]]) -> list[str]:
    return sorted({f"{day:%Y%m}" for year in days.values() for day in year})


def load(cursor: Any, marks: Marks, *, aside: bool) -> None:
    """Copy a year in, a month's table at a time, and its bits.

    Args:
        aside: into tables that stand beside those of the service until ``history`` brings them in.
    """
    cursor.execute(
        "INSERT INTO attendance_source (id, name) VALUES (%s, 'collection') ON CONFLICT DO NOTHING", [SOURCE]
    )
    for month in months({0: marks.days}):
        mine = [n for n, day in enumerate(marks.days) if f"{day:%Y%m}" == month]
        _load_month(cursor, marks, month, mine, aside=aside)
    table = "bench_year" if aside else "attendance_year"
    cursor.execute("CREATE TABLE IF NOT EXISTS bench_year (LIKE attendance_year INCLUDING ALL)")
    for year in sorted({year_of(day) for day in marks.days}):
        columns = ", ".join(("year", "child_id", *KINDS))
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)", _Stream([_bits(marks, year)]))


def _load_month(cursor: Any, marks: Marks, month: str, days: list[int], *, aside: bool) -> None:
    table = f"attendance_day_{month}"
    cursor.execute(f"CREATE TABLE {table} (LIKE attendance_day INCLUDING ALL EXCLUDING INDEXES)")
    cursor.execute(f"ALTER TABLE {table} OWNER TO vs_owner")
    first = date(int(month[:4]), int(month[4:]), 1)
    past = (first + timedelta(days=31)).replace(day=1)
    cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_days CHECK (date >= %s AND date < %s)", [first, past])
    columns = "child_id, date, am, pm, am_source, pm_source"
    cursor.copy_expert(
        f"COPY {table} ({columns}) FROM STDIN (FORMAT binary, FREEZE)", _Stream(_rows(marks, day) for day in days)
    )
    attach(cursor, month)
    if aside:
        cursor.execute(f"ALTER TABLE attendance_day DETACH PARTITION {table}")


def attach(cursor: Any, month: str) -> None:
    """Make a month's table part of the marks; what indexes it lacks are built."""
    first = date(int(month[:4]), int(month[4:]), 1)
    past = (first + timedelta(days=31)).replace(day=1)
    cursor.execute(
        f"ALTER TABLE attendance_day ATTACH PARTITION attendance_day_{month} FOR VALUES FROM (%s) TO (%s)",
        [first, past],
    )


def _rows(marks: Marks, day: int) -> bytes:
    rows = np.empty(marks.children, DAY_ROW)
    for name, size in (("child", 8), ("date", 4), ("am", 1), ("pm", 1), ("am_source", 2), ("pm_source", 2)):
        rows[f"l_{name}"] = size
    rows["fields"], rows["child"], rows["date"] = 6, np.arange(1, marks.children + 1), (marks.days[day] - EPOCH).days
    rows["am"], rows["pm"], rows["am_source"], rows["pm_source"] = marks.am[day], marks.pm[day], SOURCE, SOURCE
    return rows.tobytes()


def packed(marks: Marks, year: int) -> dict[str, Any]:
    """The children's strings of bits of a year, by kind, eight to a byte."""
    mine = [n for n, day in enumerate(marks.days) if year_of(day) == year]
    places = np.array([place_of(marks.days[n]) for n in mine])
    found = {}
    for kind, flags in zip(KINDS, LETTERS, strict=True):
        bits = np.zeros((marks.children, BYTES * 8), bool)
        bits[:, places], bits[:, places + 1] = flags[marks.am[mine]].T, flags[marks.pm[mine]].T
        found[kind] = np.packbits(bits, axis=1)
    return found


def _bits(marks: Marks, year: int) -> bytes:
    rows = np.empty(marks.children, YEAR_ROW)
    rows["fields"], rows["l_year"], rows["l_child"] = 7, 2, 8
    rows["year"], rows["child"] = year, np.arange(1, marks.children + 1)
    for kind, bits in packed(marks, year).items():
        rows[f"l_{kind}"], rows[f"n_{kind}"], rows[kind] = 4 + BYTES, LENGTH, bits
    return rows.tobytes()


class _Stream:
    """What PostgreSQL's binary COPY reads: a header, rows, and an end."""

    def __init__(self, blocks: Any) -> None:
        self.blocks = iter([b"PGCOPY\n\xff\r\n\0" + bytes(8), *blocks, b"\xff\xff"])
        self.left = b""

    def read(self, size: int) -> bytes:
        if not self.left:
            self.left = next(self.blocks, b"")
        given, self.left = self.left[:size], self.left[size:]
        return given


# ---------------------------------------------------------------- the same marks as files


def write_files(marks: Marks, parquet: Path, csv: Path) -> None:
    """As an analyst would have them: a row for each child and day, with the register's codes."""
    frame = pl.DataFrame(
        {
            "child_id": np.tile(np.arange(1, marks.children + 1, dtype=np.int32), len(marks.days)),
            "date": np.repeat(np.array(marks.days, "datetime64[D]"), marks.children),
            "am": SAID[marks.am.ravel()],
            "pm": SAID[marks.pm.ravel()],
        }
    )
    frame.write_parquet(parquet)
    frame.write_csv(csv)


def write_day(marks: Marks, path: Path) -> None:
    """The last day's marks, for the feed; and all bits, for the floor."""
    np.savez(path, am=marks.am[-1], pm=marks.pm[-1], **packed(marks, year_of(marks.days[-1])))
