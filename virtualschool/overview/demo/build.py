"""Puts the made-up authority together: in bulk what is long past, through the actions what is of this term, or of this and the last."""

import gc
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from multiprocessing.connection import wait

from django.db import connection, connections, transaction

from children.models import Child
from virtualschool.jobs import doorbell, nights, registry
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import moment, now, standing_at
from virtualschool.overview.demo import (
    arrangements,
    beside,
    cohorts,
    courses,
    history,
    inspections,
    lately,
    loading,
    marks,
    money,
    moves,
    roll,
    world,
)
from virtualschool.overview.demo.care import Life
from virtualschool.overview.demo.diary import Diary
from virtualschool.overview.demo.library import Library
from virtualschool.overview.demo.roll import Made
from virtualschool.overview.demo.world import World
from virtualschool.overview.models import DemoAuthority
from virtualschool.rulebook import reading

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
NIGHTS = 7
GARBAGE = (100_000, 50, 100)  # objects made before the collector looks: a story makes many and keeps few
Tell = Callable[[str], None]


def build(
    *, children: int, seed: int, on: date, tell: Tell = logger.info, processes: int | None = None
) -> DemoAuthority:
    """Make the authority.

    Args:
        children: how many children are in care on ``on``.
        seed: what the made-up world is drawn from; the same seed and date give the same one.
        tell: hears of each part and how long it took, in seconds.
        processes: how many tell the stories at once; as many as there are processors unless said.
    """
    began = time.monotonic()

    def done(words: str) -> None:
        tell(f"{words} ({time.monotonic() - began:.0f} s)")

    with doorbell.muffled(), reading.once():
        with transaction.atomic():
            authority = DemoAuthority.objects.create(seed=seed, children=children, as_at=on)
            place = world.build(seed, children, on)
            with standing_at(moment(on, 8)):
                made = roll.draw(place)
                before = loading.load(place, made)
                money.grants(place)
                marks.map_source(place)
                cohorts.build(place)
                inspections.judge(place)
                courses.build(place, before)
                moves.nominate(place)
        done("people, schools, and the children as they were")
        _tell_stories(place, made, before, processes or os.cpu_count() or 1)
        done("attendance, older PEPs, and what is told of these terms")
        _run_nights(on, range(NIGHTS, 1, -1))
        with transaction.atomic():
            lately.tell(place)
        _run_nights(on, [1])
        done("the last days, and the checks of the last nights")
    authority.finished_at = now()
    authority.save(update_fields=["finished_at"])
    return authority


def _run_nights(on: date, back: Iterable[int]) -> None:
    """The checks of nights so many days ago, so that not everything was found last night; and all the other work of the last one."""
    for night in (on - DAY * days for days in back):
        with standing_at(moment(night + DAY, 4)):
            if night == on - DAY:
                _work_of_the_night(night)
            nights.run_now(night, "checks")


def _work_of_the_night(night: date) -> None:
    deliver_pending(5000)
    for job in registry.night_jobs():
        if job.name != "checks":
            nights.run_now(night, job.name)


# ---------------------------------------------------------------- the part told by several processes at once


def _tell_stories(place: World, made: list[Made], before: list[Made], processes: int) -> None:
    """Each process tells its share of the children, which depends on no other's; this one loads the marks meanwhile."""
    if processes == 1:
        tell_share(place, made, 0, 1)
        marks.build(place, made)
        return
    connections.close_all()
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_alone, args=(place, made, share, processes), daemon=True) for share in range(processes)
    ]
    for worker in workers:
        worker.start()
    try:
        marks.build(place, before)
        _wait_for(workers)
    finally:
        for worker in workers:
            worker.terminate()
    marks.build(place, _known_now(made, before))


def _wait_for(workers: list[multiprocessing.process.BaseProcess]) -> None:
    """All of them, or the first that fails."""
    waiting = list(workers)
    while waiting:
        wait([worker.sentinel for worker in waiting])
        if any(worker.exitcode for worker in waiting):
            raise RuntimeError("A part of the story failed; what is written above says how.")
        waiting = [worker for worker in waiting if worker.exitcode is None]


def _known_now(made: list[Made], before: list[Made]) -> list[Made]:
    """The children who came into care in another process, with their rows as they are there."""
    later = {one.child.child_id: one for one in made if one not in before}
    for child in Child.objects.filter(child_id__in=later):
        later[child.child_id].child = child
    return [one for one in later.values() if one.child.pk]


def _alone(place: World, made: list[Made], share: int, of: int) -> None:
    """In a process of its own, on a connection that need not wait for the disk: a story broken off is told again from the start."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    tell_share(place, made, share, of)
    connections.close_all()


def tell_share(place: World, made: list[Made], share: int, of: int) -> None:
    """The older PEPs, and the story of the days that are told, of every ``of``-th child."""
    mine = [one for one in made if one.number % of == share]
    before = [one for one in mine if one.start < place.since]
    with transaction.atomic(), standing_at(moment(place.since, 1)):
        money.release(history.build(place, before))
    diary = Diary(place.on, for_another=of > 1)
    library = Library(mine, place, diary)
    library.enter()
    for one in mine:
        Life(one, place, diary, library.follow).enter()
    staying = [one for one in made if one.start < place.since and one.end is None and not one.short_breaks]
    beside.enter(place, staying, diary, share, of)
    arrangements.enter(place, staying, diary, share, of)
    diary.tell()
