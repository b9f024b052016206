"""Special educational needs from a date: who records them, what follows what, and what does not fit together."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from children import timeline
from children.actions import needs
from children.actions.needs import NeedFacts
from children.models import SenRecord
from tests import personas
from tests.factories.children import ChildFactory, SenRecordFactory
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2026, 11, 10)  # the tests' day, for what is written down before they run
KEEPERS = {"vsh", "coordinator", "data"}
BEGAN = date(2026, 3, 5)
PLAN = NeedFacts(
    status="E",
    primary_need="SEMH",
    secondary_need="SLCN",
    plan_on=date(2026, 9, 1),
    annual_review_due=date(2027, 8, 31),
    maintained_by="301",
)


@pytest.fixture
def cast():
    return personas.cast()


@pytest.fixture
def supported(cast):
    """Amy has SEN support since 5 March."""
    return SenRecordFactory(child=cast.amy, status="K", primary_need="ASD", start=BEGAN)


def record(child, by, *, start=None, seen=None, facts=PLAN):
    seen = needs.seen_of(needs.present(child)) if seen is None else seen
    return needs.record_need(child=child, start=start or today(), facts=facts, seen=seen, by=by)


def rows(child) -> list[tuple]:
    return list(SenRecord.objects.filter(child=child).order_by("start", "pk").values_list("status", "start", "end"))


# ---------------------------------------------------------------- the action


def test_the_first_record(cast):
    row = record(cast.amy, cast.coordinator)
    assert needs.facts_of(SenRecord.objects.get()) == PLAN
    assert (row.start, row.end) == (today(), None)
    deed = AuditEvent.objects.get(verb="need.recorded")
    assert (deed.by, deed.child_id, deed.data) == (
        str(cast.coordinator.pk),
        str(cast.amy.pk),
        {"status": "E", "start": today().isoformat()},
    )


def test_the_next_begins_on_the_day_the_one_before_ends(cast, supported):
    record(cast.amy, cast.data, start=date(2026, 9, 1))
    assert rows(cast.amy) == [("K", BEGAN, date(2026, 9, 1)), ("E", date(2026, 9, 1), None)]
    record(cast.amy, cast.data, facts=NeedFacts(status="N"))
    assert rows(cast.amy)[1:] == [("E", date(2026, 9, 1), today()), ("N", today(), None)]


def test_the_same_day_puts_right_what_began_on_it(cast, supported):
    row = record(cast.amy, cast.data, start=BEGAN, facts=NeedFacts(status="A", primary_need="SLCN"))
    assert (row.pk, rows(cast.amy)) == (supported.pk, [("A", BEGAN, None)])
    assert SenRecord.objects.get().primary_need == "SLCN"


def test_what_is_so_already_is_recorded_once(cast):
    first = record(cast.amy, cast.data)
    again = record(cast.amy, cast.data, seen="of yesterday")
    assert (again.pk, AuditEvent.objects.filter(verb="need.recorded").count()) == (first.pk, 1)


def test_a_stale_page_changes_nothing(cast, supported):
    seen = needs.seen_of(supported)
    record(cast.amy, cast.coordinator, facts=NeedFacts(status="A"))
    before = rows(cast.amy)
    with pytest.raises(Conflict):
        record(cast.amy, cast.data, seen=seen)
    assert rows(cast.amy) == before


@pytest.mark.parametrize("role", sorted(set(ROLES) - KEEPERS))
def test_nobody_else_records_needs(cast, role):
    with pytest.raises(Refused):
        record(cast.amy, cast[role])
    assert rows(cast.amy) == []


def test_not_of_a_child_out_of_care(cast):
    with pytest.raises(Refused):
        record(ChildFactory(left_care=True), cast.data)


@pytest.mark.parametrize(
    ("start", "facts", "told"),
    [
        (TODAY + DAY, NeedFacts(status="K"), {"__all__": ["It must hold from today or before."]}),
        (date(2015, 1, 1), NeedFacts(status="K"), {"start": ["The child was born on 1 March 2017."]}),
        (
            BEGAN - DAY,
            NeedFacts(status="A"),
            {"start": ["What is recorded now began on 5 March 2026. Give that day or a later one."]},
        ),
        (
            TODAY,
            NeedFacts(status="K", primary_need="ASD"),
            {"__all__": ["This is what is recorded since 5 March 2026. Nothing would change."]},
        ),
        (
            TODAY,
            NeedFacts(status="N", primary_need="ASD"),
            {"primary_need": ["Without a special educational need there is no need to name."]},
        ),
        (
            TODAY,
            NeedFacts(status="K", secondary_need="ASD"),
            {"primary_need": ["Select the primary need, or leave the secondary need empty."]},
        ),
        (
            TODAY,
            NeedFacts(status="K", primary_need="ASD", secondary_need="ASD"),
            {"secondary_need": ["This is the primary need already."]},
        ),
        (
            TODAY,
            NeedFacts(status="K", maintained_by="301"),
            {"status": ["Only an education, health and care plan has dates and a council."]},
        ),
        (
            TODAY - DAY,
            NeedFacts(status="E", plan_on=TODAY),
            {"plan_on": ["The plan is dated on or before the day from which it is recorded."]},
        ),
        (
            TODAY,
            NeedFacts(status="E", plan_on=date(2011, 1, 1)),
            {"plan_on": ["The plan is dated on or before the day from which it is recorded."]},
        ),
        (
            TODAY,
            NeedFacts(status="E", plan_on=TODAY, annual_review_due=TODAY),
            {"annual_review_due": ["The review is due after the date of the plan."]},
        ),
        (
            TODAY,
            NeedFacts(status="E", annual_review_due=date(1, 1, 1)),
            {"annual_review_due": ["The review is due after the child was born."]},
        ),
    ],
)
def test_what_does_not_fit_is_refused(cast, supported, start, facts, told):
    with pytest.raises(ValidationError) as refused:
        record(cast.amy, cast.data, start=start, facts=facts)
    found = refused.value.message_dict if hasattr(refused.value, "error_dict") else {"__all__": refused.value.messages}
    assert (found, rows(cast.amy)) == (told, [("K", BEGAN, None)])


def test_a_plan_may_be_recorded_with_what_is_known_of_it(cast):
    record(cast.amy, cast.data, facts=NeedFacts(status="E", annual_review_due=today() - 30 * DAY))
    assert SenRecord.objects.get().annual_review_due == today() - 30 * DAY


def test_the_timeline_tells_it(cast, supported):
    record(cast.amy, cast.data)
    told = [(one.on, one.title) for one in timeline.moments(cast.amy, user=cast.teacher) if "needs" in one.title]
    assert told == [
        (today(), "Special educational needs: education, health and care plan"),
        (BEGAN, "Special educational needs: SEN support"),
    ]


# ---------------------------------------------------------------- the page


@pytest.fixture
def keeper(client, cast):
    client.force_login(cast.data)
    return cast.data


def here(child) -> str:
    return reverse("children:need", args=[child.uuid])


def days(name, on) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def form_of(child, **changed) -> dict[str, str]:
    """A plan, recorded today beside what is recorded now."""
    sent = {"status": "E", "primary_need": "SEMH", "secondary_need": "SLCN", "maintained_by": "301"}
    sent |= days("start", today()) | days("plan_on", PLAN.plan_on) | days("annual_review_due", PLAN.annual_review_due)
    return sent | {"seen": needs.seen_of(needs.present(child))} | changed


def errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_may_send_it(client, cast, role):
    client.force_login(cast[role])
    assert client.post(here(cast.amy), form_of(cast.amy)).status_code == (
        302 if role in KEEPERS else 404 if role == "dpo" else 403
    )
    assert rows(cast.amy) == ([("E", today(), None)] if role in KEEPERS else [])


@pytest.mark.parametrize("role", personas.DATED)
def test_a_child_of_others_does_not_exist(client, cast, role):
    client.force_login(cast.outsiders[role])
    assert client.post(here(cast.amy), form_of(cast.amy)).status_code == 404


def test_a_plan_is_recorded_and_stands_on_the_childs_page(client, cast, keeper, supported):
    answer = client.post(here(cast.amy), form_of(cast.amy), follow=True)
    shown = " ".join(answer.content.decode().split())
    assert "The special educational needs are recorded." in shown
    assert "education, health and care plan" in shown
    assert needs.facts_of(needs.present(cast.amy)) == PLAN


def test_the_form_begins_with_what_is_recorded_now(client, cast, keeper):
    record(cast.amy, cast.coordinator)
    answer = client.get(here(cast.amy))
    form = answer.context["form"]
    assert {name: form[name].value() for name in needs.NAMES} == {name: getattr(PLAN, name) for name in needs.NAMES}
    told = {row["key"]: row["value"] for row in answer.context["rows"]}
    assert told == {
        "Recorded since": "10 November 2026",
        "Status": "Education, health and care plan",
        "Primary need": "Social, Emotional and Mental Health (SEMH)",
        "Secondary need": "Speech, Language and Communication Needs (SLCN)",
        "Date of the plan": "1 September 2026",
        "Annual review due": "31 August 2027",
        "Council that maintains the plan": "Barking and Dagenham",
    }


@pytest.mark.parametrize(("status", "primary"), [("K", "SEMH"), ("N", "")])
def test_answers_of_another_status_are_no_answers(client, cast, keeper, status, primary):
    """A plan that ceases leaves its dates in boxes that nobody sees."""
    record(cast.amy, cast.coordinator, start=date(2026, 9, 1))
    sent = form_of(cast.amy, status=status) | {"plan_on-day": "x"}
    assert client.post(here(cast.amy), sent).status_code == 302
    kept = needs.facts_of(needs.present(cast.amy))
    assert (kept.status, kept.primary_need, kept.plan_on, kept.annual_review_due, kept.maintained_by) == (
        status,
        primary,
        None,
        None,
        "",
    )


def test_a_stale_page_shows_both_and_records_nothing(client, cast, keeper, supported):
    typed = form_of(cast.amy)
    record(cast.amy, cast.coordinator, facts=NeedFacts(status="A"))
    answer = client.post(here(cast.amy), typed)
    form = answer.context["form"]
    assert (answer.status_code, form["status"].value(), form["plan_on"].value()) == (409, "E", PLAN.plan_on)
    assert answer.context["rows"][1]["value"] == "EHC needs assessment asked for"
    assert rows(cast.amy)[-1] == ("A", today(), None)
    assert client.post(here(cast.amy), typed | {"seen": form["seen"].value()}).status_code == 302
    assert rows(cast.amy)[-1] == ("E", today(), None)


def test_a_double_click_is_one_record(client, cast, keeper, supported):
    sent = form_of(cast.amy)
    assert [client.post(here(cast.amy), sent).status_code for _ in range(2)] == [302, 302]
    assert len(rows(cast.amy)) == 2


def test_what_the_database_refuses_is_said_on_the_page(client, cast, keeper):
    SenRecordFactory(child=cast.amy, start=BEGAN, end=date(2026, 7, 1))
    sent = form_of(cast.amy, status="K") | days("start", date(2026, 5, 1))
    assert errors(client.post(here(cast.amy), sent)) == {"__all__": ["There is already a record of need in that time."]}
    assert len(rows(cast.amy)) == 1


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"status": ""}, {"status": ["Select an answer to “What is the child’s status?”"]}),
        ({"status": "X"}, {"status": ["Select a valid choice. X is not one of the available choices."]}),
        (
            {"primary_need": "GONE"},
            {"primary_need": ["Select a valid choice. GONE is not one of the available choices."]},
        ),
        (
            {"maintained_by": "000"},
            {"maintained_by": ["Select a valid choice. 000 is not one of the available choices."]},
        ),
        (days("start", TODAY + DAY), {"start": ["Date must be today or in the past"]}),
        ({"start-year": "26"}, {"start": ["Year must include 4 numbers"]}),
        ({"plan_on-month": "13"}, {"plan_on": ["Date of the plan must be a real date"]}),
        ({"secondary_need": "SEMH"}, {"secondary_need": ["This is the primary need already."]}),
        (
            days("annual_review_due", date(2026, 9, 1)),
            {"annual_review_due": ["The review is due after the date of the plan."]},
        ),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(client, cast, keeper, changed, found):
    assert errors(client.post(here(cast.amy), form_of(cast.amy) | changed)) == found
    assert rows(cast.amy) == []


def test_a_code_or_council_that_is_in_no_list_is_not_lost(client, cast, keeper):
    SenRecordFactory(child=cast.amy, with_plan=True, primary_need="OLD", maintained_by="998", start=BEGAN)
    sent = form_of(cast.amy, primary_need="OLD", maintained_by="998")
    assert client.post(here(cast.amy), sent).status_code == 302
    kept = needs.present(cast.amy)
    assert (kept.start, kept.primary_need, kept.maintained_by) == (today(), "OLD", "998")


@pytest.mark.parametrize("before", [1, 12])
def test_the_page_asks_as_often_whatever_was_recorded(client, cast, keeper, django_assert_num_queries, before):
    for number in range(before):
        start = BEGAN + number * DAY
        SenRecordFactory(child=cast.amy, start=start, end=start + DAY if number < before - 1 else None)
    client.get(here(cast.amy))
    with django_assert_num_queries(12):
        client.get(here(cast.amy))


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"dpo"}))
def test_the_childs_page_leads_there_for_those_who_may(client, cast, role):
    client.force_login(cast[role])
    shown = client.get(cast.amy.get_absolute_url()).content.decode()
    assert (here(cast.amy) in shown) == (role in KEEPERS)
