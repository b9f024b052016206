"""Whether the nights are run: for the banner that staff see and for the health page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from virtualschool.jobs import nights, registry
from virtualschool.jobs.enums import WAITING, WorkState
from virtualschool.jobs.models import Delivery, NightShard
from virtualschool.kernel.dates import now, today


@dataclass(frozen=True)
class NightWatch:
    """The last complete night, when it was finished, and whether that is too long ago."""

    last_complete: date | None
    finished_at: datetime | None
    stale: bool


def night_watch(job: str = "checks") -> NightWatch:
    """A night is stale when the last one was finished longer ago than the rule of the day allows, is two dates behind, or never was."""
    found = nights.last_night(job)
    if found is None:
        return NightWatch(None, None, stale=True)
    last, finished_at = found
    too_long_ago = now() - finished_at > registry.lateness(today())
    return NightWatch(last, finished_at, stale=too_long_ago or last < today() - timedelta(days=2))


def stale(job: str = "checks") -> bool:
    return night_watch(job).stale


def pending() -> dict[str, int]:
    """How much waits, and how much failed when it was last tried."""
    return {
        "deliveries": Delivery.objects.filter(state__in=WAITING).count(),
        "deliveries_failed": Delivery.objects.filter(state=WorkState.FAILED).count(),
        "shards": NightShard.objects.undone().count(),
        "shards_failed": NightShard.objects.filter(state=WorkState.FAILED).count(),
    }
