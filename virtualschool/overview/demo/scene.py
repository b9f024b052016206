"""Where the last days are told: which PEPs there are, whose they are, and the moment at which somebody does something."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from children.models import Child, Relationship
from peps.enums import Seat
from peps.models import Pep
from peps.people import People, people_of
from virtualschool.accounts.models import User
from virtualschool.audit.context import acting
from virtualschool.kernel.dates import moment, standing_at, today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.overview.demo.world import World

DAY = timedelta(days=1)
TRIED = 12


class Scene:
    """The authority as its stories have left it. Of all children those come first whom the demo people work with."""

    def __init__(self, world: World) -> None:
        self.world = world

    def chance(self, pep: Pep) -> random.Random:
        """The PEP's own chance, so that whatever else is told changes nothing of it."""
        return random.Random(f"{self.world.seed}:{pep.child.child_id}:{pep.kind}:{pep.opened_on}:lately")

    def day(self, back: int) -> date:
        return self.world.on - DAY * back

    @contextmanager
    def at(self, back: int, hour: int, by: User | None) -> Iterator[None]:
        """So many days before the last one, done by somebody; None is whoever holds a link, or the service itself."""
        with standing_at(moment(self.day(back), hour)), acting(by.pk if by else None):
            yield

    def peps(self, *states: str, opened_before: int = 8, **where: Any) -> QuerySet[Pep]:
        """PEPs in some states that were there so many days ago, of children in care: one order, whatever their keys are."""
        ties = Relationship.objects.current(self.world.on).filter(child=OuterRef("child"))
        mine = Exists(ties.filter(user=self.world.demo("socialworker")))
        first = Case(When(school=self.world.demo_school, then=0), When(mine, then=1), default=Value(2))
        known = Pep.objects.filter(state__in=states, opened_on__lt=self.day(opened_before), **where)
        in_care = known.filter(child__in=Child.objects.on_roll(self.world.on), opened_on__gte=self.world.since)
        return in_care.select_related("child", "school").order_by(first, "child__child_id", "opened_on", "kind")

    def people(self, pep: Pep) -> People:
        """Who has which part in it at the moment that is told."""
        return people_of(pep.child, pep.school, today())

    def worker(self, pep: Pep, back: int) -> User:
        """The child's social worker on a day.

        Raises:
            Conflict: when there is none.
        """
        return self._at_seat(pep, Seat.SOCIAL_WORKER, back)

    def teacher(self, pep: Pep, back: int) -> User:
        """The designated teacher on a day; raises as ``worker`` does."""
        return self._at_seat(pep, Seat.DESIGNATED_TEACHER, back)

    def _at_seat(self, pep: Pep, seat: Seat, back: int) -> User:
        found = people_of(pep.child, pep.school, self.day(back)).at(seat)
        if found is None:
            raise Conflict(f"Nobody is the {seat.label} of this child.")
        return found


def told(deed: Callable[..., None], *facts: Any) -> bool:
    """Tell one thing whole, or not at all: on some days of the year, and of few children, not everything can happen.

    Returns:
        whether it did.
    """
    with suppress(Refused, Conflict, ValidationError), transaction.atomic():
        deed(*facts)
        return True
    return False


def tell_of(number: int, peps: Any, deed: Callable[..., None], *facts: Any) -> int:
    """Tell it of the first so many PEPs of which it can be told; it is tried of ``TRIED`` at most.

    Returns:
        of how many it was told.
    """
    done = 0
    for pep in peps[:TRIED]:
        if done == number:
            break
        done += told(deed, *facts, pep)
    return done
