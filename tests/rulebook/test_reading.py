"""Reading the rulebook once for a long piece of work."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories.rulebook import RuleFactory
from virtualschool.rulebook import calendars, reading, rules

TODAY = date(2026, 11, 10)
pytestmark = pytest.mark.django_db


def _asked() -> list[object]:
    """The same questions in every way there is to ask them."""
    return [
        rules.get("pep.initial.deadline", on=TODAY),
        rules.find("no.such.rule", on=TODAY),
        rules.value("pep.term_cutoff", on=date(2024, 1, 8)),
        rules.variant("pep.initial.deadline", by="legal_status", code="L2", on=TODAY),
        rules.pack(TODAY, "pep.").get("pep.quorum"),
        rules.load("pep.").value("pep.per_term", on=TODAY),
        rules.load().value("pp.years", on=TODAY),
        calendars.load().term_of(TODAY),
    ]


def test_inside_the_answers_are_the_same_and_the_tables_are_read_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(10):
        outside = _asked()
    with reading.once(), django_assert_num_queries(4):
        assert [_asked(), _asked()] == [outside, outside]


def test_a_change_is_seen_after_the_work_and_not_within() -> None:
    with reading.once():
        assert rules.find("made.up", on=TODAY) is None
        RuleFactory(key="made.up", value=2)
        with reading.once():
            assert rules.find("made.up", on=TODAY) is None
    assert rules.value("made.up", on=TODAY) == 2


def _fail() -> None:
    with reading.once():
        rules.load()
        raise ZeroDivisionError


def test_what_was_read_is_forgotten_when_the_work_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        _fail()
    assert not reading.reading_once()
