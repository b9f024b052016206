"""The night's work on imports: files that wait for nobody any more, and the rows of old reports, are forgotten."""

from datetime import date
from typing import Any

from children.imports.runs import forget_expired
from virtualschool.jobs.registry import register_night_job

JOB = "children.forget_imports"


def forget_imports(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """Whatever the date of the night, by the hour at which it runs: names wait in no file for longer than they must."""
    return forget_expired()


register_night_job(JOB, forget_imports)
