"""Changing the rulebook. A value is never rewritten: a change ends one row and starts another, from today on."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel import periods
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import policies
from virtualschool.rulebook.calendars import TERM_ORDER
from virtualschool.rulebook.enums import Kind
from virtualschool.rulebook.models import Rule, SchoolClosure, TermDate
from virtualschool.rulebook.rules import UnknownRule
from virtualschool.rulebook.schoolyear import words
from virtualschool.rulebook.shapes import WrongShape
from virtualschool.rulebook.shipped import BEGINNING, Definition, definitions
from virtualschool.rulebook.signals import calendars_changed

Period = tuple[date, date]

# Where each term may start, by (month, day) of the earliest and the latest; a slip of a year is then refused.
STARTS = {"autumn": ((0, 8, 15), (0, 10, 1)), "spring": ((1, 1, 1), (1, 2, 1)), "summer": ((1, 3, 15), (1, 5, 15))}


class BadChange(ValueError):
    """A change that cannot be made as asked. `field` is the form's field to show it at."""

    def __init__(self, field: str, message: str):
        self.field = field
        super().__init__(message)


@transaction.atomic
def change_rule(*, key: str, value: Any, effective_from: date, reason: str, by: User, source: str = "") -> Rule:
    """Give a rule another value from a day on, and write it down.

    The day is today or later, so that nothing already decided changes under people's hands; only a period in which the
    rule had no value at all may be filled from its start. A value for a financial year ends with that year.

    Raises: UnknownRule for a key that no definition has; Refused; BadChange with the field; Conflict when another
    change came first.
    """
    definition = definitions().get(key)
    if definition is None:
        raise UnknownRule(key, effective_from)
    require(policies.can_change_rule(by, definition))
    rows = list(Rule.objects.select_for_update(of=("self",)).standing().filter(key=key).order_by("effective_from"))
    old = next((row for row in rows if holds(row, effective_from)), None)
    _check_change(definition, value, effective_from, reason, rows, old)
    new = _successor(definition, value, effective_from, rows, old)
    new.author, new.reason, new.source = by, reason.strip(), source.strip() or "Decided by this Virtual School"
    try:
        with transaction.atomic():
            if old:
                old.effective_to = effective_from
                old.save(update_fields=["effective_to"])
            new.save(force_insert=True)
    except IntegrityError:
        raise Conflict("Somebody else has just changed this rule. Look at it again.") from None
    record("rule.changed", by=by, subject=new, why=new.reason, data=_event(new, old))
    return new


def holds(row: Rule, on: date) -> bool:
    """Whether a row's period holds on a day, withdrawn or not."""
    return periods.holds(row.effective_from, row.effective_to, on)


def _check_change(
    definition: Definition, value: Any, effective_from: date, reason: str, rows: Sequence[Rule], old: Rule | None
) -> None:
    try:
        definition.shape.check(value)
    except WrongShape as wrong:
        raise BadChange("value", str(wrong)) from wrong
    if not reason.strip():
        raise BadChange("reason", "Say why the rule changes")
    earliest = first_day(rows, today())
    if effective_from < earliest:
        raise BadChange("effective_from", f"The first day must be {words(earliest)} or later")
    if any(row.effective_from == effective_from for row in rows):
        raise BadChange("effective_from", "A value starts on that day already. Withdraw it first")
    if old and old.value == value:
        raise BadChange("value", "The rule says this already on that day")


def first_day(rows: Sequence[Rule], on: date) -> date:
    """The first day from which a rule may change: today, or the start of the gap that today lies in."""
    if any(holds(row, on) for row in rows):
        return on
    ends = [row.effective_to for row in rows if row.effective_to is not None and row.effective_to <= on]
    return max(ends, default=BEGINNING)


def _successor(definition: Definition, value: Any, start: date, rows: Sequence[Rule], old: Rule | None) -> Rule:
    following = [row.effective_from for row in rows if row.effective_from > start]
    lasts_until = old.lasts_until if old else _year_end(start) if definition.yearly else None
    ends = [*following, *([lasts_until] if lasts_until else [])]
    return Rule(
        key=definition.key,
        value=value,
        unit=definition.unit,
        words=definition.words,
        kind=_kind(definition),
        configurable=definition.configurable,
        effective_from=start,
        effective_to=min(ends, default=None),
        lasts_until=lasts_until,
    )


def _kind(definition: Definition) -> Kind:
    """A number that a council sets is no law, unless it only enters what the law publishes each year."""
    if definition.kind == Kind.LAW and not definition.yearly:
        return Kind.POLICY
    return definition.kind


def _year_end(start: date) -> date:
    """The first day after the financial year of a date."""
    return date(start.year + (start >= date(start.year, 4, 1)), 4, 1)


def _event(new: Rule, old: Rule | None) -> dict[str, Any]:
    return {
        "key": new.key,
        "from": new.effective_from.isoformat(),
        "value": new.value,
        "before": old.value if old else None,
    }


@transaction.atomic
def withdraw_change(*, rule: Rule, reason: str, by: User) -> Rule:
    """Take back a change before its first day is over; the value before it goes on. The row stays, marked withdrawn.

    Raises: Refused; BadChange without a reason.
    """
    rule = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    require(policies.can_withdraw_change(by, rule))
    if not reason.strip():
        raise BadChange("reason", "Say why the change is withdrawn")
    rule.withdrawn_at = now()
    rule.save(update_fields=["withdrawn_at"])
    before = (
        Rule.objects.select_for_update(of=("self",))
        .standing()
        .filter(key=rule.key, effective_to=rule.effective_from)
        .first()
    )
    if before:
        before.effective_to = _earlier(before.lasts_until, rule.effective_to)
        before.save(update_fields=["effective_to"])
    record("rule.withdrawn", by=by, subject=rule, why=reason.strip(), data=_event(rule, before))
    return rule


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


@transaction.atomic
def set_terms(
    *,
    academic_year: int,
    terms: Mapping[str, Period],
    closures: Sequence[tuple[date, date, str]],
    source: str,
    by: User,
    school_urn: str = "",
) -> None:
    """Replace the dates of one academic year: the council's, or one school's by its URN.

    Periods are half-open: the second date is the first day after. Due dates that were worked out already stay; whoever waits for
    one that was not known hears of it.

    Raises: Refused; BadChange; Conflict when somebody else loaded the same year meanwhile.
    """
    require(policies.can_change_rules(by))
    _check_terms(academic_year, terms, closures, source)
    mine = Q(school_urn=school_urn)
    year = Q(start__gte=date(academic_year, 8, 15), start__lt=date(academic_year + 1, 8, 15))
    TermDate.objects.filter(mine, academic_year=academic_year).delete()
    SchoolClosure.objects.filter(mine & year).delete()
    common = {"school_urn": school_urn, "source": source.strip()}
    try:
        with transaction.atomic():
            rows = [
                TermDate.objects.create(academic_year=academic_year, term=name, start=start, end=end, **common)
                for name, (start, end) in terms.items()
            ]
            for start, end, name in closures:
                SchoolClosure.objects.create(start=start, end=end, name=name, **common)
    except IntegrityError:
        raise Conflict("These dates run into dates that are loaded already. Look at them again.") from None
    record("terms.set", by=by, subject=rows[0], data=_terms_event(academic_year, terms, school_urn))
    calendars_changed.send(TermDate)


def _terms_event(year: int, terms: Mapping[str, Period], school_urn: str) -> dict[str, Any]:
    days = {name: [start.isoformat(), end.isoformat()] for name, (start, end) in terms.items()}
    return {"academic_year": year, "school_urn": school_urn, "terms": days}


def _check_terms(
    year: int, terms: Mapping[str, Period], closures: Sequence[tuple[date, date, str]], source: str
) -> None:
    if not source.strip():
        raise BadChange("source", "Say where the dates come from")
    before = date.min
    for term in TERM_ORDER:
        if term.value not in terms:
            raise BadChange(term.value, f"Give the {term.label.lower()} term")
        start, end = terms[term.value]
        earliest, latest = (date(year + later, month, day) for later, month, day in STARTS[term.value])
        if not earliest <= start < latest:
            last = latest - timedelta(days=1)
            raise BadChange(
                term.value, f"The {term.label.lower()} term must start between {words(earliest)} and {words(last)}"
            )
        if not before < start < end <= date(year + 1, 9, 1):
            raise BadChange(
                term.value, f"The {term.label.lower()} term must come after the term before it and end after it starts"
            )
        before = end
    for start, end, name in closures:
        if not any(first <= start < end <= last for first, last in terms.values()):
            raise BadChange("closures", f"{name} from {words(start)} does not lie inside a term")
