"""One size from its making to its report."""

from datetime import date
from typing import Any

from django.db import connection

from attendance import codes
from scripts.bench import contenders, feed, generate, marks, measure, night, pages, peers, report
from scripts.bench.place import HOME, Place, owner

Rows = list[measure.Row]


def run(place: Place, rounds: int) -> None:
    """Make what is missing, measure, print, and write var/bench/<children>.json.

    Raises:
        Differs: when a count or an answer that must be equal is not.
    """
    children = place.children
    print(f"\n{children:,} children: {children * generate.SCHOOL_DAYS * 2:,} sessions a year", flush=True)
    made = generate.build(place)
    days = generate.calendar()
    on = days.on
    night.history(days, there=False)
    feed.undo(on)
    night.first(on)
    bits_are_rows(children)
    parts: dict[str, Rows] = {"feed": feed.measured(place, on, rounds)}
    report.show("A day's feed", parts["feed"], ratio="CPU to the COPY's")
    parts["check"] = check(place, on, rounds)
    report.show("Who is too often away", parts["check"], ratio="CPU to the scan's")
    parts["night"] = night.measured(place, days, rounds)
    report.show("The night", parts["night"], ratio="CPU to one year's")
    parts["pages"] = pages.measured(on, rounds)
    report.show("Pages", parts["pages"], ratio="CPU of the plain page to it")
    sizes = on_disk(place, days)
    report.show_sizes(sizes)
    targets = judged(children, parts)
    report.show_targets(targets)
    found = {"children": children, "rounds": rounds, "on": str(on), "made in seconds": made, "megabytes": sizes}
    found |= {"tables": parts, "night by check, ms": night.by_check(on), "targets": targets}
    report.write(HOME / f"{children}.json", found)


def check(place: Place, on: date, rounds: int) -> Rows:
    """Every contender in every round; the loop over children once, of a sample where there are many."""
    asked = contenders.question(on)
    works = peers.contenders(place, asked)
    costs = measure.rounds_of(works, rounds, lambda answer, words: repr(answer))
    rows = [measure.row(name, spent, memory=measure.memory_of(place.children, name)) for name, spent in costs.items()]
    rows.append(loop(place, asked))
    for row in rows:
        row.ratio = row.cpu / rows[1].cpu
    rows[0].note = ", ".join(f"{len(ids):,} {name}" for name, ids in works[rows[0].what]().items())
    return rows


def loop(place: Place, asked: contenders.Question) -> measure.Row:
    """
    Raises:
        Differs: when it names other children than ours.
    """
    those = contenders.sample(place.children)
    cost, answer = measure.timed(lambda: contenders.by_loop(asked, those))
    if answer != contenders.only(contenders.ours(asked), those):
        raise measure.Differs("The loop over children answers differently.")
    times = place.children / len(those)
    whole = measure.Cost(cost.wall * times, cost.cpu * times)
    note = f"extrapolated from {len(those)} children" if times > 1 else "all children, once"
    return measure.row("a few queries a child", [whole], note=note)


def memory(place: Place, name: str) -> float:
    """What a contender needs; asked in a process of its own."""
    work = peers.contenders(place, contenders.question(generate.calendar().on))[name]
    connection.ensure_connection()
    return measure.peak_of(work)


_AS_ROWS = """
    SELECT count(*) FROM attendance_year y JOIN (
        SELECT child_id, bit_or(set_bit(B'0'::bit(732), attendance_place_of(date) + half.place, 1))
                   FILTER (WHERE strpos(%(possible)s, half.code::text) > 0) AS possible,
               bit_or(set_bit(B'0'::bit(732), attendance_place_of(date) + half.place, 1))
                   FILTER (WHERE strpos(%(absent)s, half.code::text) > 0) AS absent
        FROM attendance_day d CROSS JOIN LATERAL (VALUES (am, 0), (pm, 1)) half (code, place)
        WHERE child_id = ANY(%(children)s) AND date >= %(first)s GROUP BY child_id
    ) rows USING (child_id)
    WHERE year = %(year)s AND y.possible = coalesce(rows.possible, B'0'::bit(732)) AND y.absent = coalesce(rows.absent, B'0'::bit(732))
"""


def bits_are_rows(children: int) -> None:
    """The made-up years of bits are those that their marks give.

    Raises:
        Differs: for a child of the sample of whom they are not.
    """
    those = contenders.sample(children)
    given = {"children": those, "year": generate.YEAR, "first": date(generate.YEAR, 8, 1)}
    with owner() as cursor:
        cursor.execute(
            _AS_ROWS,
            {**given, "possible": codes.POSSIBLE_LETTERS, "absent": codes.ABSENT_LETTERS},
        )
        same = cursor.fetchone()[0]
    if same != len(those):
        raise measure.Differs(f"Of {len(those)} children {len(those) - same} have other bits than marks.")


def on_disk(place: Place, days: generate.Calendar) -> dict[str, float]:
    """A year of marks in its tables and as files."""
    tables = [f"attendance_day_{month}" for month in marks.months({0: days.days[generate.YEAR]})]
    with owner() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s) name", [tables])
        rows = float(cursor.fetchone()[0]) / measure.MEGABYTE
        cursor.execute("SELECT pg_total_relation_size('bench_year')")
        bits = float(cursor.fetchone()[0]) / measure.MEGABYTE / len(generate.EARLIER)
    files = {name: place.size(f"marks.{name}") / measure.MEGABYTE for name in ("parquet", "csv")}
    return {"a year of marks": rows, "its bits": bits, "as Parquet": files["parquet"], "as CSV": files["csv"]}


def judged(children: int, parts: dict[str, Rows]) -> list[dict[str, Any]]:
    """The ratios that docs/performance.md gives limits for."""
    many = children >= 83_000
    copy, new, again, _ = parts["feed"]
    ours, scan, pandas, floor, each = parts["check"]
    one, three = parts["night"]
    found = [
        report.target("G1", "the check's CPU to the scan's", ours.cpu / scan.cpu, 0.05 if many else 0.08),
        report.target("G1", "the check's clock to the scan's", ours.wall / scan.wall, 0.15),
        report.target("G1", "the check's CPU to the floor's", ours.cpu / floor.cpu, 5),
        report.target("G2", "the night's CPU to the scan's", one.cpu / scan.cpu, 0.5 if many else 1),
        report.target("G3", "the loop's CPU to the night's", each.cpu / one.cpu, 1000, most=False),
        report.target("G3", "pandas' CPU to the night's", pandas.cpu / one.cpu, 8 if many else 4, most=False),
        report.target("G4", "the night's CPU with three years to one", three.cpu / one.cpu, 1.1),
        report.target("G4", "the night's pages with three years to one", three.buffers / one.buffers, 1.05),
        report.target("G5", "the feed's CPU to the COPY's", new.cpu / copy.cpu, 6),
        report.target("G5", "the same feed's CPU to the COPY's", again.cpu / copy.cpu, 2.5),
    ]
    for row in parts["pages"]:
        if row.what in pages.WANTED:
            share, most = pages.WANTED[row.what]
            found.append(
                report.target("G6", f"{row.what}: the plain page's CPU to its own", row.ratio, share, most=False)
            )
            found.append(report.target("G8", f"{row.what}: queries", row.queries, most))
    return found
