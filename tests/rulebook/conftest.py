"""Calendars made by hand, for what needs no database; and two people."""

from collections.abc import Callable

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.rulebook import make_rule
from virtualschool.accounts.models import User
from virtualschool.rulebook import seeding, shipped
from virtualschool.rulebook.calendars import Calendars, Span
from virtualschool.rulebook.enums import TermName
from virtualschool.rulebook.rules import InForce


def shipped_calendars() -> Calendars:
    """What `calendars.load()` gives on a new database, without one."""
    terms, breaks = shipped.example_terms()
    return Calendars(
        seeding.bank_holidays(),
        {"": [Span(t.start, t.end, TermName(t.name).label, (t.academic_year, t.name)) for t in terms]},
        {"": [Span(b.start, b.end, b.name) for b in breaks]},
    )


@pytest.fixture(scope="session")
def cals() -> Calendars:
    return shipped_calendars()


@pytest.fixture
def rule() -> Callable[..., InForce]:
    return make_rule


@pytest.fixture
def vsh(db: None) -> User:
    return UserFactory(role="vsh", name="Vera Head")


@pytest.fixture
def ala(db: None) -> User:
    return UserFactory(role="ala", name="Alan Advocate")
