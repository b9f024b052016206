"""Rules, bank holidays, terms and closures beside those that ship."""

from datetime import date, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from virtualschool.kernel.dates import LONDON
from virtualschool.rulebook.enums import Kind, Unit
from virtualschool.rulebook.models import BankHoliday, Rule, SchoolClosure, TermDate
from virtualschool.rulebook.rules import InForce
from virtualschool.rulebook.shipped import BEGINNING, definition


class RuleFactory(DjangoModelFactory):
    """A rule that no definition knows: it stands in nobody's way."""

    class Meta:
        model = Rule

    key = factory.Sequence(lambda n: f"made.up.{n}")
    value = 10
    unit = "working_days"
    words = "Something is done"
    kind = "policy"
    source = "A made-up council's policy"
    effective_from = BEGINNING


class BankHolidayFactory(DjangoModelFactory):
    class Meta:
        model = BankHoliday

    day = date(2026, 11, 18)
    name = "One-off bank holiday"


class TermDateFactory(DjangoModelFactory):
    """A school's own autumn term."""

    class Meta:
        model = TermDate

    school_urn = "123456"
    academic_year = 2026
    term = "autumn"
    start = date(2026, 9, 3)
    end = date(2026, 12, 17)
    source = "The school"


class SchoolClosureFactory(DjangoModelFactory):
    class Meta:
        model = SchoolClosure

    school_urn = "123456"
    name = "Staff training"
    start = date(2026, 11, 20)
    end = date(2026, 11, 21)
    source = "The school"


def set_rule(key: str, value: Any, *, from_: date = BEGINNING) -> Rule:
    """Give a rule that ships another value from a day on, as a council would have done before the test began."""
    known = definition(key)
    for row in Rule.objects.standing().filter(key=key):
        if row.effective_from >= from_:
            Rule.objects.filter(pk=row.pk).update(withdrawn_at=datetime(2026, 1, 1, tzinfo=LONDON))
        elif row.effective_to is None or row.effective_to > from_:
            Rule.objects.filter(pk=row.pk).update(effective_to=from_)
    return RuleFactory(
        key=key,
        value=known.shape.check(value),
        unit=known.unit,
        words=known.words,
        kind=known.kind,
        configurable=known.configurable,
        effective_from=from_,
    )


def make_rule(value: Any = 10, unit: Unit = Unit.WORKING_DAYS, **given: Any) -> InForce:
    """A rule as a value, for what needs no database."""
    facts: dict[str, Any] = {
        "pk": 1,
        "key": "made.up",
        "words": "Something is done",
        "kind": Kind.POLICY,
        "source": "A made-up policy",
        "confidence": "",
        "configurable": True,
        "effective_from": date(2000, 1, 1),
        "effective_to": None,
    }
    return InForce(value=value, unit=unit, **(facts | given))
