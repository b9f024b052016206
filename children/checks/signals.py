"""The signs that a placement or a school place is shaky, each switched by its own rule ``placement.signals.<name>``.

Each sign is a fact with its dates that a person can reproduce; there is no score and no count of signs. None looks at ethnicity,
religion, disability or where a child lives. Upper apps add theirs with ``@signal``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from children.checks.registry import Finding
from virtualschool.accounts.roles import FieldGroup
from virtualschool.rulebook import rules

PREFIX = "placement.signals."
Look = Callable[..., Iterable[Finding]]


@dataclass(frozen=True)
class Signal:
    """A sign. ``look(on=, children=, value=)`` gets the rule's value and answers findings keyed by the latest fact of each child."""

    name: str
    look: Look
    group: FieldGroup


SIGNALS: dict[str, Signal] = {}


def signal(name: str, *, group: FieldGroup) -> Callable[[Look], Look]:
    """Add a sign under the rule ``placement.signals.<name>``, whose value has ``on``.

    Raises:
        ValueError: when the name is taken.
    """

    def register(look: Look) -> Look:
        if name in SIGNALS:
            raise ValueError(f"There is a sign {name!r} already.")
        SIGNALS[name] = Signal(name, look, group)
        return look

    return register


def present(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Every sign that is switched on and present, under its own rule. A key is ``<sign>:<what the sign named>``."""
    in_force = rules.pack(on, PREFIX)
    for one in SIGNALS.values():
        rule = in_force.find(PREFIX + one.name)
        if rule is None or not rule.value["on"]:
            continue
        for finding in one.look(on=on, children=children, value=rule.value):
            yield replace(
                finding,
                natural_key=f"{one.name}:{finding.natural_key}",
                rule_id=rule.pk,
                group=finding.group or one.group,
                evidence={**finding.evidence, "sign": one.name},
            )
