"""Who is too often away, asked in six ways of the same marks. Every way must name the same children.

The question is the night's: persistently and severely absent in the academic year, fallen against the child's own earlier weeks,
and away for days in a row without a reason that anybody knows. Thresholds are the rulebook's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from django.db import connection

from attendance import codes
from attendance.checks import marks as checks
from attendance.models import AttendanceDay
from attendance.yearbits import Window, place_of
from children.models import Child
from scripts.bench.place import Place
from virtualschool.rulebook import rules, schoolyear

Answer = dict[str, list[int]]
SAMPLE = 400
POSSIBLE = [code.code for code in codes.CODES.values() if code.possible]
ABSENT = [code.code for code in codes.CODES.values() if code.absent]
UNEXPLAINED = [code.code for code in codes.CODES.values() if code.unexplained]


@dataclass(frozen=True)
class Question:
    """What is asked, as numbers and days: everybody gets the same."""

    on: date
    year: Window
    now: Window
    before: Window
    least: int
    persistent: int
    severe: int
    points: int
    in_a_row: int = 3


def question(on: date) -> Question:
    """By the rules in force on the day."""
    in_force = rules.pack(on, "attendance.")
    value, (now, before) = in_force.value, checks.windows(in_force, on)
    limits = (
        value("attendance.persistent_absence"),
        value("attendance.severe_absence"),
        value("attendance.fall.points"),
    )
    first = date(schoolyear.academic_year(on), 9, 1)
    return Question(on, Window(first, on), now, before, value("attendance.least_sessions"), *limits)


def answer(**ids: Iterable[Any]) -> Answer:
    return {name: sorted(int(pk) for pk in found) for name, found in ids.items()}


# ---------------------------------------------------------------- ours


def ours(asked: Question) -> Answer:
    """The night's own questions over the years of bits."""
    children, in_force = Child.objects.counted(asked.on), rules.pack(asked.on, "attendance.")
    absent = list(
        checks.too_absent(asked.on, children, in_force).values_list("child_id", "year_possible", "year_absent")
    )
    return answer(
        persistent=[pk for pk, _, _ in absent],
        severe=[pk for pk, possible, away in absent if 100 * away >= asked.severe * possible],
        fallen=checks.fallen(asked.on, children, in_force).values_list("child_id", flat=True),
        unexplained=unexplained(asked, children),
    )


_IN_A_ROW = """
    SELECT child_id, marked::text, unexplained::text FROM attendance_year
    WHERE year = %s AND child_id = ANY(%s) AND bit_count(unexplained & %s::bit(732)) >= %s
"""


def unexplained(asked: Question, children: Any) -> list[int]:
    """From the bits: those with enough unexplained sessions in the last weeks are looked at day by day."""
    (year,) = asked.now.years()
    places = range(place_of(asked.now.first), place_of(asked.now.last) + 2, 2)
    found = []
    with connection.cursor() as cursor:
        known = list(children.values_list("pk", flat=True))
        cursor.execute(_IN_A_ROW, [year, known, asked.now.mask(year), 2 * asked.in_a_row])
        for pk, marked, bits in cursor:
            days = "".join("x" if bits[n : n + 2] == "11" else "." for n in places if "1" in marked[n : n + 2])
            if "x" * asked.in_a_row in days:
                found.append(pk)
    return found


# ---------------------------------------------------------------- the same of files


def by_polars(asked: Question, parquet: Any) -> Answer:
    """A scan of the marks in Parquet."""
    halves = [pl.col("am"), pl.col("pm")]
    flags = {
        "possible": sum(half.is_in(POSSIBLE).cast(pl.Int32) for half in halves),
        "absent": sum(half.is_in(ABSENT).cast(pl.Int32) for half in halves),
        "away": halves[0].is_in(UNEXPLAINED) & halves[1].is_in(UNEXPLAINED),
    }
    marks = pl.scan_parquet(parquet).with_columns(**flags)
    spans = {"year": asked.year, "now": asked.now, "before": asked.before}
    sums = {
        f"{name}_{kind}": pl.col(kind).filter(pl.col("date").is_between(span.first, span.last)).sum()
        for name, span in spans.items()
        for kind in ("possible", "absent")
    }
    rows = marks.group_by("child_id").agg(**sums).collect()
    late = marks.filter(pl.col("date").is_between(asked.now.first, asked.now.last))
    numbered = late.select("child_id", "away", day=pl.col("date").rank("dense")).filter("away").sort("child_id", "day")
    runs = numbered.with_columns(run=pl.col("day").cast(pl.Int64) - pl.int_range(pl.len()).over("child_id"))
    in_a_row = runs.group_by("child_id", "run").len().filter(pl.col("len") >= asked.in_a_row).collect()
    return answered(
        asked, {name: rows[name].to_numpy() for name in rows.columns}, in_a_row["child_id"].unique().to_list()
    )


def by_pandas(asked: Question, csv: Any) -> Answer:
    """The script that an analyst writes over the extract."""
    kinds = {"child_id": "int32", "am": "category", "pm": "category"}
    marks = pd.read_csv(csv, dtype=kinds, parse_dates=["date"], keep_default_na=False)
    for name, letters in (("possible", POSSIBLE), ("absent", ABSENT)):
        marks[name] = marks["am"].isin(letters).astype("int32") + marks["pm"].isin(letters).astype("int32")
    found = {}
    for name, span in (("year", asked.year), ("now", asked.now), ("before", asked.before)):
        within = marks[marks["date"].between(pd.Timestamp(span.first), pd.Timestamp(span.last))]
        sums = within.groupby("child_id")[["possible", "absent"]].sum()
        found |= {f"{name}_possible": sums["possible"], f"{name}_absent": sums["absent"]}
    rows = pd.DataFrame(found).fillna(0).astype("int64")
    late = marks[marks["date"].between(pd.Timestamp(asked.now.first), pd.Timestamp(asked.now.last))]
    late = late.assign(day=late["date"].rank(method="dense").astype("int64"))
    away = late[late["am"].isin(UNEXPLAINED) & late["pm"].isin(UNEXPLAINED)].sort_values(["child_id", "day"])
    run = away["day"] - away.groupby("child_id").cumcount()
    lengths = away.groupby([away["child_id"], run]).size()
    in_a_row = lengths[lengths >= asked.in_a_row].index.get_level_values(0).unique()
    columns = {"child_id": rows.index.to_numpy(), **{name: rows[name].to_numpy() for name in rows.columns}}
    return answered(asked, columns, in_a_row)


def by_popcount(asked: Question, bits: dict[str, Any]) -> Answer:
    """The floor of the idea: ones counted in the same strings of bits, held in memory."""
    (year,) = asked.year.years()
    columns = {"child_id": np.arange(1, len(bits["marked"]) + 1)}
    for name, span in (("year", asked.year), ("now", asked.now), ("before", asked.before)):
        mask = np.packbits(
            np.frombuffer(span.mask(year).ljust(8 * bits["marked"].shape[1], "0").encode(), "u1") == ord("1")
        )
        for kind in ("possible", "absent"):
            columns[f"{name}_{kind}"] = np.bitwise_count(bits[kind] & mask).sum(axis=1, dtype=np.int64)
    start, end = place_of(asked.now.first), place_of(asked.now.last) + 2
    days = [
        np.unpackbits(bits[kind], axis=1)[:, start:end].reshape(len(bits[kind]), -1, 2)
        for kind in ("marked", "unexplained")
    ]
    school = days[0].any(axis=(0, 2))
    away = days[1].all(axis=2)[:, school]
    in_a_row = np.logical_and.reduce(
        [away[:, n : away.shape[1] - asked.in_a_row + 1 + n] for n in range(asked.in_a_row)]
    )
    return answered(asked, columns, columns["child_id"][in_a_row.any(axis=1)])


def answered(asked: Question, rows: dict[str, Any], in_a_row: Iterable[Any]) -> Answer:
    """The answer from each child's sessions in each span."""
    pk, possible, absent = rows["child_id"], rows["year_possible"].astype("int64"), rows["year_absent"].astype("int64")
    now, before, missed, was = (
        rows[name].astype("int64") for name in ("now_possible", "before_possible", "now_absent", "before_absent")
    )
    enough = possible >= asked.least
    falls = 100 * (missed * before - was * now) >= asked.points * now * before
    return answer(
        persistent=pk[enough & (100 * absent >= asked.persistent * possible)],
        severe=pk[enough & (100 * absent >= asked.severe * possible) & (100 * absent >= asked.persistent * possible)],
        fallen=pk[falls & (now >= asked.least) & (before >= asked.least)],
        unexplained=in_a_row,
    )


# ---------------------------------------------------------------- the obvious loop


def by_loop(asked: Question, children: Iterable[int]) -> Answer:
    """A few queries for each child."""
    found: dict[str, list[int]] = {"persistent": [], "severe": [], "fallen": [], "unexplained": []}
    for pk in children:
        possible, absent = sessions_of(pk, asked.year)
        if possible >= asked.least and 100 * absent >= asked.persistent * possible:
            found["persistent"].append(pk)
            if 100 * absent >= asked.severe * possible:
                found["severe"].append(pk)
        (now, missed), (before, was) = sessions_of(pk, asked.now), sessions_of(pk, asked.before)
        falls = 100 * (missed * before - was * now) >= asked.points * now * before
        if falls and now >= asked.least and before >= asked.least:
            found["fallen"].append(pk)
        days = AttendanceDay.objects.filter(child_id=pk, date__range=(asked.now.first, asked.now.last)).order_by("date")
        letters = codes.UNEXPLAINED_LETTERS
        away = "".join(
            "x" if (am or " ") in letters and (pm or " ") in letters else "." for am, pm in days.values_list("am", "pm")
        )
        if "x" * asked.in_a_row in away:
            found["unexplained"].append(pk)
    return answer(**found)


def sessions_of(pk: int, span: Window) -> tuple[int, int]:
    """Possible and missed sessions of a child, counted as one first thinks of it."""
    days = AttendanceDay.objects.filter(child_id=pk, date__range=(span.first, span.last))
    halves = ("am__in", "pm__in")
    possible = sum(days.filter(**{half: list(codes.POSSIBLE_LETTERS)}).count() for half in halves)
    return possible, sum(days.filter(**{half: list(codes.ABSENT_LETTERS)}).count() for half in halves)


# ---------------------------------------------------------------- all of them


def contenders(place: Place, asked: Question) -> dict[str, Any]:
    """Those that are asked in every round; ours is the first, the scan is what the others are compared with."""
    bits = dict(np.load(place.file("day.npz")))
    return {
        "ours: bits in PostgreSQL": partial(ours, asked),
        "Polars: a scan of Parquet": partial(by_polars, asked, place.file("marks.parquet")),
        "pandas: the CSV": partial(by_pandas, asked, place.file("marks.csv")),
        "numpy: ones counted in memory": partial(by_popcount, asked, bits),
    }


def sample(children: int) -> list[int]:
    """The children of whom the loop asks: all of a small authority, some of a larger."""
    return list(range(1, children + 1, max(1, children // SAMPLE if children > 2 * SAMPLE else 1)))


def only(found: Answer, children: Iterable[int]) -> Answer:
    """The part of an answer that is about these children."""
    those = set(children)
    return {name: [pk for pk in ids if pk in those] for name, ids in found.items()}
