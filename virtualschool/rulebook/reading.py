"""Reading the rulebook once for a long piece of work, instead of once for every question."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Read = TypeVar("Read")
_read: ContextVar[dict[str, Any] | None] = ContextVar("read", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Inside, rules and calendars are read when first asked for and then kept, whatever is changed in them meanwhile.

    For work that asks thousands of times and is done as one: never around a request, which has to see a change at once.
    """
    token = _read.set({} if _read.get() is None else _read.get())
    try:
        yield
    finally:
        _read.reset(token)


def reading_once() -> bool:
    """Whether this is inside ``once``."""
    return _read.get() is not None


def kept(what: str, read: Callable[[], Read]) -> Read:
    """What was read under this name, or what ``read`` answers now, which is kept inside ``once`` alone."""
    known = _read.get()
    if known is None:
        return read()
    if what not in known:
        known[what] = read()
    found: Read = known[what]
    return found
