"""The nights' ledger: every night of every date is done once, in date order, whatever is killed on the way.

A planner writes the shards that are missing; pumps claim them one by one under a lease. A worker that lost its lease while it
was frozen (a zombie) cannot finish: its mark, and with it everything it wrote, is refused.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Max

from virtualschool.audit import context
from virtualschool.jobs import backoff, registry
from virtualschool.jobs.enums import WorkState
from virtualschool.jobs.models import NightShard
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
RENEW_AFTER = timedelta(seconds=15)
MOST_NIGHTS = 31
ONE_DAY = timedelta(days=1)
LAST_NIGHT = """
    SELECT for_date, max(finished_at) FROM jobs_nightshard
    WHERE job = %(job)s AND for_date < coalesce(
        (SELECT min(for_date) FROM jobs_nightshard WHERE job = %(job)s AND state <> %(done)s), 'infinity'
    )
    GROUP BY for_date ORDER BY for_date DESC LIMIT 1
"""


class LeaseLost(Exception):
    """The shard was given to somebody else; what this worker wrote for it is rolled back."""


class NightIsPast(Conflict):
    """A later night is complete: this one may be reported on and no longer run."""


class NightToCome(Conflict):
    """The night's day has not begun: a night to come in the ledger would pass for the last complete one."""


class NightFailed(Exception):
    """A shard of the night failed; its error is in the ledger."""


@dataclass
class Plan:
    """What a planner wrote: the dates it planned for each job, and how many missed nights it left for its next run."""

    planned: dict[str, list[date]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)


def plan(on: date | None = None) -> Plan:
    """Write the shards of every night that is missing, up to the night of the day before ``on`` (default: today).

    Oldest first, thirty-one nights at most. Two planners at once write each night once.
    """
    made = Plan()
    last = (on or today()) - ONE_DAY
    for job in registry.night_jobs():
        missing = _missing(job.name, last)
        made.planned[job.name] = [for_date for for_date in missing[:MOST_NIGHTS] if _plan_night(job, for_date)]
        made.left[job.name] = len(missing[MOST_NIGHTS:])
    return made


def pump(owner: str | None = None) -> bool:
    """Claim one shard and do it.

    Returns:
        False when there was none to claim.
    """
    owner = owner or new_owner()
    shard = _claim(owner)
    if shard is None:
        return False
    try:
        _work(shard)
    except LeaseLost:
        logger.warning("%s was given to another worker", shard)
    except Exception as error:
        logger.error("%s failed: %s\n%s", shard, backoff.describe(error), backoff.frames(error))
        _fail(shard, error)
    return True


def run_now(for_date: date, job: str = "checks") -> dict[str, Any]:
    """Run the night of ``for_date`` here, after every missed night before it, in date order.

    The last complete night may be run again; its shards go back to waiting. ``for_date`` may be today, whose night is then as at
    this moment.

    Returns:
        the counts of the nights that were run here, added up, so that nothing which opened on a missed night goes untold.

    Raises:
        NightToCome: when ``for_date`` is after today.
        NightIsPast: when a later night is complete.
        NightFailed: when a shard fails.
    """
    if for_date > today():
        raise NightToCome(f"{for_date} is after today; a night is run as at the end of a day that has come.")
    last = last_complete(job)
    if last is not None and for_date < last:
        raise NightIsPast(f"The night of {last} is complete; that of {for_date} is past.")
    if for_date == last:
        NightShard.objects.of(job).filter(for_date=for_date).update(
            state=WorkState.PENDING, next_try_at=now(), attempts=0
        )
    for missed in _missing(job, for_date):
        _plan_night(registry.night_job(job), missed)
    undone = NightShard.objects.of(job).undone().filter(for_date__lte=for_date)
    undone.filter(state=WorkState.FAILED).update(next_try_at=now())
    nights = sorted(set(undone.values_list("for_date", flat=True)))
    _pump_until(for_date, job)
    total: dict[str, Any] = {}
    for night in nights:
        total = _added(total, counts(night, job))
    return total


def last_night(job: str = "checks") -> tuple[date, datetime] | None:
    """The newest date whose night, and every night before it, is done; and when it was finished.

    One query, written out: every page asks it, and putting it together anew took ten times as long as its answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAST_NIGHT, {"job": job, "done": WorkState.DONE.value})
        return cast(tuple[date, datetime] | None, cursor.fetchone())


def last_complete(job: str = "checks") -> date | None:
    """The date of the last complete night."""
    found = last_night(job)
    return found and found[0]


def counts(for_date: date, job: str = "checks") -> dict[str, Any]:
    """The night's counts, its shards' added up."""
    total: dict[str, Any] = {}
    for shard in NightShard.objects.of(job).filter(for_date=for_date).order_by("shard"):
        total = _added(total, shard.counts)
    return total


def waiting() -> bool:
    """Whether a shard can be claimed now: it waits, or its worker is gone."""
    return NightShard.objects.claimable(now()).filter(job__in=_jobs()).exists()


def new_owner() -> str:
    """A name for one claim; no two claims share it, not even in one process."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def _jobs() -> list[str]:
    return [job.name for job in registry.night_jobs()]


def _missing(job: str, last: date) -> list[date]:
    """The dates after the newest planned night, up to ``last``; before the first night ever, ``last`` alone."""
    newest = NightShard.objects.of(job).aggregate(newest=Max("for_date"))["newest"] or last - ONE_DAY
    return [newest + ONE_DAY * day for day in range(1, (last - newest).days + 1)]


@transaction.atomic
def _plan_night(job: registry.NightJob, for_date: date) -> bool:
    """Write a night's shards. Whoever writes the first one writes the rest, so two planners cannot mix two divisions."""
    of = max(1, job.shards(for_date))
    _, first = NightShard.objects.get_or_create(job=job.name, for_date=for_date, shard=0, defaults={"of": of})
    if first:
        rest = [NightShard(job=job.name, for_date=for_date, shard=shard, of=of) for shard in range(1, of)]
        NightShard.objects.bulk_create(rest)
    return first


@transaction.atomic
def _claim(owner: str) -> NightShard | None:
    claimable = NightShard.objects.claimable(now()).filter(job__in=_jobs()).oldest_first()
    shard = claimable.select_for_update(skip_locked=True, of=("self",)).first()
    if shard is None:
        return None
    shard.state, shard.owner, shard.lease_until = WorkState.RUNNING, owner, now() + LEASE
    shard.attempts += 1
    shard.started_at = now()
    shard.save(update_fields=["state", "owner", "lease_until", "attempts", "started_at"])
    return shard


def _work(shard: NightShard) -> None:
    """The handler's writes and the mark are one transaction, and the mark needs the lease."""
    with _Lease(shard) as lease, transaction.atomic():
        with context.acting(None, why=str(shard)):
            found = registry.night_job(shard.job).handler(shard.for_date, shard.shard, shard.of, lease.renew)
        done = {"state": WorkState.DONE, "counts": found, "error": "", "finished_at": now()}
        if not _held(shard).update(**done):
            raise LeaseLost


def _fail(shard: NightShard, error: Exception) -> None:
    next_try_at = now() + backoff.delay(shard.attempts)
    _held(shard).update(state=WorkState.FAILED, error=backoff.describe(error), next_try_at=next_try_at)


def _held(shard: NightShard) -> Any:
    """The shard's row, as long as it is this owner's."""
    return NightShard.objects.filter(pk=shard.pk, owner=shard.owner, state=WorkState.RUNNING)


class _Lease:
    """Renews a shard's lease from beside the worker's transaction, where others can see it.

    It opens a connection of its own when the first renewal is due. Inside somebody's transaction nobody else sees the shard at
    all, and the lease stands on that transaction's own connection.
    """

    def __init__(self, shard: NightShard) -> None:
        self._shard = shard
        self._alone = connection.in_atomic_block
        self._beside: Any = None
        self._renewed_at = now()

    def __enter__(self) -> "_Lease":
        return self

    def __exit__(self, *error: object) -> None:
        if self._beside is not None:
            self._beside.close()

    def renew(self) -> None:
        """Keep the lease for another minute.

        Raises:
            LeaseLost: when another worker has it.
        """
        if now() - self._renewed_at < RENEW_AFTER:
            return
        if self._beside is None and not self._alone:
            self._beside = connection.copy()
        with (self._beside or connection).cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_nightshard SET lease_until = %s WHERE id = %s AND owner = %s AND state = %s",
                [now() + LEASE, self._shard.pk, self._shard.owner, WorkState.RUNNING],
            )
            if not cursor.rowcount:
                raise LeaseLost
        self._renewed_at = now()


def _pump_until(for_date: date, job: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Pump until the night of ``for_date`` is done, waiting for shards that other workers hold."""
    undone = NightShard.objects.of(job).undone().filter(for_date__lte=for_date)
    while undone.exists():
        failed = undone.filter(state=WorkState.FAILED, next_try_at__gt=now()).first()
        if failed is not None:
            raise NightFailed(f"{failed}: {failed.error}")
        if not pump():
            sleep(0.2)


def _added(total: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Two shards' counts as one: numbers add up, inner counts likewise."""
    both = dict(total)
    for key, value in more.items():
        if isinstance(value, dict):
            both[key] = _added(both.get(key, {}), value)
        else:
            both[key] = both.get(key, 0) + value
    return both
