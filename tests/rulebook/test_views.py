"""The pages of the rulebook."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import UserFactory
from tests.factories.rulebook import RuleFactory, TermDateFactory
from virtualschool.accounts.models import User
from virtualschool.rulebook import actions, rules, shipped
from virtualschool.rulebook.enums import Use
from virtualschool.rulebook.models import Rule, SchoolClosure, TermDate

pytestmark = pytest.mark.django_db
KEY = "pep.approval"


def at(name: str, *args: Any) -> str:
    return reverse(f"rulebook:{name}", args=args)


def page(client: Client, user: User, address: str) -> str:
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_has_every_rule_with_what_binds_it_and_its_source(client: Client, ala: User) -> None:
    text = page(client, ala, at("list"))
    for key, definition in shipped.definitions().items():
        assert f"/rules/{key}/" in text, definition
    assert "Law or statutory guidance" in text
    assert "10 working days" in text
    assert "The amount for this financial year is not confirmed" in text
    assert "£1.15" in text
    assert text.count("<h1") == 1


def test_the_list_is_one_query_of_rules_however_many_versions(
    client: Client, ala: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(ala)
    client.get(at("list"))
    for year in range(2001, 2020):
        RuleFactory(key="made.up", effective_from=date(year, 1, 1), effective_to=date(year + 1, 1, 1))
    with django_assert_max_num_queries(10) as seen:
        client.get(at("list"))
    assert len([query for query in seen.captured_queries if 'FROM "rulebook_rule"' in query["sql"]]) == 1


@pytest.mark.parametrize("key", list(shipped.definitions()))
def test_each_rule_has_its_page(client: Client, vsh: User, key: str) -> None:
    text = page(client, vsh, at("detail", key))
    assert shipped.definition(key).changeable == (at("change", key) in text)
    assert (shipped.definition(key).use == Use.PLANNED) == ("Not used yet" in text)


def test_a_rule_that_nothing_asks_for_is_no_ones_to_change(client: Client, vsh: User) -> None:
    assert "Not used yet" in page(client, vsh, at("list"))
    response = client.post(at("change", "pep.forms_out"), posted())
    assert response.status_code == 403
    assert "nothing in the system asks for this rule" in response.content.decode()


def test_a_rules_page_shows_history_and_what_is_planned(client: Client, vsh: User, ala: User) -> None:
    planned = actions.change_rule(key=KEY, value=5, effective_from=date(2027, 1, 1), reason="Agreed in October", by=vsh)
    text = page(client, vsh, at("detail", KEY))
    for words in ("In force", "Planned", "31 December 2026", "5 working days", "Vera Head", "Agreed in October"):
        assert words in text
    assert at("withdraw", planned.uuid) in text
    reader = page(client, ala, at("detail", KEY))
    assert at("withdraw", planned.uuid) not in reader
    assert at("change", KEY) not in reader


def test_a_rule_that_does_not_exist_has_no_page(client: Client, vsh: User) -> None:
    client.force_login(vsh)
    statuses = [client.get(at(name, "no.such.rule")).status_code for name in ("detail", "change")]
    assert statuses == [404, 404]


def posted(value: str = "5", day: date = date(2027, 1, 1), reason: str = "Agreed in October") -> dict[str, str]:
    return {
        "value": value,
        "effective_from-day": str(day.day),
        "effective_from-month": str(day.month),
        "effective_from-year": str(day.year),
        "source": "",
        "reason": reason,
    }


def test_the_head_changes_a_rule(client: Client, vsh: User) -> None:
    client.force_login(vsh)
    response = client.post(at("change", KEY), posted(), follow=True)
    assert "The rule changes from 1 January 2027." in response.content.decode()
    assert [rules.value(KEY, on=on) for on in (date(2026, 12, 31), date(2027, 1, 1))] == [10, 5]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (posted(value="soon"), "Must be a whole number"),
        (posted(value=""), "Enter new value"),
        (posted(value="10"), "The rule says this already on that day"),
        (posted(day=date(2026, 11, 9)), "The first day must be 10 November 2026 or later"),
        (posted(reason=""), "Why does it change?"),
    ],
)
def test_a_wrong_answer_is_told_at_its_field(client: Client, vsh: User, answers: dict[str, str], message: str) -> None:
    client.force_login(vsh)
    response = client.post(at("change", KEY), answers)
    text = response.content.decode()
    assert response.status_code == 200
    assert message in text
    assert "There is a problem" in text
    assert rules.value(KEY, on=date(2027, 1, 1)) == 10


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("pep.chair", "coordinator", "coordinator"),
        ("pep.social_worker_part.by_school", "yes", True),
        ("pep.attendees.always", "teacher\r\ncarer", ["teacher", "carer"]),
        ("pep.attendees.by_year", "6: ala, iro\r\n11: ala", {"6": ["ala", "iro"], "11": ["ala"]}),
        ("pep.initial.deadline.by_legal_status", "L2: 5", {"L2": 5}),
        ("placement.signals.moves", "on: no\r\nat_least: 3\r\nmonths: 6", {"on": False, "at_least": 3, "months": 6}),
        ("pep.section_ready.by_owner", "", {}),
    ],
)
@pytest.mark.usefixtures("all_used")
def test_every_shape_of_value_can_be_typed(client: Client, vsh: User, key: str, value: str, expected: Any) -> None:
    client.force_login(vsh)
    assert client.get(at("change", key)).status_code == 200
    assert client.post(at("change", key), posted(value)).status_code == 302
    assert rules.value(key, on=date(2027, 1, 1)) == expected


def test_who_may_not_change_gets_the_reason(client: Client, vsh: User, ala: User) -> None:
    client.force_login(ala)
    refused = client.post(at("change", KEY), posted())
    assert (refused.status_code, rules.value(KEY, on=date(2027, 1, 1))) == (403, 10)
    assert "Only the Virtual School Head" in refused.content.decode()
    client.force_login(vsh)
    minimum = client.get(at("change", "review.first"))
    assert minimum.status_code == 403
    assert "regulation 33(1)" in minimum.content.decode()


def test_the_head_withdraws_a_planned_change(client: Client, vsh: User) -> None:
    planned = actions.change_rule(key=KEY, value=5, effective_from=date(2027, 1, 1), reason="Agreed", by=vsh)
    client.force_login(vsh)
    assert client.get(at("withdraw", planned.uuid)).status_code == 200
    assert "Why is it withdrawn?" in client.post(at("withdraw", planned.uuid), {"reason": ""}).content.decode()
    assert client.post(at("withdraw", planned.uuid), {"reason": "Not agreed"}).status_code == 302
    assert rules.value(KEY, on=date(2027, 1, 1)) == 10
    assert client.get(at("withdraw", planned.uuid)).status_code == 403
    assert "Withdrawn" in page(client, vsh, at("detail", KEY))


def test_calendars_show_terms_closures_and_bank_holidays(client: Client, vsh: User, ala: User) -> None:
    TermDateFactory()
    text = page(client, ala, at("calendars"))
    for words in (
        "Autumn 2026/27",
        "School 123456",
        "18 December 2026",
        "Half-term",
        "Good Friday",
        "replace with your council",
    ):
        assert words in text
    assert at("terms", 2026) not in text
    assert at("terms", 2026) in page(client, vsh, at("calendars"))


def test_a_bare_calendar_says_that_days_are_unknown(client: Client, ala: User) -> None:
    TermDate.objects.all().delete()
    SchoolClosure.objects.all().delete()
    assert "No term dates are loaded: school days are unknown" in page(client, ala, at("calendars"))


def term_answers(**given: str) -> dict[str, str]:
    answers = {"closures": "19/10/2026 to 23/10/2026 Half-term", "source": "Council, May 2026"}
    days = {
        "autumn_start": date(2026, 9, 2),
        "autumn_last": date(2026, 12, 17),
        "spring_start": date(2027, 1, 5),
        "spring_last": date(2027, 3, 24),
        "summer_start": date(2027, 4, 13),
        "summer_last": date(2027, 7, 20),
    }
    for name, day in days.items():
        answers |= {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
    return answers | given


def test_the_head_replaces_the_councils_terms(client: Client, vsh: User) -> None:
    client.force_login(vsh)
    form = client.get(at("terms", 2026)).content.decode()
    assert "26/10/2026 to 30/10/2026 Half-term" in form
    assert client.post(at("terms", 2026), term_answers()).status_code == 302
    row = TermDate.objects.get(school_urn="", academic_year=2026, term="autumn")
    assert (row.start, row.end, row.source) == (date(2026, 9, 2), date(2026, 12, 18), "Council, May 2026")
    closed = SchoolClosure.objects.get(start=date(2026, 10, 19))
    assert (closed.end, closed.name) == (date(2026, 10, 24), "Half-term")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"autumn_start-year": "2025"}, "The autumn term must start between 15 August 2026 and 30 September 2026"),
        ({"closures": "Half-term"}, "Write first day, last day and name"),
        ({"closures": "30/02/2027 to 31/02/2027 Half-term"}, "That is no day of the calendar"),
        ({"closures": "23/10/2026 to 19/10/2026 Half-term"}, "The last day must not come before the first"),
        ({"closures": "21/12/2026 to 21/12/2026 Staff training"}, "does not lie inside a term"),
        ({"source": ""}, "Enter where the dates come from"),
    ],
)
def test_wrong_term_dates_are_told_at_their_field(
    client: Client, vsh: User, given: dict[str, str], message: str
) -> None:
    client.force_login(vsh)
    response = client.post(at("terms", 2026), term_answers(**given))
    assert response.status_code == 200
    assert message in response.content.decode()
    assert TermDate.objects.get(school_urn="", academic_year=2026, term="autumn").start == date(2026, 9, 1)


def test_term_dates_are_the_heads_alone_and_of_near_years(client: Client, vsh: User, ala: User) -> None:
    client.force_login(ala)
    assert client.get(at("terms", 2026)).status_code == 403
    client.force_login(vsh)
    assert [client.get(at("terms", year)).status_code for year in (1900, 2020, 2031, 2032, 99999)] == [
        404,
        404,
        200,
        404,
        404,
    ]


@pytest.mark.parametrize("name", ["list", "calendars"])
def test_a_stranger_is_sent_to_sign_in(client: Client, name: str) -> None:
    assert client.get(at(name)).status_code == 302
    client.force_login(UserFactory(role="dpo"))
    assert client.get(at(name)).status_code == 200
    assert client.post(at(name)).status_code == 405
    assert Rule.objects.filter(author__isnull=False).count() == 0
