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
    }
    marks = pl.scan_parquet(parquet).with_columns(**flags)
    spans = {"year": asked.year, "now": asked.now, "before": asked.before}
    sums = {
        f"{name}_{kind}": pl.col(kind).filter(pl.col("date").is_between(span.first, span.last)).sum()
        for name, span in spans.items()
        for kind in ("possible", "absent")
    }
    rows = marks.group_by("child_id").agg(**sums).collect()
    late = marks.filter(pl.col("date").is_between(asked.recent.first, asked.recent.last)).select(
        "child_id", "date", *halves
    )
    each = late.unpivot(index=["child_id", "date"], variable_name="half", value_name="code").filter(
        pl.col("code").is_in(POSSIBLE)
    )
    latest = each.sort("date", "half").group_by("child_id").tail(asked.in_a_row)
    in_a_row = (
        latest.filter(pl.col("code").is_in(UNEXPLAINED))
        .group_by("child_id")
        .len()
        .filter(pl.col("len") == asked.in_a_row)
    )
    columns = {name: rows[name].to_numpy() for name in rows.columns}
    return answered(asked, columns, in_a_row.collect()["child_id"].to_list())


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
    late = marks[marks["date"].between(pd.Timestamp(asked.recent.first), pd.Timestamp(asked.recent.last))]
    each = late.melt(id_vars=["child_id", "date"], value_vars=["am", "pm"], var_name="half", value_name="code")
    each = each[each["code"].isin(POSSIBLE)].sort_values(["date", "half"])
    latest = each.groupby("child_id").tail(asked.in_a_row)
    number = latest[latest["code"].isin(UNEXPLAINED)].groupby("child_id").size()
    in_a_row = number[number == asked.in_a_row].index
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
    start, end = place_of(asked.recent.first), place_of(asked.recent.last) + 2
    possible, away = (np.unpackbits(bits[kind], axis=1)[:, start:end] for kind in ("possible", "unexplained"))
    latest = possible & (np.cumsum(possible[:, ::-1], axis=1)[:, ::-1] <= asked.in_a_row)
    in_a_row = (latest & away).sum(axis=1) == asked.in_a_row
    return answered(asked, columns, columns["child_id"][in_a_row])


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
