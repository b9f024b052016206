"""Calendars made by hand, for what needs no database; and two people."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.rulebook import make_rule
from virtualschool.accounts.models import User
from virtualschool.rulebook import actions, seeding, shipped
from virtualschool.rulebook.calendars import Calendars, Span
from virtualschool.rulebook.enums import TermName, Use
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


@pytest.fixture
def all_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule is asked for: for what is true of a shape of rule whether anything asks for it yet or not."""
    known = {key: replace(one, use=Use.READ) for key, one in shipped.definitions().items()}
    monkeypatch.setattr(shipped, "definitions", lambda: known)
    monkeypatch.setattr(actions, "definitions", lambda: known)
