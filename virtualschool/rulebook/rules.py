"""Asking the rulebook: which value of a rule holds on a date.

`get` is one query. A loop over children reads `load()` (every version, one query) or `pack(on)` (one day, one query)
first and asks that: nothing is kept between requests, so an answer is never stale. Inside `reading.once()` the first
question reads every version and the others are answered from memory.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from virtualschool.kernel import periods
from virtualschool.rulebook import reading
from virtualschool.rulebook.enums import Kind, Unit
from virtualschool.rulebook.models import Rule
from virtualschool.rulebook.querysets import RuleQuerySet
from virtualschool.rulebook.schoolyear import words
from virtualschool.rulebook.shipped import definitions


class UnknownRule(LookupError):
    """No rule with that key holds on that date. Says both, and why when the rulebook knows."""

    def __init__(self, key: str, on: date):
        self.key, self.on = key, on
        known = definitions().get(key)
        why = known.missing if known else "There is no rule of that name."
        super().__init__(f"No rule {key} is in force on {words(on)}. {why}".strip())


@dataclass(frozen=True, slots=True)
class InForce:
    """One version of a rule, as a value: safe to keep, compare and pass about.

    `pk` is the row's, for a foreign key to what a decision was made under.
    """

    pk: int
    key: str
    value: Any
    unit: Unit
    words: str
    kind: Kind
    source: str
    confidence: str
    configurable: bool
    effective_from: date
    effective_to: date | None

    @property
    def kind_label(self) -> str:
        return str(self.kind.label)

    def holds(self, on: date) -> bool:
        return periods.holds(self.effective_from, self.effective_to, on)


def in_force(row: Rule) -> InForce:
    """The value object of a row."""
    return InForce(
        pk=row.pk,
        key=row.key,
        value=row.value,
        unit=Unit(row.unit),
        words=row.words,
        kind=Kind(row.kind),
        source=row.source,
        confidence=row.confidence,
        configurable=row.configurable,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
    )


@dataclass(frozen=True)
class Book:
    """Every version of the rules it was loaded with, in memory."""

    versions: Mapping[str, list[InForce]]

    def find(self, key: str, *, on: date) -> InForce | None:
        return next((rule for rule in self.versions.get(key, ()) if rule.holds(on)), None)

    def get(self, key: str, *, on: date) -> InForce:
        rule = self.find(key, on=on)
        if rule is None:
            raise UnknownRule(key, on)
        return rule

    def value(self, key: str, *, on: date) -> Any:
        return self.get(key, on=on).value

    def variant(self, key: str, *, by: str, code: str, on: date) -> InForce | None:
        """The rule as it stands for one case, or None where the council set -1: no such duty for this case.

        `variant("pep.initial.deadline", by="legal_status", code="L2", on=…)` looks in the map
        `pep.initial.deadline.by_legal_status` and falls back on `pep.initial.deadline`.
        """
        special = self.find(f"{key}.by_{by}", on=on)
        if special is None or code not in special.value:
            return self.get(key, on=on)
        value = special.value[code]
        return None if value == -1 else replace(special, value=value)


@dataclass(frozen=True)
class Pack:
    """The rules of one day."""

    on: date
    book: Book

    def find(self, key: str) -> InForce | None:
        return self.book.find(key, on=self.on)

    def get(self, key: str) -> InForce:
        return self.book.get(key, on=self.on)

    def value(self, key: str) -> Any:
        return self.book.value(key, on=self.on)

    def variant(self, key: str, *, by: str, code: str) -> InForce | None:
        return self.book.variant(key, by=by, code=code, on=self.on)


def _book(rows: Iterable[Rule]) -> Book:
    versions: dict[str, list[InForce]] = {}
    for row in rows:
        versions.setdefault(row.key, []).append(in_force(row))
    return Book(versions)


def _whole() -> Book:
    return reading.kept("rules", lambda: _book(Rule.objects.standing()))


def _among(rows: RuleQuerySet, **named: Any) -> Book:
    """The versions among ``rows`` that are so named. One query, or inside `reading.once()` the whole book."""
    return _whole() if reading.reading_once() else _book(rows.filter(**named))


def load(prefix: str = "") -> Book:
    """Every version of every rule whose key starts with `prefix`. One query."""
    return _among(Rule.objects.standing(), key__startswith=prefix)


def pack(on: date, prefix: str = "") -> Pack:
    """The rules in force on a date. One query."""
    return Pack(on, _among(Rule.objects.in_force(on), key__startswith=prefix))


def named(*keys: str, on: date) -> Book:
    """A few rules in force on a date. One query."""
    return _among(Rule.objects.in_force(on), key__in=keys)


def find(key: str, *, on: date) -> InForce | None:
    """The rule in force on a date, or None. One query."""
    return _among(Rule.objects.in_force(on), key=key).find(key, on=on)


def get(key: str, *, on: date) -> InForce:
    """The rule in force on a date, or UnknownRule. One query."""
    rule = find(key, on=on)
    if rule is None:
        raise UnknownRule(key, on)
    return rule


def value(key: str, *, on: date) -> Any:
    """The value in force on a date, or UnknownRule. One query."""
    return get(key, on=on).value


def variant(key: str, *, by: str, code: str, on: date) -> InForce | None:
    """`Book.variant` for one question. One query."""
    found = _among(Rule.objects.in_force(on), key__in=[key, f"{key}.by_{by}"])
    return found.variant(key, by=by, code=code, on=on)
