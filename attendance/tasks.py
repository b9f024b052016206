"""The night's work on attendance: what a school owed for a suspension ends with it."""

from datetime import date
from typing import Any

from attendance.actions.exclusion_clocks import stop_over
from virtualschool.jobs.registry import register_night_job

JOB = "attendance.suspensions"


def close_suspensions(for_date: date, shard: int, of: int, renew: Any) -> dict[str, int]:
    """Clocks for education during a suspension that is over stop; a second run finds none."""
    return {"stopped": stop_over(for_date)}


register_night_job(JOB, close_suspensions)
