"""Putting what ships into the tables: rules, bank holidays, and example term dates.

Runs after every migration and is safe to run again: it adds what is missing and changes nothing. So a rule that comes
with a new version of the system arrives by itself, a council's own values stay, and an emptied database fills again.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import holidays
from django.apps import apps as installed
from django.db import router, transaction

from virtualschool.rulebook import shipped
from virtualschool.rulebook.enums import Division


def seed(sender: Any, using: str, apps: Any = installed, **kwargs: Any) -> None:
    """Add what is missing (`post_migrate`). Nothing happens at a point of the migrations where the tables are not there."""
    try:
        rule, holiday, term, closure = (
            apps.get_model("rulebook", name) for name in ("Rule", "BankHoliday", "TermDate", "SchoolClosure")
        )
    except LookupError:
        return
    if not router.allow_migrate_model(using, rule):
        return
    with transaction.atomic(using=using):
        _add(rule, using, _missing_rules(rule, using))
        _add(holiday, using, _missing_holidays(holiday, using))
        if not term.objects.using(using).filter(school_urn="").exists():
            terms, breaks = _example_terms()
            _add(term, using, terms)
            _add(closure, using, breaks)


def _add(model: Any, using: str, rows: Any) -> None:
    """A row that a constraint refuses is one that a council has answered in its own way: that stays."""
    model.objects.using(using).bulk_create([model(**row) for row in rows], ignore_conflicts=True)


def _missing_rules(model: Any, using: str) -> Iterator[dict[str, Any]]:
    there = set(model.objects.using(using).filter(author__isnull=True).values_list("key", "effective_from"))
    for definition in shipped.definitions().values():
        for version in definition.versions:
            if (definition.key, version.start) not in there:
                yield rule_row(definition, version)


def rule_row(definition: shipped.Definition, version: shipped.Version) -> dict[str, Any]:
    """The columns of a shipped value's row."""
    return {
        "key": definition.key,
        "value": version.value,
        "unit": definition.unit,
        "words": definition.words,
        "kind": definition.kind,
        "source": version.source,
        "confidence": version.confidence,
        "configurable": definition.configurable,
        "effective_from": version.start,
        "effective_to": version.end,
        "lasts_until": version.end,
    }


def bank_holidays() -> dict[date, str]:
    """England's bank holidays, Christmas Day and Good Friday with them, that fall on a weekday.

    From the `holidays` library, which follows the published list and knows the one-off days. Days after the last
    published ones are what the law says today; a new one-off day is added to the table.
    """
    years = range(shipped.FIRST_HOLIDAY_YEAR, shipped.LAST_HOLIDAY_YEAR + 1)
    found = holidays.country_holidays("GB", subdiv="ENG", years=years)
    return {day: name for day, name in sorted(found.items()) if day.weekday() < 5}


def _missing_holidays(model: Any, using: str) -> Iterator[dict[str, Any]]:
    there = set(model.objects.using(using).values_list("day", flat=True))
    last = date(shipped.LAST_HOLIDAY_YEAR, 12, 1)
    if any(day >= last for day in there):
        return
    for day, name in bank_holidays().items():
        if day not in there:
            yield {"day": day, "name": name, "division": Division.ENGLAND}


def _example_terms() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    terms, breaks = shipped.example_terms()
    source = shipped.example_source()
    return (
        [
            {
                "academic_year": term.academic_year,
                "term": term.name,
                "start": term.start,
                "end": term.end,
                "source": source,
            }
            for term in terms
        ],
        [{"name": rest.name, "start": rest.start, "end": rest.end, "source": source} for rest in breaks],
    )
