"""Who reacts to which event, what runs at night, and how late a night may be.

Filled when each app's ``consumers`` and ``checks`` are imported, and by the app that knows the council's rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Consumer = Callable[[Any], None]
Renew = Callable[[], None]
Handler = Callable[[date, int, int, Renew], dict[str, Any]]
Lateness = Callable[[date], timedelta]


@dataclass(frozen=True)
class NightJob:
    """A night's job. ``handler(for_date, shard, of, renew)`` does one shard and answers its counts; ``shards(for_date)`` says how many."""

    name: str
    handler: Handler
    shards: Callable[[date], int]


_consumers: dict[str, dict[str, Consumer]] = {}
_night_jobs: dict[str, NightJob] = {}
_latenesses: list[Lateness] = []


def consumer(kind: str, *, name: str) -> Callable[[Consumer], Consumer]:
    """React to events of ``kind``. ``name`` (``"pupil_premium.release"``) stands in the ledger: never change or reuse it.

    Raises:
        ValueError: when the name is taken.
    """

    def register(function: Consumer) -> Consumer:
        if any(name in named for named in _consumers.values()):
            raise ValueError(f"There is a consumer {name!r} already.")
        _consumers.setdefault(kind, {})[name] = function
        return function

    return register


def consumers_of(kind: str) -> tuple[str, ...]:
    """The names of those who react to ``kind``."""
    return tuple(_consumers.get(kind, ()))


def consumed() -> dict[str, tuple[str, ...]]:
    """Every kind of event with the names of its consumers."""
    return {kind: tuple(named) for kind, named in _consumers.items()}


def consumer_named(kind: str, name: str) -> Consumer:
    """The function that reacts."""
    return _consumers[kind][name]


def register_night_job(name: str, handler: Handler, *, shards: Callable[[date], int] = lambda for_date: 1) -> None:
    """Run ``handler`` for every shard of every night.

    The handler's writes and the mark that the shard is done are one transaction. ``renew()`` between steps keeps the lease of a
    shard that takes longer than a minute; it raises when the shard was given to another worker, and then nothing is kept.

    Raises:
        ValueError: when the name is taken.
    """
    if name in _night_jobs:
        raise ValueError(f"There is a night job {name!r} already.")
    _night_jobs[name] = NightJob(name, handler, shards)


def night_job(name: str) -> NightJob:
    return _night_jobs[name]


def night_jobs() -> tuple[NightJob, ...]:
    return tuple(_night_jobs.values())


def register_lateness(lateness: Lateness) -> None:
    """``lateness(on)`` says how old the last complete night may be on a day; the last one registered counts."""
    _latenesses[:] = [lateness]


def lateness(on: date) -> timedelta:
    """How long ago the last complete night may have been finished.

    Raises:
        LookupError: when nobody has registered it.
    """
    if not _latenesses:
        raise LookupError("Nobody has said how late a night may be.")
    return _latenesses[0](on)
