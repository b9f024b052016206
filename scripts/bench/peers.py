"""The same question asked of the same marks in files and in memory. Needs what scripts/bench.txt installs."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from attendance import codes
from attendance.yearbits import place_of
from scripts.bench.contenders import Answer, Question, answer, ours
from scripts.bench.place import Place

POSSIBLE = [code.code for code in codes.CODES.values() if code.possible]
ABSENT = [code.code for code in codes.CODES.values() if code.absent]
UNEXPLAINED = [code.code for code in codes.CODES.values() if code.unexplained]


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


def contenders(place: Place, asked: Question) -> dict[str, Any]:
    """Those that are asked in every round; ours is the first, the scan is what the others are compared with."""
    bits = dict(np.load(place.file("day.npz")))
    return {
        "ours: bits in PostgreSQL": partial(ours, asked),
        "Polars: a scan of Parquet": partial(by_polars, asked, place.file("marks.parquet")),
        "pandas: the CSV": partial(by_pandas, asked, place.file("marks.csv")),
        "numpy: ones counted in memory": partial(by_popcount, asked, bits),
    }
