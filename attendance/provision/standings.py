"""Which checks of a provider are due, by the council's rule. A registered school is inspected: none is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from attendance.enums import CheckKind
from attendance.models import AlternativeProvision
from virtualschool.rulebook import rules
from virtualschool.rulebook.rules import InForce


@dataclass(frozen=True)
class Standing:
    """One check: when it last satisfied, and by when it is to be made (again); ``due`` None when once was enough."""

    kind: CheckKind
    last: date | None
    due: date | None
    overdue: bool


def rule(on: date) -> InForce:
    return rules.get("attendance.provision.checks", on=on)


def standings(one: AlternativeProvision, asked: Mapping[str, int], on: date) -> list[Standing]:
    """Of every check that the rule asks for. ``one`` came by ``with_checks``; none of a registered school."""
    if one.registered:
        return []
    return [_standing(one, CheckKind(kind), weeks, on) for kind, weeks in asked.items() if kind in CheckKind.values]


def overdue(one: AlternativeProvision, asked: Mapping[str, int], on: date) -> list[Standing]:
    return [standing for standing in standings(one, asked, on) if standing.overdue and one.running]


def _standing(one: AlternativeProvision, kind: CheckKind, weeks: int, on: date) -> Standing:
    """Made before the child starts, and again so many weeks after it last satisfied."""
    last: date | None = getattr(one, f"last_{kind.value}")
    if last is None:
        return Standing(kind, None, one.start, on >= one.start)
    due = last + timedelta(weeks=weeks) if weeks else None
    return Standing(kind, last, due, due is not None and due < on)
