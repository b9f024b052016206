"""What beat and the doorbell start. No task has arguments: each looks into the ledger for what there is to do."""

import time

from celery import shared_task

from virtualschool.jobs import doorbell, events, nights, outbox

_BUDGET = 120  # seconds that one task goes on claiming; well under the hard limit of a task


@shared_task
def plan_nights() -> None:
    nights.plan()
    doorbell.ring("pump")


@shared_task
def pump() -> None:
    until = time.monotonic() + _BUDGET
    while nights.pump():
        if time.monotonic() > until:
            doorbell.ring("pump")
            return


@shared_task
def deliver() -> None:
    if events.deliver_pending() == 100:
        doorbell.ring("deliver")


@shared_task
def send_mail() -> None:
    outbox.send_due()


@shared_task
def sweep() -> None:
    """Each minute: find what no ring told of."""
    events.add_missing()
    for name, waiting in (("deliver", events.waiting), ("send_mail", outbox.waiting), ("pump", nights.waiting)):
        if waiting():
            doorbell.ring(name)
