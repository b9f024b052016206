"""``make bench``: each size in a process of its own, one after another.

    make bench                                            700, 7,000 and 83,000 children (England)
    VS_BENCH_SIZES=700,7000 VS_BENCH_ROUNDS=2 make bench  less of it

Ends with 1 when the disk is too small, and when a count or an answer that must be equal is not. A missed target of a ratio is told.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

from scripts.bench import report
from scripts.bench.place import HOME, SITE, Place, TooSmall

SIZES = os.environ.get("VS_BENCH_SIZES") or "700,7000,83000"
ROUNDS = int(os.environ.get("VS_BENCH_ROUNDS") or 5)


def main() -> int:
    parser = argparse.ArgumentParser(description="What the service costs beside other ways of doing the same.")
    parser.add_argument("size", type=int, nargs="?", help="this size alone, in this process")
    parser.add_argument("--memory", metavar="CONTENDER", help="only the megabytes that this contender needs")
    options = parser.parse_args()
    if options.size is None:
        return every([int(size) for size in SIZES.split(",")])
    sys.path.append(str(SITE))
    if options.memory:
        print(json.dumps(memory(options.size, options.memory)))
        return 0
    return one(options.size)


def every(sizes: list[int]) -> int:
    """All sizes; the first that fails is the last."""
    for number, size in enumerate(sizes):
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "scripts.bench", str(size)], check=False)
        if done.returncode:
            return 1
        print(
            f"\n{size:,} children took {time.monotonic() - began:,.0f} s; written to var/bench/{size}.json", flush=True
        )
        if number:
            report.show_growth(written(sizes[number - 1]), written(size))
    return 0


def written(size: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HOME / f"{size}.json").read_text())
    return found


def one(size: int) -> int:
    place = Place(size)
    try:
        with place.served():
            import django

            django.setup()
            from scripts.bench import measure
            from scripts.bench import one as whole

            try:
                whole.run(place, ROUNDS)
            except measure.Differs as failed:
                print(f"\nFAILED: {failed}", file=sys.stderr)
                return 1
    except TooSmall as small:
        print(small, file=sys.stderr)
        return 1
    return 0


def memory(size: int, name: str) -> float:
    import django

    django.setup()
    from scripts.bench import one as whole

    return whole.memory(Place(size), name)


if __name__ == "__main__":
    sys.exit(main())
