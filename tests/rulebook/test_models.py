"""What the database refuses, whoever asks, and what it loads into calendars."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import UserFactory
from tests.factories.rulebook import BankHolidayFactory, RuleFactory, SchoolClosureFactory, TermDateFactory
from virtualschool.audit.models import Change
from virtualschool.rulebook import calendars
from virtualschool.rulebook.models import Rule

pytestmark = pytest.mark.django_db

REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("rulebook_rule_one_value_a_day", lambda: RuleFactory(key="pep.per_term", effective_from=date(2026, 9, 1))),
    (
        "rulebook_rule_period_runs_forward",
        lambda: RuleFactory(effective_from=date(2026, 9, 1), effective_to=date(2026, 9, 1)),
    ),
    ("rulebook_rule_changed_by_somebody_for_a_reason", lambda: RuleFactory(author=UserFactory(), reason="")),
    ("rulebook_bankholiday_once_a_day", lambda: BankHolidayFactory(day=date(2026, 12, 25))),
    (
        "rulebook_termdate_one_of_each",
        lambda: TermDateFactory(school_urn="", start=date(2030, 1, 1), end=date(2030, 2, 1)),
    ),
    ("rulebook_termdate_no_overlap", lambda: TermDateFactory(school_urn="", academic_year=2031)),
    ("rulebook_termdate_period_runs_forward", lambda: TermDateFactory(end=date(2026, 9, 3))),
    ("rulebook_schoolclosure_period_runs_forward", lambda: SchoolClosureFactory(end=date(2026, 11, 20))),
    ("rulebook_schoolclosure_once", lambda: [SchoolClosureFactory(), SchoolClosureFactory()]),
]


@pytest.mark.parametrize(("constraint", "make"), REFUSED, ids=[name for name, _ in REFUSED])
def test_the_database_refuses_what_cannot_be(constraint: str, make: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_a_refusal_is_in_words_that_people_understand() -> None:
    row = Rule(key="pep.per_term", value=2, words="x", kind="law", source="x", effective_from=date(2026, 9, 1))
    with pytest.raises(ValidationError, match="This rule already has a value for part of that period."):
        row.full_clean()


def test_a_withdrawn_row_stands_in_nobodys_way() -> None:
    RuleFactory(key="pep.per_term", effective_from=date(2026, 9, 1), withdrawn_at=timezone.now())
    assert Rule.objects.filter(key="pep.per_term").count() == 2
    assert Rule.objects.standing().filter(key="pep.per_term").count() == 1


@pytest.mark.parametrize(
    "new",
    [
        {"value": 2},
        {"key": "x"},
        {"effective_from": date(2001, 1, 1)},
        {"kind": "target"},
        {"source": "x"},
        {"lasts_until": date(2030, 1, 1)},
    ],
)
def test_no_rule_is_rewritten_not_even_in_bulk(new: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="a rule is never rewritten: pep.per_term"), transaction.atomic():
        Rule.objects.filter(key="pep.per_term").update(**new)


def test_no_rule_is_deleted() -> None:
    with pytest.raises(DatabaseError, match="a rule is never deleted"), transaction.atomic():
        Rule.objects.filter(key="pep.per_term").delete()


def test_a_withdrawal_is_not_taken_back() -> None:
    row = RuleFactory(withdrawn_at=timezone.now())
    with pytest.raises(DatabaseError, match="a rule is never rewritten"), transaction.atomic():
        Rule.objects.filter(pk=row.pk).update(withdrawn_at=None)


def test_an_end_may_be_set_and_is_kept_in_the_history() -> None:
    row = RuleFactory(key="made.up")
    Rule.objects.filter(pk=row.pk).update(effective_to=date(2026, 12, 1))
    change = Change.objects.filter(table_name="rulebook_rule", row_id=str(row.pk), verb="U").get()
    assert change.new == {"effective_to": "2026-12-01"}


def test_each_row_says_what_it_is() -> None:
    rows = [
        RuleFactory(key="made.up"),
        BankHolidayFactory(),
        TermDateFactory(),
        SchoolClosureFactory(school_urn=""),
    ]
    assert [str(row) for row in rows] == [
        "made.up from 2000-01-01",
        "One-off bank holiday, 2026-11-18",
        "Autumn 2026, School 123456",
        "Staff training from 2026-11-20, The council",
    ]


def test_calendars_are_loaded_in_three_queries_whatever_is_asked_of_them(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    TermDateFactory()
    SchoolClosureFactory()
    BankHolidayFactory()
    with django_assert_num_queries(3):
        loaded = calendars.load()
        for school in ("", "123456", "999999"):
            loaded.school_days(school).add(date(2026, 11, 10), 30)
        loaded.working_days().add(date(2026, 11, 10), 30)
        loaded.term_of(date(2026, 11, 10))
    assert loaded.school_days("123456").why_not(date(2026, 11, 20)) == "Staff training"
    assert loaded.school_days("999999").why_not(date(2026, 11, 20)) == ""
    assert loaded.working_days().why_not(date(2026, 11, 18)) == "One-off bank holiday"
    assert loaded.school_days("123456").why_not(date(2026, 9, 2)) == "Summer holiday"
    assert loaded.school_days("123456") is loaded.school_days("123456")
