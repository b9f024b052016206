"""The night's work on the roll: imports that wait for nobody any more are forgotten, and clocks without a date are reckoned anew."""

from datetime import date
from typing import Any

from children import clocks
from children.imports.runs import forget_expired
from virtualschool.jobs.registry import register_night_job

JOB = "children.forget_imports"
CLOCKS = "children.reckon_clocks"


def forget_imports(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """Whatever the date of the night, by the hour at which it runs: names wait in no file for longer than they must."""
    return forget_expired()


def reckon_clocks(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """Those whose date was not known, where the terms and bank holidays are loaded now, from whichever side they came."""
    return {"reckoned": clocks.reckon_missing()}


register_night_job(JOB, forget_imports)
register_night_job(CLOCKS, reckon_clocks)
