"""The night as it is every night: a day's marks came, the alerts of the night before stand, and all checks run over all children."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from children.checks import engine
from children.checks.registry import CHECKS
from scripts.bench import marks, measure
from scripts.bench.generate import EARLIER, Calendar, at
from scripts.bench.place import Place, owner

DAY = timedelta(days=1)


def first(on: date) -> None:
    """The night before, kept: it opens what has gathered. Again it changes nothing, unless there are new checks."""
    with at(on - DAY):
        run(on - DAY)
    with owner() as cursor:
        cursor.execute("VACUUM ANALYZE children_alert")


def run(on: date) -> dict[str, Any]:
    """Every shard's checks, one after another, as the worker does it.

    Returns:
        the counts of each check, all shards together.
    """
    of = engine.shards(on)
    total: dict[str, engine.Counts] = dict.fromkeys(CHECKS, engine.Counts())
    for shard in range(of):
        with transaction.atomic():
            for name, counts in engine.night(on, shard, of, lambda: None).items():
                total[name] += engine.Counts(**counts)
    return {name: counts.as_dict() for name, counts in total.items()}


def once(on: date) -> dict[str, Any]:
    """The night of the day, taken back, so that it can be run again."""
    with at(on), transaction.atomic():
        counts = run(on)
        transaction.set_rollback(True)
    return counts


def by_check(on: date) -> dict[str, float]:
    """Milliseconds of processor time of each check, all children at once, read only: where the night goes."""
    found = {}
    with at(on):
        for name in sorted(CHECKS):
            cost, _ = measure.timed(lambda name=name: engine.report(on, [name]))
            found[name] = cost.cpu * 1000
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def measured(place: Place, days: Calendar, rounds: int) -> list[measure.Row]:
    """With one year of marks and with three, round by round.

    Raises:
        Differs: when the night finds something else with more history.
    """
    on, costs, counts, buffers, queries = days.on, {1: [], 3: []}, {}, {}, {}
    for number in range(rounds + 1):
        for years in (1, 3):
            history(days, there=years == 3)
            with measure.touched() as told, measure.asked() as number_of:
                cost, counts[years] = measure.timed(lambda: once(on))
            buffers[years], queries[years] = told["buffers"], number_of["queries"]
            if number:
                costs[years].append(cost)
    if counts[1] != counts[3]:
        raise measure.Differs(f"The night of one year and of three differ:\n{counts[1]}\n{counts[3]}")
    rows = [
        measure.row(f"the whole night, {years} year{'s' if years > 1 else ''} of marks", costs[years],
                    buffers=buffers[years], queries=queries[years])
        for years in (1, 3)
    ]  # fmt: skip
    rows[0].note = said(counts[1])
    rows[1].ratio = rows[1].cpu / rows[0].cpu
    return rows


def said(counts: dict[str, Any]) -> str:
    total = sum((engine.Counts(**one) for one in counts.values()), engine.Counts())
    return ", ".join(f"{number:,} {what}" for what, number in total.as_dict().items())


def history(days: Calendar, *, there: bool) -> None:
    """Bring two earlier years of marks in, or set them aside."""
    months = marks.months({year: days.days[year] for year in EARLIER})
    with owner() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'attendance_day'::regclass")
        attached = {name for (name,) in cursor.fetchall()}
        if (f"attendance_day_{months[0]}" in attached) == there:
            return
        for month in months:
            if there:
                marks.attach(cursor, month)
            else:
                cursor.execute(f"ALTER TABLE attendance_day DETACH PARTITION attendance_day_{month}")
        if there:
            cursor.execute("INSERT INTO attendance_year SELECT * FROM bench_year")
        else:
            cursor.execute("DELETE FROM attendance_year WHERE year = ANY(%s)", [list(EARLIER)])
        cursor.execute("VACUUM ANALYZE attendance_year")
