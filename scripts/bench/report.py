"""The table on the terminal, the same as JSON, and what became of the targets."""

import json
from pathlib import Path
from typing import Any

from scripts.bench.measure import Row

HEADS = ("what", "clock min", "clock", "CPU ms", "ratio", "MB", "WAL MB", "pages", "queries")
WIDTH = 46
FLAT = (
    "the roll",
    "the roll, its last page",
    "a child's page",
    "a child's attendance",
)  # of which no more should be read for more children


def show(title: str, rows: list[Row], *, ratio: str) -> None:
    """One table; ``ratio`` says of what to what."""
    print(f"\n{title} (ratio: {ratio})\n{HEADS[0]:{WIDTH}}" + "".join(f"{head:>10}" for head in HEADS[1:]))
    for row in rows:
        cells = (
            *(f"{value:,.1f}" for value in (row.wall_min, row.wall, row.cpu)),
            _cell(row.ratio, ".3f"),
            *(_cell(value, ",.1f") for value in (row.memory, row.wal)),
            *(_cell(value, ",d") for value in (row.buffers, row.queries)),
        )
        print(f"{row.what:{WIDTH}}" + "".join(f"{cell:>10}" for cell in cells) + (f"  {row.note}" if row.note else ""))


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def show_sizes(sizes: dict[str, float]) -> None:
    print("\nOn disk, megabytes: " + "; ".join(f"{words} {size:,.2f}" for words, size in sizes.items()))


def target(name: str, words: str, value: float, limit: float, *, most: bool = True) -> dict[str, Any]:
    """A ratio beside its target: told, and never a reason to fail."""
    return {
        "target": name,
        "words": words,
        "value": round(value, 4),
        "at most" if most else "at least": limit,
        "met": value <= limit if most else value >= limit,
    }


def show_targets(targets: list[dict[str, Any]]) -> None:
    print("\nTargets")
    for one in targets:
        limit = f"at most {one['at most']}" if "at most" in one else f"at least {one['at least']}"
        print(
            f"  {one['target']:4} {'met    ' if one['met'] else 'NOT MET'} {one['value']:>10} ({limit}): {one['words']}"
        )


def write(path: Path, found: dict[str, Any]) -> None:
    path.write_text(json.dumps(found, indent=1, default=lambda row: row.as_dict()))


def show_growth(less: dict[str, Any], more: dict[str, Any]) -> None:
    """What a size costs beside the one before it, from what was written of both."""
    each = [one["tables"]["night"][0]["cpu"] / one["children"] for one in (less, more)]
    words = f"the night's CPU a child, {more['children']:,} to {less['children']:,} children"
    targets = [target("G4", words, each[1] / each[0], 1)]
    pages = {row["what"]: row for row in less["tables"]["pages"]}
    for row in more["tables"]["pages"]:
        before = pages[row["what"]]
        if row["what"] in FLAT:
            words = f"{row['what']}: pages touched, {more['children']:,} to {less['children']:,} children"
            targets.append(target("G7", words, row["buffers"] / before["buffers"], 1.3))
        targets.append(target("G8", f"{row['what']}: queries more than before", row["queries"] - before["queries"], 0))
    show_targets(targets)
