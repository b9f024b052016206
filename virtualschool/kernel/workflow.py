"""Transition tables: they know *when* a thing may happen, never who may do it nor what it does."""

from collections.abc import Iterable
from dataclasses import dataclass

from virtualschool.kernel.verdicts import Conflict


@dataclass(frozen=True)
class Transition:
    """``event`` takes a record from any of ``sources`` to ``target``."""

    event: str
    sources: frozenset[str]
    target: str


def move(event: str, sources: Iterable[str], target: str) -> Transition:
    """One row of a table, written as it is read: on this event, from these states, to that one."""
    return Transition(event, frozenset(sources), target)


class NotNow(Conflict):
    """The event does not happen in the state the record is in."""


class Workflow:
    """A table of transitions.

    Raises:
        ValueError: when two rows give one event two targets from the same state.
    """

    def __init__(self, *transitions: Transition) -> None:
        self.transitions = transitions
        self._targets: dict[tuple[str, str], str] = {}
        for row in transitions:
            for source in row.sources:
                if (source, row.event) in self._targets:
                    raise ValueError(f"{row.event!r} from {source!r} has two targets")
                self._targets[source, row.event] = row.target

    def allows(self, state: str, event: str) -> bool:
        """Whether ``event`` may happen in ``state``."""
        return (state, event) in self._targets

    def target(self, state: str, event: str) -> str:
        """The state after ``event``.

        Raises:
            NotNow: when the table has no such row.
        """
        try:
            return self._targets[state, event]
        except KeyError:
            raise NotNow(f"This cannot happen now: it is “{state.replace('_', ' ')}”.") from None

    def events(self, state: str) -> tuple[str, ...]:
        """The events that may happen in ``state``, in the table's order."""
        return tuple(dict.fromkeys(row.event for row in self.transitions if state in row.sources))
