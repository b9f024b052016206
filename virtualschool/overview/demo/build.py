"""Puts the made-up authority together: in bulk what is long past, through the actions what is of this term and the last."""

import logging
import multiprocessing
import os
import random
import time
from collections.abc import Callable
from datetime import date, timedelta

from django.db import connections, transaction

from children.models import Child, PeriodOfCare
from peps.actions import opening
from peps.models import Pep
from peps.workflow import OPEN
from virtualschool.accounts.models import User
from virtualschool.jobs import nights
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import moment, standing_at
from virtualschool.overview.demo import history, marks, rest, roll, world
from virtualschool.overview.demo.stories import Story, plan_for, weekday
from virtualschool.overview.models import DemoAuthority
from virtualschool.rulebook import calendars
from virtualschool.rulebook.schoolyear import Term

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
Tell = Callable[[str], None]


def build(
    *, children: int, seed: int, on: date, tell: Tell = logger.info, processes: int | None = None
) -> DemoAuthority:
    """Make the authority.

    Args:
        children: how many children are in care on ``on``.
        seed: what the made-up world is drawn from; the same seed and date give the same one.
        tell: hears of each part and how long it took, in seconds.
        processes: how many tell PEP stories at once; as many as there are processors unless said.
    """
    began = time.monotonic()

    def done(words: str) -> None:
        tell(f"{words} ({time.monotonic() - began:.0f} s)")

    rng = random.Random(f"{seed}:{on}")
    with transaction.atomic():
        authority = DemoAuthority.objects.create(seed=seed, children=children, as_at=on)
        people = world.build(rng, on)
        with standing_at(moment(on, 8)):
            roll.build(people, seed, children)
            done("people, schools and children")
            history.build(people, seed)
            done("PEPs of earlier terms")
            marks.build(people, seed)
            done("attendance")
            rest.money(people, children)
            rest.cohorts(people, rng)
    _stories(seed, on, processes or os.cpu_count() or 1)
    done("PEPs of this term and the last")
    with transaction.atomic(), standing_at(moment(on, 8)):
        rest.risks(people, rng)
        rest.case_notes(people, rng)
        rest.matters(people, rng)
    with standing_at(moment(on, 4)):
        deliver_pending(5000)
        nights.run_now(on - DAY)
    done("risks, notes and last night's checks")
    return authority


def _stories(seed: int, on: date, processes: int) -> None:
    """Tell the stories of all children, each process its share of them; a child's own story depends on nobody else's."""
    if processes == 1:
        tell_share(seed, on, 0, 1)
        return
    connections.close_all()
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=tell_share, args=(seed, on, n, processes)) for n in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("A part of the PEP stories failed; the log says which.")


def tell_share(seed: int, on: date, share: int, of: int) -> None:
    """The stories of every ``of``-th child."""
    mine = [pk for pk in Child.objects.order_by("pk").values_list("pk", flat=True) if pk % of == share]
    children = Child.objects.filter(pk__in=mine)
    advocates = list(User.objects.filter(role="ala").order_by("pk"))
    this = calendars.load().term_of(on)
    last = calendars.load().term_of(this.start - DAY)
    for term in (last, this):
        _open(children, term, on)
        peps = Pep.objects.filter(
            child__in=mine, academic_year=term.academic_year, term=term.name.value, state__in=OPEN
        )
        for pep in peps.select_related("child", "school", "period").order_by("opened_on", "pk"):
            rng = random.Random(f"{seed}:{pep.child.child_id}:{pep.occasion[:4]}:{term}")
            plan = plan_for(rng, pep.opened_on, on, past_term=term is last)
            with transaction.atomic():
                Story(pep, plan, rng.choice(advocates)).tell()
    connections.close_all() if of > 1 else None


def _open(children, term: Term, on: date) -> None:
    """As it was: initial PEPs on the day a child came into care, the termly ones when the term began."""
    began = min(weekday(term.start + DAY), on)
    with standing_at(moment(began, 5)):
        opening.open_term_peps(began, children=children)
    rows = PeriodOfCare.objects.filter(
        child__in=children, start__gt=began, start__lt=min(term.end, on), short_breaks=False
    ).select_related("child")
    for period in rows.order_by("start", "pk"):
        with standing_at(moment(period.start, 15)):
            opening.open_initial(period=period)
