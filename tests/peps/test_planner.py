"""The term planner: whose PEP has no meeting, who is asked first, the month, the filters, and who sees which children."""

from datetime import timedelta

import pytest
from django.urls import reverse

from peps.enums import MeetingState, PepKind, PepState
from peps.models import Pep
from tests import personas
from tests.factories.children import ChildFactory
from tests.factories.peps import PepFactory, PepMeetingFactory
from tests.searching import search
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
PLANNER, MONTH = reverse("peps:planner"), reverse("peps:planner_month")
DAY = timedelta(days=1)
READERS = {"vsh", "ala", "coordinator", "support", "teacher"}
ODD = ["", "nonsense", "2026-13", "1999-autumn", "-", "x" * 400, "0b6e1f4e-0000-4000-8000-000000000000"]


@pytest.fixture
def people():
    return personas.cast()


def pep_of(child, **fields):
    school = child.enrolments.select_related("school").get().school
    return PepFactory(child=child, period=child.periods_of_care.get(), school=school, **fields)


def met(child, days, *, held=False, **fields):
    """A PEP of the child with a meeting that many days from today."""
    pep = pep_of(child, **{"state": PepState.MEETING_HELD if held else PepState.PREPARING, **fields})
    state = MeetingState.HELD if held else MeetingState.PLANNED
    return PepMeetingFactory(pep=pep, starts_at=now() + days * DAY, state=state)


def another(people, year, **fields):
    """One more child at Amy's school."""
    return ChildFactory(in_care=True, year=year, school=people.school, coordinator=people.coordinator, **fields)


def opened(client, user, url=PLANNER, **asked):
    client.force_login(user)
    return client.get(url, asked)


def children_of(answer):
    return [drawn.cell.text for row in answer.context["table"].rows for drawn in row if drawn.header]


def stats_of(answer):
    return {stat["label"]: (stat["number"], stat["href"]) for stat in answer.context["stats"]}


def in_month(answer):
    return [entry["child"] for week in answer.context["weeks"] for day in week for entry in day["entries"]]


class TestOrder:
    def test_without_a_meeting_first_and_of_those_the_ones_for_the_advocate(self, client, people):
        held, planned = another(people, 4, last_name="Held"), another(people, 4, last_name="Planned")
        six, eleven = another(people, 6, last_name="Six"), another(people, 11, last_name="Eleven")
        initial = another(people, 3, last_name="New")
        met(held, -3, held=True)
        met(planned, 3, due_on=today() + DAY)
        pep_of(people.amy, due_on=today() - DAY)
        for place, child in enumerate((six, eleven)):
            pep_of(child, due_on=today() + (10 + place) * DAY)
        pep_of(initial, kind=PepKind.INITIAL, occasion="initial:1", due_on=today() + 12 * DAY)
        expected = [child.name for child in (six, eleven, initial, people.amy, planned, held)]
        assert children_of(opened(client, people.coordinator)) == expected

    def test_the_row_says_whom_to_ask_first_and_when_the_meeting_comes_too_late(self, client, people):
        six = another(people, 6, advocate=people.ala)
        pep_of(six)
        met(people.amy, 9, due_on=today() + 2 * DAY)
        page = opened(client, people.coordinator).content.decode()
        assert "Advocate first" in page
        assert f"Ask {people.ala.name} first" in page
        assert "After the day it is due" in page

    def test_what_was_cancelled_is_not_planned_and_a_rearranged_meeting_is_none(self, client, people):
        pep_of(people.bob, cancelled=True)
        pep = pep_of(people.amy, state=PepState.REARRANGED)
        PepMeetingFactory(pep=pep, state=MeetingState.REARRANGED, ended_why="Ill")
        answer = opened(client, people.coordinator, meeting="without")
        assert children_of(answer) == [people.amy.name]
        assert "No meeting yet" in answer.content.decode()


class TestCounts:
    @pytest.fixture
    def term(self, people):
        met(another(people, 4), -3, held=True)
        met(another(people, 4), 3)
        pep_of(people.amy, overdue=True)
        pep_of(people.bob)
        return people

    def test_every_count_opens_the_list_it_counts(self, client, term):
        stats = stats_of(opened(client, term.coordinator))
        assert {words: number for words, (number, _) in stats.items()} == {
            "without a meeting": 2,
            "late, not held": 1,
            "planned": 1,
            "held": 1,
        }
        for number, href in stats.values():
            assert len(children_of(client.get(href))) == number

    def test_under_the_same_filter(self, client, term):
        stats = stats_of(opened(client, term.coordinator, school="Amy's", meeting="held"))
        assert stats["without a meeting"][0] == 1
        assert children_of(client.get(stats["without a meeting"][1])) == [term.amy.name]

    def test_the_last_day_of_the_term_leads_to_its_rule(self, client, term):
        page = opened(client, term.coordinator).content.decode()
        assert "Last day for meetings of the autumn term 2026/27" in page
        assert "28 November 2026" in page
        assert reverse("rulebook:detail", args=["pep.term_cutoff"]) in page
        assert "20 March 2026" in opened(client, term.coordinator, term="2025-spring").content.decode()


class TestFilter:
    @pytest.fixture(autouse=True)
    def both(self, people):
        pep_of(people.amy)
        met(people.bob, 0)

    @pytest.mark.parametrize(
        ("field", "role"), [("teacher", "teacher"), ("social_worker", "socialworker"), ("coordinator", "coordinator")]
    )
    def test_by_person_in_the_table_and_in_the_month(self, client, people, field, role):
        asked = {field: str(people[role].uuid)}
        assert children_of(opened(client, people.vsh, **asked)) == [people.amy.name]
        assert in_month(opened(client, people.vsh, MONTH, **asked)) == []
        if role != "coordinator":
            asked = {field: str(people.outsiders[role].uuid)}
            assert children_of(opened(client, people.vsh, **asked)) == [people.bob.name]
            assert in_month(opened(client, people.vsh, MONTH, **asked)) == [people.bob.name]

    def test_by_school_and_by_name_which_stands_in_no_address(self, client, people):
        assert children_of(opened(client, people.vsh, school="Bob's")) == [people.bob.name]
        answer = search(client, PLANNER, "Amy", term="2026-autumn")
        assert children_of(answer) == [people.amy.name]
        assert "Amy" not in answer.request["QUERY_STRING"]

    @pytest.mark.parametrize("odd", ODD)
    def test_what_is_not_understood_shows_nobody_more(self, client, people, odd):
        fields = {PLANNER: ("term", "meeting", "teacher", "page"), MONTH: ("month", "social_worker")}
        for url, field in [(url, field) for url, names in fields.items() for field in names]:
            answer = opened(client, people.teacher, url, **{field: odd})
            assert answer.status_code == 200
            assert people.bob.name not in answer.content.decode()

    def test_somebody_of_other_children_is_no_choice(self, client, people):
        other = people.outsiders["socialworker"]
        page = opened(client, people.teacher, social_worker=str(other.uuid)).content.decode()
        assert other.name not in page
        assert children_of(opened(client, people.teacher, social_worker=str(other.uuid))) == []


class TestMonth:
    def test_days_with_their_meetings_and_the_last_day_of_the_term(self, client, people):
        meeting = met(people.amy, 0)
        met(people.bob, -2, held=True)
        answer = opened(client, people.coordinator, MONTH)
        page = answer.content.decode()
        assert "Meetings in November 2026" in page
        assert in_month(answer) == [people.bob.name, people.amy.name]
        assert "Last day for the autumn term 2026/27" in page
        assert reverse("peps:meeting", args=[meeting.uuid]) in page
        assert sorted(AccessLog.objects.latest("pk").child_ids) == sorted([people.amy.pk, people.bob.pk])

    def test_the_next_month_and_an_empty_one(self, client, people):
        met(people.amy, 30)
        answer = opened(client, people.coordinator, MONTH)
        assert "No meeting in this month" in answer.content.decode()
        ways = [way["href"] for way in answer.context["ways"]]
        assert in_month(client.get(ways[1])) == [people.amy.name]

    def test_there_is_no_way_beyond_the_months_of_the_filter(self, client, people):
        assert [way["text"] for way in opened(client, people.vsh, MONTH, month="2028-08").context["ways"]] == [
            "July 2028"
        ]
        assert [way["text"] for way in opened(client, people.vsh, MONTH, month="2025-09").context["ways"]] == [
            "October 2025"
        ]

    def test_the_filter_is_kept_from_the_table_to_the_month(self, client, people):
        answer = opened(client, people.vsh, school="Amy's", meeting="without", page="3")
        assert answer.context["other_href"] == f"{MONTH}?school=Amy%27s"


class TestWhose:
    def test_who_opens_it(self, client, people):
        for url in (PLANNER, MONTH):
            assert {role for role in personas.NAMES if opened(client, people[role], url).status_code == 200} == READERS

    def test_each_sees_the_children_they_reach(self, client, people):
        pep_of(people.amy)
        met(people.bob, 0)
        seen = {role: set(children_of(opened(client, people[role]))) for role in READERS}
        amy, both = {people.amy.name}, {people.amy.name, people.bob.name}
        assert seen == {"vsh": both, "ala": both, "coordinator": both, "support": amy, "teacher": amy}
        assert in_month(opened(client, people.teacher, MONTH)) == []
        assert in_month(opened(client, people.outsiders["teacher"], MONTH)) == [people.bob.name]

    def test_the_planning_is_offered_to_those_who_may(self, client, people):
        pep = pep_of(people.amy)
        link = reverse("peps:schedule", args=[pep.uuid])
        offered = {role for role in READERS if link in opened(client, people[role]).content.decode()}
        assert offered == READERS - {"ala"}
        assert {client.get(link).status_code for role in offered if not client.force_login(people[role])} == {200}

    def test_a_teacher_who_left_yesterday_sees_nobody(self, client, people):
        pep_of(people.amy)
        people.teacher.memberships.update(end=today())
        assert children_of(opened(client, people.teacher)) == []

    def test_the_tabs_and_more_lead_there(self, client, people):
        for role in READERS:
            assert PLANNER in opened(client, people[role], reverse("peps:list")).content.decode()
            assert PLANNER in opened(client, people[role], reverse("overview:more")).content.decode()
        assert PLANNER not in opened(client, people.iro, reverse("peps:list")).content.decode()


@pytest.mark.parametrize("url", [PLANNER, MONTH])
def test_the_same_questions_for_two_children_and_for_fifty(client, people, url, django_assert_max_num_queries):
    counts = []
    for number in (2, 48):
        for place in range(number):
            child = another(people, 6)
            if place % 2:
                pep_of(child)
            else:
                met(child, 0)
        client.force_login(people.coordinator)
        client.get(url)
        with django_assert_max_num_queries(60) as asked:
            client.get(url)
        counts.append(len(asked))
    assert Pep.objects.count() == 50
    assert counts[0] == counts[1]
