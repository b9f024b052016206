"""Suspensions and the PEP: an early meeting is asked for, and the form begins with what is recorded."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from attendance.actions.exclusions import ExclusionFacts, record_exclusion
from attendance.checks.exclusions import early_pep
from attendance.exclusions import pepfacts, repeated
from attendance.exclusions.repeated import CHECK
from children.models import Alert, Child
from peps.layouts import as_kept
from peps.record import STARTS, Record
from tests import personas
from tests.factories.attendance import ExclusionFactory, mark
from tests.factories.children import ChildFactory, SchoolFactory
from tests.factories.peps import PepFactory, PepMeetingFactory
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 10)  # a Tuesday, the tests' day
DAY = timedelta(days=1)
ASKS = (
    "2 suspensions in 90 days, and no PEP meeting since the last or planned by 18 November 2026: "
    "bring the next one forward, or open another PEP"
)


@pytest.fixture
def people():
    return personas.cast()


def again(child, *ago, **fields):
    """Suspended for a day so many days ago."""
    school = fields.pop("school", None) or SchoolFactory()
    for days in ago:
        start = ON - days * DAY
        ExclusionFactory(child=child, school=school, start=start, end=start + DAY, sessions=2, **fields)


def found(on=ON):
    return [one.evidence["sentence"] for one in early_pep(on=on, children=Child.objects.on_roll(ON))]


def meeting(child, on, state="held"):
    pep = PepFactory(child=child, period=child.periods_of_care.get())
    PepMeetingFactory(
        pep=pep, state=state, starts_at=datetime(on.year, on.month, on.day, 9, tzinfo=ZoneInfo("Europe/London"))
    )


@pytest.mark.parametrize(
    ("ago", "met", "asks"),
    [
        ((40, 20), None, True),
        ((20,), None, False),
        ((100, 20), None, False),
        ((40, 20), (-21, "held"), True),
        ((40, 20), (-20, "held"), False),
        ((40, 20), (8, "planned"), False),
        ((40, 20), (9, "planned"), True),
        ((40, 20), (-5, "cancelled"), True),
    ],
)
def test_an_early_meeting_is_asked_for(ago, met, asks):
    child = ChildFactory(in_care=True)
    again(child, *ago)
    if met:
        meeting(child, ON + met[0] * DAY, **({"state": met[1]} if met[1] != "cancelled" else {"state": "planned"}))
    if met and met[1] == "cancelled":
        child.peps.get().meetings.update(state="cancelled", ended_why="Snow")
    assert found() == ([ASKS] if asks else [])


def test_what_was_withdrawn_does_not_count_and_a_council_may_switch_it_off(monkeypatch):
    child = ChildFactory(in_care=True)
    again(child, 40, 20)
    again(ChildFactory(in_care=True), 40, 20, state="struck")
    assert found() == [ASKS]
    off = {"on": False, "at_least": 2, "days": 90, "within": 28}
    monkeypatch.setattr(repeated, "rule", lambda on: SimpleNamespace(value=off))
    assert found() == []


def test_the_second_one_is_told_the_same_day_to_those_who_read_peps(people, client):
    again(people.amy, 30, school=people.school)
    facts = ExclusionFacts("SUSP", ON, ("DB",), end=ON + DAY)
    record_exclusion(child=people.amy, school=people.school, facts=facts, by=people.teacher)
    alert = Alert.objects.get(check_name=CHECK)
    assert (alert.field_group, alert.opened_on) == ("pep", today())
    assert [one.natural_key for one in early_pep(on=ON, children=Child.objects.on_roll(ON))] == [alert.natural_key]
    page = reverse("attendance:exclusions_of", args=[people.amy.uuid])
    told = {}
    for role in ("coordinator", "teacher", "data"):
        client.force_login(people[role])
        context = client.get(page).context
        told[role] = len(context.get("early_pep", ())), bool(context.get("open_pep_href"))
    assert told == {"coordinator": (1, True), "teacher": (1, False), "data": (0, False)}


def test_the_form_begins_with_what_the_school_recorded_and_the_days_of_all(people):
    record = Record(PepFactory(child=people.amy, period=people.amy.periods_of_care.get(), school=people.school))
    assert (pepfacts.suspended(record), STARTS["suspensions_recorded"](record)) == ("None recorded", None)
    again(people.amy, 50, school=people.other_school, alternatives="Elsewhere")
    again(
        people.amy, 7, school=people.school, provision="The Hub", provision_from=ON - 7 * DAY, alternatives="A mentor"
    )
    ExclusionFactory(child=people.amy, school=people.school, permanent=True, start=ON, reasons=["DB", "VA"])
    mark(people.amy, ON - 4 * DAY, "E", "/")
    record = Record(record.pep)
    assert pepfacts.suspended(record) == [
        "2 days this school year, 2 days of them this term",
        "Permanent exclusion from 10 November 2026",
        "Marked as suspended, and not recorded: 0.5 days",
    ]
    assert as_kept(STARTS["suspensions_recorded"](record)) == [
        {
            "start": "2026-11-03",
            "sessions": 2,
            "reason": "Persistent or general disruptive behaviour",
            "day_one": "The Hub, from 3 November 2026",
            "tried": "A mentor",
        },
        {
            "start": "2026-11-10",
            "reason": "Permanent exclusion: Persistent or general disruptive behaviour; Verbal abuse/threatening behaviour against an adult",
        },
    ]
