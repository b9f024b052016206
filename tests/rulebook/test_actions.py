"""Changing a rule, withdrawing a change, loading a year's terms."""

from datetime import date
from typing import Any

import pytest

from virtualschool.accounts.models import User
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.rulebook import actions, calendars, rules
from virtualschool.rulebook.enums import Kind
from virtualschool.rulebook.models import Rule, SchoolClosure, TermDate

TODAY = date(2026, 11, 10)
LATER = date(2027, 1, 1)
KEY = "pep.approval"
pytestmark = pytest.mark.django_db


def change(by: User, **given: Any) -> Rule:
    facts = {"key": KEY, "value": 5, "effective_from": LATER, "reason": "Agreed with schools"}
    return actions.change_rule(by=by, **(facts | given))


def values(key: str, *days: date) -> list[Any]:
    book = rules.load(key)
    return [None if (found := book.find(key, on=on)) is None else found.value for on in days]


def test_a_change_ends_the_old_value_and_starts_the_new(vsh: User) -> None:
    new = change(vsh, source=" Schools forum, 5 November 2026 ")
    assert values(KEY, TODAY, date(2026, 12, 31), LATER, date(2030, 1, 1)) == [10, 10, 5, 5]
    assert (new.author, new.reason, new.source) == (vsh, "Agreed with schools", "Schools forum, 5 November 2026")
    assert (new.words, new.unit) == ("The Virtual School answers a PEP that was sent in", "working_days")
    assert Rule.objects.filter(key=KEY).count() == 2


def test_a_change_is_written_down_with_what_was_before(vsh: User) -> None:
    new = change(vsh)
    event = AuditEvent.objects.get(verb="rule.changed")
    assert (event.by, event.subject_id, event.why) == (str(vsh.pk), str(new.pk), "Agreed with schools")
    assert event.data == {"key": KEY, "from": "2027-01-01", "value": 5, "before": 10}


def test_what_was_decided_under_the_old_row_stays_under_it(vsh: User) -> None:
    old = rules.get(KEY, on=TODAY)
    change(vsh, effective_from=TODAY)
    kept = Rule.objects.get(pk=old.pk)
    assert (kept.value, kept.effective_to) == (10, TODAY)


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("pep.initial.deadline", 12, Kind.LAW, Kind.POLICY),
        ("pep.approval", 5, Kind.TARGET, Kind.TARGET),
        ("pep.chair", "coordinator", Kind.POLICY, Kind.POLICY),
    ],
)
def test_what_a_council_sets_is_no_law(vsh: User, key: str, value: Any, before: Kind, after: Kind) -> None:
    assert rules.get(key, on=TODAY).kind == before
    assert change(vsh, key=key, value=value).kind == after


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"value": "5"}, "value", "Must be a whole number"),
        ({"value": 0}, "value", "Must be 1 or more"),
        ({"value": 10}, "value", "The rule says this already on that day"),
        ({"reason": "  "}, "reason", "Say why the rule changes"),
        ({"effective_from": date(2026, 11, 9)}, "effective_from", "The first day must be 10 November 2026 or later"),
    ],
)
def test_a_change_that_cannot_be_made_says_which_answer_is_wrong(
    vsh: User, given: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(actions.BadChange) as wrong:
        change(vsh, **given)
    assert (wrong.value.field, str(wrong.value)) == (field, message)
    assert values(KEY, LATER) == [10]
    assert AuditEvent.objects.count() == 0


def test_two_values_do_not_start_on_one_day(vsh: User) -> None:
    change(vsh)
    with pytest.raises(actions.BadChange, match="A value starts on that day already"):
        change(vsh, value=6)


def test_only_the_head_changes_and_nobody_changes_a_minimum(vsh: User, ala: User) -> None:
    with pytest.raises(Refused, match="Only the Virtual School Head"):
        change(ala)
    with pytest.raises(Refused, match="No council can change it"):
        change(vsh, key="review.first", value=30)
    with pytest.raises(rules.UnknownRule, match=r"There is no rule of that name"):
        change(vsh, key="no.such.rule")
    assert AuditEvent.objects.count() == 0


def test_a_change_before_a_planned_change_ends_where_that_begins(vsh: User) -> None:
    change(vsh)
    change(vsh, value=7, effective_from=date(2026, 12, 1))
    assert values(KEY, TODAY, date(2026, 12, 1), date(2026, 12, 31), LATER) == [10, 7, 7, 5]


def test_withdrawing_a_change_lets_the_value_before_it_go_on(vsh: User) -> None:
    planned = change(vsh)
    change(vsh, value=7, effective_from=date(2026, 12, 1))
    actions.withdraw_change(rule=planned, reason="Not agreed after all", by=vsh)
    assert values(KEY, TODAY, date(2026, 12, 1), LATER, date(2030, 1, 1)) == [10, 7, 7, 7]
    event = AuditEvent.objects.get(verb="rule.withdrawn")
    assert (event.why, event.data["value"], event.data["before"]) == ("Not agreed after all", 5, 7)


def test_withdrawing_the_change_between_joins_what_lies_around_it(vsh: User) -> None:
    change(vsh)
    between = change(vsh, value=7, effective_from=date(2026, 12, 1))
    actions.withdraw_change(rule=between, reason="Not agreed after all", by=vsh)
    assert values(KEY, date(2026, 12, 1), date(2026, 12, 31), LATER) == [10, 10, 5]


def test_a_withdrawal_needs_a_reason_and_the_right(vsh: User, ala: User) -> None:
    planned = change(vsh)
    with pytest.raises(actions.BadChange, match="Say why the change is withdrawn"):
        actions.withdraw_change(rule=planned, reason=" ", by=vsh)
    with pytest.raises(Refused):
        actions.withdraw_change(rule=planned, reason="Mine", by=ala)
    actions.withdraw_change(rule=planned, reason="Not agreed", by=vsh)
    with pytest.raises(Refused, match="withdrawn already"):
        actions.withdraw_change(rule=planned, reason="Not agreed", by=vsh)


def test_a_withdrawn_change_can_be_made_again(vsh: User) -> None:
    actions.withdraw_change(rule=change(vsh), reason="Not agreed", by=vsh)
    change(vsh, value=6)
    assert values(KEY, TODAY, LATER) == [10, 6]


@pytest.mark.usefixtures("all_used")
def test_a_year_nobody_confirmed_is_filled_from_its_start_and_ends_with_the_year(vsh: User) -> None:
    key = "pp.grant.cla"
    new = change(vsh, key=key, value=267500, effective_from=date(2026, 4, 1), source="Published rates 2026 to 2027")
    assert (new.kind, new.effective_to, new.lasts_until) == (Kind.LAW, date(2027, 4, 1), date(2027, 4, 1))
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2027, 3, 31), date(2027, 4, 1)]
    assert values(key, *days) == [263000, 267500, 267500, None]
    with pytest.raises(actions.BadChange, match="must be 10 November 2026 or later"):
        change(vsh, key=key, value=270000, effective_from=date(2026, 9, 1))


@pytest.mark.usefixtures("all_used")
def test_a_year_that_has_its_rate_is_not_reached_back_into(vsh: User) -> None:
    with pytest.raises(actions.BadChange, match="The first day must be 1 April 2026 or later"):
        change(vsh, key="pp.grant.cla", value=267500, effective_from=date(2026, 3, 31))


@pytest.mark.usefixtures("all_used")
def test_withdrawing_a_years_rate_does_not_lengthen_the_year_before(vsh: User) -> None:
    key = "pp.grant.cla"
    change(vsh, key=key, value=267500, effective_from=date(2026, 4, 1))
    planned = change(vsh, key=key, value=270000, effective_from=date(2027, 4, 1))
    actions.withdraw_change(rule=planned, reason="Wrong figure", by=vsh)
    assert values(key, date(2027, 3, 31), date(2027, 4, 1)) == [267500, None]


@pytest.mark.usefixtures("all_used")
def test_a_rate_changed_within_its_year_still_ends_with_it(vsh: User) -> None:
    key = "pp.grant.early_years_hour"
    change(vsh, key=key, value=192, effective_from=date(2026, 12, 1))
    assert values(key, TODAY, date(2026, 12, 1), date(2027, 3, 31), date(2027, 4, 1)) == [115, 192, 192, None]


def test_a_change_that_another_has_overtaken_is_a_conflict(vsh: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows as read are stale: the constraint is what stops two values for one day."""
    change(vsh)
    stale = Rule.objects.none()
    monkeypatch.setattr(Rule.objects, "select_for_update", lambda **kwargs: stale)
    with pytest.raises(Conflict, match="Somebody else has just changed this rule"):
        change(vsh, value=6, effective_from=LATER)
    assert values(KEY, LATER) == [5]


TERMS = {
    "autumn": (date(2026, 9, 2), date(2026, 12, 18)),
    "spring": (date(2027, 1, 5), date(2027, 3, 25)),
    "summer": (date(2027, 4, 13), date(2027, 7, 21)),
}
HALF_TERM = (date(2026, 10, 19), date(2026, 10, 24), "Half-term")


def set_terms(by: User, **given: Any) -> None:
    facts = {"academic_year": 2026, "terms": TERMS, "closures": [HALF_TERM], "source": "Council, May 2026"}
    actions.set_terms(by=by, **(facts | given))


def test_the_councils_year_is_replaced_and_other_years_stay(vsh: User) -> None:
    set_terms(vsh)
    school = calendars.load().school_days()
    reasons = [
        school.why_not(day) for day in (date(2026, 9, 1), date(2026, 10, 20), date(2026, 10, 27), date(2025, 10, 28))
    ]
    assert reasons == ["Summer holiday", "Half-term", "", "Half-term"]
    assert [TermDate.objects.count(), SchoolClosure.objects.count()] == [18, 16]
    event = AuditEvent.objects.get(verb="terms.set")
    assert (event.data["academic_year"], event.data["terms"]["autumn"]) == (2026, ["2026-09-02", "2026-12-18"])


def test_a_school_has_its_own_year_beside_the_councils(vsh: User) -> None:
    set_terms(vsh, school_urn="123456")
    loaded = calendars.load()
    assert [loaded.school_days(urn).why_not(date(2026, 10, 27)) for urn in ("123456", "")] == ["", "Half-term"]
    assert TermDate.objects.filter(school_urn="").count() == 18


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"source": " "}, "source"),
        ({"terms": {name: TERMS[name] for name in ("autumn", "spring")}}, "summer"),
        ({"terms": TERMS | {"autumn": (date(2027, 9, 2), date(2027, 12, 18))}}, "autumn"),
        ({"terms": TERMS | {"autumn": (date(2026, 9, 2), date(2027, 1, 10))}}, "spring"),
        ({"terms": TERMS | {"summer": (date(2027, 4, 13), date(2027, 4, 13))}}, "summer"),
        ({"terms": TERMS | {"summer": (date(2027, 4, 13), date(2027, 9, 2))}}, "summer"),
        ({"closures": [(date(2026, 12, 21), date(2026, 12, 22), "Staff training")]}, "closures"),
        ({"closures": [(date(2026, 11, 2), date(2026, 11, 2), "Nothing")]}, "closures"),
    ],
)
def test_term_dates_that_cannot_be_say_which_answer_is_wrong(vsh: User, given: dict[str, Any], field: str) -> None:
    with pytest.raises(actions.BadChange) as wrong:
        set_terms(vsh, **given)
    assert wrong.value.field == field
    assert TermDate.objects.get(school_urn="", academic_year=2026, term="autumn").start == date(2026, 9, 1)


def test_dates_that_run_into_another_years_are_a_conflict_and_change_nothing(vsh: User) -> None:
    TermDate.objects.filter(academic_year=2027, term="autumn").update(start=date(2027, 8, 20))
    with pytest.raises(Conflict, match="run into dates that are loaded already"):
        set_terms(vsh, terms=TERMS | {"summer": (date(2027, 4, 13), date(2027, 8, 25))})
    assert TermDate.objects.get(academic_year=2026, term="autumn").start == date(2026, 9, 1)
    assert [TermDate.objects.count(), SchoolClosure.objects.count(), AuditEvent.objects.count()] == [18, 18, 0]


def test_only_the_head_loads_term_dates(ala: User) -> None:
    with pytest.raises(Refused):
        set_terms(ala)
