"""The night's checks: each is one function that answers the facts that hold on a date, for all children of a shard at once.

A check asks a constant number of queries, never one a child. It decides nothing about alerts: the engine compares its findings
with the open ones.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from virtualschool.accounts.roles import FieldGroup


@dataclass(frozen=True)
class Finding:
    """A fact about a child.

    Attributes:
        natural_key: the thing itself (a clock, a term, an episode), never the day of looking; unlike that of any other child,
            so it names a row: ``clock:41``, ``term:<child>:2026:autumn``.
        evidence: ``sentence``, and ``facts``: what a person needs to reproduce it (see ``children.evidence``). Nothing of another kind of
            information than ``group``. Where what is counted moves on with the day of looking it has ``basis`` too: what it rests on,
            in a few letters; an open alert of the same basis is left as it is.
        rule_id: the version of the rule it was found under, when it is not the check's own.
        group: which kind of information it tells, when it is not the check's own.
    """

    child_id: int
    natural_key: str
    evidence: dict[str, Any] = field(default_factory=dict)
    rule_id: int | None = None
    group: FieldGroup | None = None


Find = Callable[..., Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """A check by its name. ``words`` is what an alert of it is called; ``rule`` the rule that gives its threshold or deadline."""

    name: str
    words: str
    find: Find
    rule: str = ""
    group: FieldGroup = FieldGroup.EDUCATION


CHECKS: dict[str, Check] = {}


def check(name: str, *, words: str, rule: str = "", group: FieldGroup = FieldGroup.EDUCATION) -> Callable[[Find], Find]:
    """Run ``find(on=, children=)`` every night. ``children`` are the shard's children on the roll on that date.

    Raises:
        ValueError: when the name is taken.
    """

    def register(find: Find) -> Find:
        if name in CHECKS:
            raise ValueError(f"There is a check {name!r} already.")
        CHECKS[name] = Check(name, words, find, rule, group)
        return find

    return register


def words_of(check_name: str) -> str:
    """What an alert of this check is called."""
    known = CHECKS.get(check_name)
    return known.words if known else check_name
