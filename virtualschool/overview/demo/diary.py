"""The diary of the made-up terms: every deed at its own moment, told in the order in which it happened."""

import os
from collections.abc import Callable
from datetime import date, datetime
from heapq import heappop, heappush
from itertools import count

from virtualschool.accounts.models import User
from virtualschool.audit.context import acting
from virtualschool.kernel.dates import moment, standing_at

Deed = Callable[[], None]


class Diary:
    """What is to be told. A deed may enter others while it is told; what would happen on the last day or later is left out."""

    def __init__(self, on: date, *, for_another: bool = False) -> None:
        """``for_another`` process, which waits for this one: without it there is no sense in going on."""
        self.on, self.for_another = on, for_another
        self._entries: list[tuple[datetime, int, Deed, User | None]] = []
        self._number = count()
        self._parent = os.getppid()

    def enter(self, day: date, hour: int, deed: Deed, *, by: User | None = None) -> None:
        """Let ``deed`` happen on a day, done by somebody; None is the service itself."""
        if day < self.on:
            heappush(self._entries, (moment(day, hour), next(self._number), deed, by))

    def tell(self) -> None:
        """Tell all of it, earliest first.

        Raises:
            RuntimeError: when the process that this is told for is gone.
        """
        while self._entries:
            if self.for_another and os.getppid() != self._parent:
                raise RuntimeError("Nobody waits for this part of the story any more.")
            at, _, deed, by = heappop(self._entries)
            with standing_at(at), acting(by.pk if by else None):
                deed()
