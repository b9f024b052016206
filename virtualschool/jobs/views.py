"""The health page, which tells nobody anything about anybody, and the page of nights for those who keep the service running."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from virtualschool.audit.pages import page
from virtualschool.jobs import doorbell, outbox, policies
from virtualschool.jobs.enums import WorkState
from virtualschool.jobs.models import Delivery, NightShard
from virtualschool.jobs.watch import night_watch, pending
from virtualschool.kernel.tables import Cell, Column, Table, table

RECENT = 60  # shards


@login_not_required
@transaction.non_atomic_requests
@page(public=True)
def health(request: HttpRequest) -> HttpResponse:
    """200 while people can work, with Redis away too; 503 when the database is away.

    Outside a request's transaction: that could not even begin without the database.
    """
    try:
        found = _health()
    except (DatabaseError, InterfaceError):
        return JsonResponse({"status": "down"}, status=503, headers={"Retry-After": "5"})
    return JsonResponse(found)


@page(policy=policies.can_read_operations)
def nights_page(request: HttpRequest) -> HttpResponse:
    """The nights of late, and what failed when it was last tried."""
    shards = NightShard.objects.order_by("-for_date", "job", "shard")[:RECENT]
    failed = Delivery.objects.filter(state=WorkState.FAILED).select_related("event").order_by("next_try_at")[:RECENT]
    context = {
        "watch": night_watch(),
        "held": outbox.held(),
        "nights": _nights_table(shards),
        "failed": _failed_table(failed),
    }
    return render(request, "jobs/nights.html", context)


def _health() -> dict[str, Any]:
    watch, waiting = night_watch(), pending()
    redis = doorbell.answers()
    well = redis and not watch.stale and not waiting["deliveries_failed"] and not waiting["shards_failed"]
    night = {"last_complete": watch.last_complete, "stale": watch.stale}
    return {
        "status": "ok" if well else "degraded",
        "redis": redis,
        "night": night,
        "pending": waiting,
        "mail_held": outbox.held(),
    }


def _nights_table(shards: Any) -> Table:
    columns = ["Night of", "Job", "Shard", "State", Column("Attempts", numeric=True), "Finished", "Error"]
    rows = [
        [
            shard.for_date.strftime("%d/%m/%Y"),
            shard.job,
            f"{shard.shard + 1} of {shard.of}",
            _state(shard),
            shard.attempts,
            _moment(shard.finished_at),
            shard.error,
        ]
        for shard in shards
    ]
    return table("Nights", columns, rows, empty="No night has been planned yet")


def _failed_table(deliveries: Any) -> Table:
    columns = ["Event", "Consumer", Column("Attempts", numeric=True), "Next try", "Error"]
    rows = [
        [delivery.event.kind, delivery.consumer, delivery.attempts, _moment(delivery.next_try_at), delivery.error]
        for delivery in deliveries
    ]
    return table("Reactions that failed", columns, rows, empty="No reaction has failed")


COLOURS = {WorkState.DONE: "green", WorkState.FAILED: "red", WorkState.RUNNING: "blue", WorkState.PENDING: "grey"}


def _state(shard: NightShard) -> Cell:
    return Cell(tag={"text": shard.get_state_display(), "colour": COLOURS[WorkState(shard.state)]})


def _moment(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M") if moment else ""
