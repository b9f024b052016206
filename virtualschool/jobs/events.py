"""The event ledger: reactions of upper apps to what happened in lower ones, neither lost nor doubled."""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.transaction import TransactionManagementError

from virtualschool.audit import context
from virtualschool.jobs import backoff, doorbell, registry
from virtualschool.jobs.enums import WorkState
from virtualschool.jobs.models import Delivery, Event
from virtualschool.kernel.dates import now

logger = logging.getLogger(__name__)
LOOK_BACK = timedelta(days=30)
AT_ONCE = 20  # deliveries a request makes itself before it leaves the rest to the workers


def emit(kind: str, *, key: str, data: Mapping[str, Any] | None = None) -> bool:
    """Write down that something happened, in the caller's transaction; whoever reacts to ``kind`` is rung when it commits.

    Args:
        key: the event's natural key, such as ``"pep.approved:41:2"``.
        data: ids and dates. It goes nowhere but the ledger, and yet holds nothing about a person.

    Returns:
        False when this had been written before: then nothing happens.

    Raises:
        TransactionManagementError: outside a transaction, where the event could stand without the deed.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An event is written in the transaction of what happened.")
    acting = context.current()
    event, new = Event.objects.get_or_create(
        key=key,
        defaults={"kind": kind, "data": dict(data or {}), "user_id": acting.user_id, "request_id": acting.request_id},
    )
    if new:
        Delivery.objects.bulk_create([Delivery(event=event, consumer=name) for name in registry.consumers_of(kind)])
        _at_once()
        doorbell.ring("deliver")
    return new


def _at_once() -> None:
    """Deliver right after the commit, in this process, so that the next page shows what followed; what fails is tried again later.

    Not while the doorbell is muffled: whoever muffled it delivers.
    """
    if doorbell.is_muffled():
        return
    waiting_here = any(function is _deliver_now for _, function, _ in connection.run_on_commit)
    if not waiting_here:
        transaction.on_commit(_deliver_now, robust=True)


def _deliver_now() -> None:
    deliver_pending(AT_ONCE)


def emit_many(kind: str, happened: Iterable[tuple[str, Mapping[str, Any]]]) -> int:
    """``emit`` for many of one kind, as (key, data), in a few statements however many they are.

    Returns:
        how many had not been written before.

    Raises:
        TransactionManagementError: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An event is written in the transaction of what happened.")
    facts = dict(happened)
    known = set(Event.objects.filter(key__in=facts).values_list("key", flat=True))
    acting = context.current()
    events = [
        Event(key=key, kind=kind, data=dict(data), user_id=acting.user_id, request_id=acting.request_id)
        for key, data in facts.items()
        if key not in known
    ]
    if events:
        Event.objects.bulk_create(events, batch_size=1000)
        names = registry.consumers_of(kind)
        deliveries = [Delivery(event=event, consumer=name) for event in events for name in names]
        Delivery.objects.bulk_create(deliveries, batch_size=1000)
        doorbell.ring("deliver")
    return len(events)


def deliver_pending(limit: int = 100) -> int:
    """Deliver what is due, oldest first.

    Returns:
        how many deliveries were tried.
    """
    return next((done for done in range(limit) if not _deliver_one()), limit)


def add_missing() -> int:
    """Give consumers that came later the events of the last thirty days."""
    added = 0
    for kind, names in registry.consumed().items():
        for name in names:
            missing = Event.objects.filter(kind=kind, at__gte=now() - LOOK_BACK).exclude(
                Exists(Delivery.objects.filter(event=OuterRef("pk"), consumer=name))
            )
            created = [Delivery(event=event, consumer=name) for event in missing.only("pk")[:1000]]
            added += len(Delivery.objects.bulk_create(created, ignore_conflicts=True))
    return added


def waiting() -> bool:
    """Whether a delivery is due now."""
    return Delivery.objects.due(now()).exists()


@transaction.atomic
def _deliver_one() -> bool:
    """Run one consumer with its delivery's row locked; its writes and the mark are one transaction."""
    known = [name for names in registry.consumed().values() for name in names]
    delivery = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("event")
        .due(now())
        .filter(consumer__in=known)
        .order_by("next_try_at", "pk")
        .first()
    )
    if delivery is None:
        return False
    delivery.attempts += 1
    try:
        with transaction.atomic():
            _react(delivery)
    except Exception as error:
        delivery.state, delivery.error = WorkState.FAILED, backoff.describe(error)
        logger.error("%s failed: %s\n%s", delivery, delivery.error, backoff.frames(error))
        delivery.next_try_at = now() + backoff.delay(delivery.attempts)
    else:
        delivery.state, delivery.error, delivery.done_at = WorkState.DONE, "", now()
    delivery.save(update_fields=["attempts", "state", "error", "next_try_at", "done_at"])
    return True


def _react(delivery: Delivery) -> None:
    event = delivery.event
    with context.acting(event.user_id, event.request_id, f"{delivery.consumer} on {event.kind}"):
        registry.consumer_named(event.kind, delivery.consumer)(event)
