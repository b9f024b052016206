"""Asking for a rule: by date, all at once, and for one case."""

from datetime import date

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.factories.rulebook import RuleFactory, set_rule
from virtualschool.rulebook import rules
from virtualschool.rulebook.enums import Kind, Unit
from virtualschool.rulebook.models import Rule

TODAY = date(2026, 11, 10)
pytestmark = pytest.mark.django_db


def test_the_value_is_that_of_the_day_asked_for() -> None:
    RuleFactory(key="made.up", value=1, effective_to=date(2026, 9, 1))
    RuleFactory(key="made.up", value=2, effective_from=date(2026, 9, 1))
    days = [date(2026, 8, 31), date(2026, 9, 1), TODAY]
    assert [rules.value("made.up", on=on) for on in days] == [1, 2, 2]
    book = rules.load("made.")
    assert [book.value("made.up", on=on) for on in days] == [1, 2, 2]
    assert [rules.pack(on).value("made.up") for on in days] == [1, 2, 2]


def test_a_rule_is_a_value_that_carries_its_row_and_its_labels() -> None:
    row = RuleFactory(key="made.up", value=3, kind=Kind.LAW, confidence="Not verified")
    found = rules.get("made.up", on=TODAY)
    assert found == rules.in_force(row)
    assert (found.pk, found.unit, found.kind_label) == (row.pk, Unit.WORKING_DAYS, "Law or statutory guidance")


@pytest.mark.parametrize("key", ["no.such.rule", "pp.grant.plac"])
def test_an_unknown_rule_says_its_key_and_the_day(key: str) -> None:
    with pytest.raises(rules.UnknownRule) as unknown:
        rules.get(key, on=TODAY)
    assert (unknown.value.key, unknown.value.on) == (key, TODAY)
    assert str(unknown.value).startswith(f"No rule {key} is in force on 10 November 2026.")
    assert rules.find(key, on=TODAY) is None
    assert rules.pack(TODAY).find(key) is None
    with pytest.raises(rules.UnknownRule):
        rules.pack(TODAY).get(key)


def test_a_withdrawn_change_is_never_found_but_can_be_read_by_its_row() -> None:
    row = RuleFactory(key="made.up", withdrawn_at=timezone.now())
    assert rules.find("made.up", on=TODAY) is None
    assert rules.load("made.").find("made.up", on=TODAY) is None
    assert rules.in_force(Rule.objects.get(pk=row.pk)).key == "made.up"


def test_one_question_one_pack_and_one_book_are_one_query_each(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(3):
        rules.get("pep.per_term", on=TODAY)
        pack = rules.pack(TODAY)
        book = rules.load()
    with django_assert_num_queries(0):
        assert [pack.value("pep.per_term"), book.value("pep.per_term", on=TODAY)] == [1, 1]
        assert pack.variant("pep.section_ready", by="owner", code="teacher") is not None
    with django_assert_num_queries(1):
        rules.variant("pep.section_ready", by="owner", code="teacher", on=TODAY)


def test_a_case_has_its_own_value_where_the_council_set_one() -> None:
    def days(owner: str) -> int | None:
        found = rules.variant("pep.section_ready", by="owner", code=owner, on=TODAY)
        return None if found is None else found.value

    set_rule("pep.section_ready.by_owner", {"socialworker": 7, "teacher": 3, "child": -1})
    assert [days("socialworker"), days("teacher"), days("carer"), days("child")] == [7, 3, 10, None]


def test_a_case_names_the_row_that_its_value_came_from() -> None:
    special = set_rule("pep.initial.deadline.by_legal_status", {"L2": 5})
    found = rules.variant("pep.initial.deadline", by="legal_status", code="L2", on=TODAY)
    plain = rules.variant("pep.initial.deadline", by="legal_status", code="C2", on=TODAY)
    assert found is not None
    assert (found.pk, found.value, found.unit) == (special.pk, 5, Unit.WORKING_DAYS)
    assert plain == rules.get("pep.initial.deadline", on=TODAY)


def test_a_rule_without_a_map_has_no_special_cases() -> None:
    assert rules.variant("pep.approval", by="grade", code="red", on=TODAY) == rules.get("pep.approval", on=TODAY)
