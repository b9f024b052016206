"""The doorbell: tells a worker that something waits. Redis may be away; the work is in PostgreSQL and the sweeper finds it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from celery import current_app
from django.db import connection, transaction

logger = logging.getLogger(__name__)
_PAUSE = 30  # seconds without ringing after a ring failed, so that not every request waits for a dead Redis
_muffled: ContextVar[bool] = ContextVar("muffled", default=False)
_IMPATIENT = {"max_retries": 1, "interval_start": 0, "socket_connect_timeout": 0.5, "socket_timeout": 0.5}


@dataclass(frozen=True)
class _Ring:
    name: str

    def __call__(self) -> None:
        send(self.name)


class _Line:
    """When the bell may be tried again, on this process's own clock."""

    closed_until = 0.0


def ring(name: str) -> None:
    """Start the task ``name`` of ``jobs.tasks`` once this transaction commits. Never raises."""
    ringing = _Ring(name)
    level = set(connection.savepoint_ids)
    if not any(sids == level and waiting == ringing for sids, waiting, _ in connection.run_on_commit):
        transaction.on_commit(ringing)


@contextmanager
def muffled() -> Iterator[None]:
    """Nobody is rung inside, and nothing is delivered after a commit: for long work that delivers its own events as it goes."""
    token = _muffled.set(True)
    try:
        yield
    finally:
        _muffled.reset(token)


def is_muffled() -> bool:
    return _muffled.get()


def send(name: str) -> bool:
    """Ring now.

    Returns:
        whether it was heard.
    """
    if _muffled.get() or time.monotonic() < _Line.closed_until:
        return False
    try:
        current_app.send_task(f"virtualschool.jobs.tasks.{name}", retry=False, ignore_result=True)
    except Exception as error:
        _Line.closed_until = time.monotonic() + _PAUSE
        logger.warning("The doorbell was not heard: %s (%s)", name, type(error).__name__)
        return False
    return True


def answers() -> bool:
    """Whether Redis is there, asked in about half a second at most."""
    try:
        with current_app.connection_for_write(transport_options=_IMPATIENT) as line:
            line.ensure_connection(max_retries=1, interval_start=0)
            line.default_channel.client.ping()
    except Exception:
        return False
    return True
