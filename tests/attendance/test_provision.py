"""Alternative provision: recorded with its provider, checked by the rule, reviewed, over; and what the night finds."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from attendance import circumstances, consumers, pepfacts, timeline
from attendance.actions import provision as actions
from attendance.actions.provision import ProvisionFacts
from attendance.enums import CheckKind
from attendance.models import AlternativeProvision
from attendance.provision import standings as provisionchecks
from children.checks.registry import CHECKS
from children.enums import ClockState
from children.models import Child
from peps.actions.circumstances import tells
from peps.layouts import Circumstance, as_kept
from peps.models import PepSection
from peps.record import STARTS, Record
from tests import personas
from tests.factories.attendance import AlternativeProvisionFactory, ProvisionCheckFactory
from tests.factories.peps import PepFactory
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
ASKED = {"safeguarding": 52, "dbs": 0, "visit": 6}
KEEPERS = {"vsh", "ala", "coordinator", "support", "teacher"}


@pytest.fixture
def people():
    return personas.cast()


def recorded(people, by="teacher", key=None, **changes):
    given = {
        "hours": Decimal("10"),
        "pattern": "1010000000",
        "start": today() - DAY,
        "commissioner": "school",
        "why": "He learns by doing",
        "studies": "Bricklaying level 1",
        "review_on": today() + WEEK,
        "provider_name": "The Workshop",
    }
    place = people.amy.enrolments.get()
    facts = ProvisionFacts(**given | changes)
    return actions.record_provision(child=people.amy, enrolment=place, facts=facts, by=people[by], key=key or uuid4())


def found(name, on=None):
    check = CHECKS[f"attendance.provision.{name}"]
    return [one.natural_key for one in check.find(on=on or today(), children=Child.objects.all())]


def parts(name, on):
    return {f"{name}-{part}": getattr(on, part) for part in ("day", "month", "year")}


@pytest.mark.parametrize(
    ("last", "on", "due", "overdue"),
    [
        ({}, date(2026, 9, 1), date(2026, 9, 2), set()),  # the day before it begins
        ({}, date(2026, 9, 2), date(2026, 9, 2), {"safeguarding", "dbs", "visit"}),
        ({"safeguarding": date(2026, 9, 1), "dbs": date(2020, 1, 1)}, date(2026, 9, 2), date(2026, 9, 2), {"visit"}),
        ({"safeguarding": date(2026, 9, 1), "dbs": date(2020, 1, 1), "visit": date(2026, 9, 1)}, date(2026, 10, 13),
         date(2026, 10, 13), set()),
        ({"safeguarding": date(2026, 9, 1), "dbs": date(2020, 1, 1), "visit": date(2026, 9, 1)}, date(2026, 10, 14),
         date(2026, 10, 13), {"visit"}),
    ],
)  # fmt: skip
def test_a_check_is_due_before_the_start_and_again_by_the_rule(last, on, due, overdue):
    dates = {f"last_{kind}": last.get(kind) for kind in CheckKind.values}
    one = SimpleNamespace(registered=False, running=True, start=date(2026, 9, 2), **dates)
    told = {standing.kind: standing for standing in provisionchecks.standings(one, ASKED, on)}
    assert (told["visit"].due, {kind.value for kind, standing in told.items() if standing.overdue}) == (due, overdue)
    one.registered = True
    assert provisionchecks.standings(one, ASKED, on) == []


def test_it_is_recorded_once_with_its_clock_and_its_part_of_the_plan(people):
    pep = PepFactory(child=people.amy, period=people.amy.periods_of_care.get(), school=people.school, phase="P")
    key = uuid4()
    one = recorded(people, key=key)
    assert recorded(people, key=key) == one
    with pytest.raises(Conflict):
        recorded(people, key=AlternativeProvisionFactory().uuid)
    assert (one.provider, one.registered, one.clock.due_on) == ("The Workshop", False, one.start + 6 * WEEK)
    assert PepSection.objects.filter(pep=pep, key="alternative_provision").count() == 1
    assert list(circumstances.in_alternative_provision([people.amy.pk], today())) == [people.amy.pk]
    assert pepfacts.alternative_provision(Record(pep))[0].startswith(
        "The Workshop, not registered as a school, 10 hours"
    )
    row = {
        "provider": "The Workshop",
        "registered": "No",
        "hours": 10,
        "subjects": "Bricklaying level 1",
        "start": "2026-11-09",
    }
    assert as_kept(STARTS["providers"](Record(pep))) == [row]
    registered = recorded(people, urn=people.other_school.urn, provider_name="")
    assert (registered.provider, registered.provider_name) == (people.other_school.name, "")


def test_one_app_tells_of_a_circumstance():
    with pytest.raises(ValueError, match="already"):
        tells(Circumstance.ALTERNATIVE_PROVISION)(lambda children, on: [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"urn": "999999", "provider_name": ""}, "urn"),
        ({"provider_name": " "}, "provider_name"),
        ({"pattern": "0" * 10}, "pattern"),
        ({"hours": Decimal(0)}, "hours"),
        ({"end": date(2026, 11, 9)}, "end"),
        ({"review_on": date(2026, 12, 22)}, "review_on"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(people, changes, field):
    with pytest.raises(ValidationError) as wrong:
        recorded(people, **changes)
    assert list(wrong.value.message_dict) == [field]


def test_who_records_and_checks(people):
    one = recorded(people)
    got = set()
    for role in personas.NAMES:
        try:
            recorded(people, by=role)
            actions.add_check(provision=one, kind="visit", on=today(), satisfied=True, words="", by=people[role])
        except Refused:
            continue
        got.add(role)
    assert got == KEEPERS
    assert one.checks.count() == 1
    with pytest.raises(Refused):
        actions.end(provision=one, on=today(), words="Over", by=people.outsiders["teacher"])
    for wrong in ({"on": today() + DAY}, {"satisfied": False}):
        given = {"kind": "visit", "on": today(), "satisfied": True, "words": ""} | wrong
        with pytest.raises(ValidationError):
            actions.add_check(provision=one, by=people.teacher, **given)


def test_reviewed_and_ended_once(people):
    one = recorded(people)
    first, seen, given = one.clock, one.review_on, {"words": "Good", "next_on": today() + 2 * WEEK, "by": people.ala}
    actions.review(provision=one, seen=seen, **given)
    with pytest.raises(Conflict, match="Read it again"):
        actions.review(provision=one, seen=seen, **given)
    for wrong in ({"on": today() + DAY}, {"on": today() - 2 * DAY}, {"words": " "}):
        with pytest.raises(ValidationError):
            actions.end(provision=one, by=people.ala, **{"on": today(), "words": "Back at school"} | wrong)
    actions.end(provision=one, on=today(), words="Back at school", by=people.ala)
    for act in (lambda: actions.end(provision=one, on=today(), words="x", by=people.ala),
                lambda: actions.add_check(provision=one, kind="dbs", on=today(), satisfied=True, words="", by=people.ala)):  # fmt: skip
        with pytest.raises(Conflict):
            act()
    first.refresh_from_db(), one.refresh_from_db()
    assert (first.state, one.clock.state, one.state, one.end) == (ClockState.MET, ClockState.MET, "ended", today())
    assert [moment.title for moment in timeline.moments(people.amy, user=people.iro)] == [
        "Alternative provision began",
        "Alternative provision reviewed",
        "Alternative provision ended",
    ]


def test_leaving_the_school_ends_it(people):
    one, place = recorded(people), people.amy.enrolments.get()
    people.amy.enrolments.update(end=today())
    consumers.end_with_school(SimpleNamespace(data={"enrolment": place.pk}))
    one.refresh_from_db()
    assert (one.state, one.reviews.get().words.startswith("The child left the school")) == ("ended", True)


def test_the_database_knows_one_provider_and_no_check_changes():
    one = AlternativeProvisionFactory()
    check = ProvisionCheckFactory(provision=one)
    for write in (
        lambda: AlternativeProvision.objects.filter(pk=one.pk).update(provider_name=""),
        lambda: type(check).objects.update(satisfied=False),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_the_night_finds_what_is_unchecked_and_what_is_late(people):
    one = recorded(people)
    recorded(people, urn=people.other_school.urn, provider_name="")
    assert found("unchecked") == [f"provision:{one.pk}"]
    for kind in CheckKind.values:
        ProvisionCheckFactory(provision=one, kind=kind, on=today())
    assert [found("unchecked", today() + days * DAY) for days in (0, 42, 43)] == [[], [], [f"provision:{one.pk}"]]
    ProvisionCheckFactory(provision=one, kind="visit", on=today() + 40 * DAY, satisfied=False, words="No")
    assert found("unchecked", today() + 43 * DAY) == [f"provision:{one.pk}"]
    assert [len(found("late", one.review_on + n * DAY)) for n in (0, 1)] == [0, 2]


def test_on_its_pages(people, client):
    client.force_login(people.teacher)
    add = reverse("attendance:provision_add", args=[people.amy.uuid])
    sent = {"registered": "no", "provider_name": "The Workshop", "commissioner": "school", "hours": "10", "why": "He learns by doing",
            "studies": "Bricklaying", "pattern-0-am": "on", **parts("start", today()), **parts("review_on", today() + WEEK)}  # fmt: skip
    for odd in (
        {"registered": "yes"},
        {"provider_name": ""},
        {"hours": "-1"},
        {"start-year": "x"},
        {"commissioner": "²"},
    ):
        answer = client.post(add, sent | odd)
        assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
    answer = client.post(add, sent)
    one = AlternativeProvision.objects.get()
    assert (answer.status_code, answer.url) == (302, one.get_absolute_url())

    def post(name, **given):
        return client.post(reverse(f"attendance:provision_{name}", args=[one.uuid]), given).status_code

    assert client.get(one.get_absolute_url()).context["tag"]["text"] == "Checks overdue"
    assert post("check", kind="dbs", satisfied="no", words="", **parts("on", today())) == 200
    assert post("check", kind="dbs", satisfied="yes", words="", **parts("on", today())) == 302
    assert post("review", seen=one.review_on.isoformat(), words="Good", **parts("next_on", today() + WEEK)) == 302
    assert post("review", seen="2020-01-01", words="Good", **parts("next_on", today() + WEEK)) == 409
    assert len(client.get(one.get_absolute_url()).context["steps"]) == 3
    assert client.get(reverse("attendance:arrangements", args=[people.amy.uuid])).status_code == 200
    client.force_login(people.vsh)
    for state, number in (("", 1), ("running", 1), ("unchecked", 1), ("late", 0), ("ended", 0), ("x", 0)):
        page = client.get(reverse("attendance:provisions"), {"state": state})
        text = client.get(reverse("attendance:provisions_file"), {"state": state}).content.decode()
        assert (state, len(page.context["table"].rows), len(text.splitlines())) == (state, number, number + 1)
    client.force_login(people.teacher)
    assert post("end", words="Back at school", **parts("on", today())) == 302
    assert post("end", words="Back at school", **parts("on", today())) == 409
