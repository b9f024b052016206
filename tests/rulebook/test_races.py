"""Two heads at once, in transactions of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from tests.factories.accounts import UserFactory
from virtualschool.accounts.models import User
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.verdicts import Conflict
from virtualschool.rulebook import actions, calendars, rules
from virtualschool.rulebook.models import Rule

KEY = "pep.approval"
pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls: Callable[[], object]) -> list[str]:
    """Run all at once; the outcome of each, sorted."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        try:
            start.wait()
            call()
        except (Conflict, actions.BadChange):
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def change(by: User, value: int, on: date) -> Callable[[], object]:
    return lambda: actions.change_rule(key=KEY, value=value, effective_from=on, reason="Agreed", by=by)


@pytest.mark.parametrize("other", [date(2027, 1, 1), date(2026, 12, 1)])
def test_of_two_changes_at_once_one_stands_and_every_day_has_one_value(other: date) -> None:
    heads = [UserFactory(role="vsh"), UserFactory(role="vsh")]
    outcome = together(change(heads[0], 5, date(2027, 1, 1)), change(heads[1], 6, other))
    made = Rule.objects.filter(key=KEY, author__isnull=False).count()
    assert AuditEvent.objects.filter(verb="rule.changed").count() == made
    assert outcome.count("done") == made
    assert made == 1 or (made, other) == (2, date(2026, 12, 1))
    book = rules.load(KEY)
    for on in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 6, 1)):
        assert len([rule for rule in book.versions[KEY] if rule.holds(on)]) == 1


def test_an_emptied_database_has_the_shipped_rules_again() -> None:
    """The test before this one emptied every table when it ended."""
    assert rules.value("pep.initial.deadline", on=date(2026, 11, 10)) == 10
    assert calendars.load().school_days().counts(date(2026, 11, 10)) is True
