"""The child's page as each role gets it: what it tells, what it keeps back, where it leads, and what it asks of the database."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from children import access
from children.enums import RelationKind
from peps.enums import PepState
from tests import personas
from tests.factories.children import (
    AlertFactory,
    ChildFactory,
    ClockFactory,
    EnrolmentFactory,
    NoteFactory,
    RelationshipFactory,
    SchoolFactory,
)
from tests.factories.peps import PepFactory
from tests.factories.referrals import RiskReportFactory
from tests.overview import scene
from virtualschool.accounts.roles import ROLES, FieldGroup
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
READERS = sorted(set(ROLES) - {"dpo"})
REASON = "Amy came to the office without her social worker"


@pytest.fixture
def cast():
    return scene.fill(personas.cast())


def opened(client, user, child, query=""):
    client.force_login(user)
    return client.get(f"{child.get_absolute_url()}{query}")


def page_of(client, user, child):
    return opened(client, user, child).context["page"]


def links_in(html: str) -> set[str]:
    """Addresses that the main part of a page leads to, without the frame around it."""
    main = html.split("<main", 1)[1].split("</main>")[0]
    return {unescape(href).split("#")[0] for href in re.findall(r'href="([^"]+)"', main)}


class TestWhoGetsIt:
    def test_whoever_reaches_the_child_and_nobody_else(self, client, cast):
        got = {role: opened(client, cast[role], cast.amy).status_code for role in ROLES}
        assert got == dict.fromkeys(ROLES, 200) | {"dpo": 404}
        strangers = {role: opened(client, user, cast.amy).status_code for role, user in cast.outsiders.items()}
        assert strangers == dict.fromkeys(cast.outsiders, 404)

    def test_opening_it_is_in_the_access_log_with_the_kinds_of_information_shown(self, client, cast):
        opened(client, cast.coordinator, cast.amy)
        row = AccessLog.objects.latest("pk")
        assert (row.kind, row.child_ids, row.user_id) == ("view", [cast.amy.pk], str(cast.coordinator.pk))
        assert row.fields == ["attendance", "education", "identity", "legal", "pep"]


class TestWhatItTells:
    def test_each_role_reads_its_kinds_of_information_and_no_other(self, client, cast):
        pages = {role: opened(client, cast[role], cast.amy).content.decode() for role in READERS}
        told = {role: {group for group, words in scene.TOLD.items() if words in html} for role, html in pages.items()}
        expected = {role: {group for group in scene.TOLD if group in ROLES[role].reads} for role in READERS}
        # what tells of education here is an alert, and an officer sees those of the grant's own matter
        assert told == expected | {"sen": set(), "admissions": set()}

    def test_nobody_is_shown_where_the_child_lives_or_with_whom(self, client, cast):
        pages = {role: opened(client, cast[role], cast.amy).content.decode() for role in READERS}
        found = {role: [words for words in scene.NOBODY_READS if words in html] for role, html in pages.items()}
        may = {role for role in READERS if FieldGroup.BIRTH_FAMILY in ROLES[role].reads}
        assert found == dict.fromkeys(READERS, []) | dict.fromkeys(may, ["Birth family words"])

    def test_facts_of_today(self, client, cast):
        facts = {row["key"]: row for row in page_of(client, cast.coordinator, cast.amy).facts}
        assert list(facts) == [
            "Date of birth",
            "Year group",
            "Council's id",
            "UPN",
            "School",
            "Special educational needs",
            "In care",
            "Care placement",
        ]
        assert facts["Date of birth"]["value"] == "1 March 2017, 9"
        assert facts["Year group"]["value"] == "Year 5, KS2"
        assert facts["In care"]["lines"] == ["C2: full care order"]
        assert (facts["School"]["value"], facts["UPN"]["value"]) == ("Amy's School", "")

    def test_facts_without_legal_status_for_a_teacher_and_an_admissions_officer(self, client, cast):
        for role in ("teacher", "admissions", "sen"):
            keys = [row["key"] for row in page_of(client, cast[role], cast.amy).facts]
            assert keys[-1] == "Special educational needs"

    @pytest.mark.parametrize(
        ("year", "words"),
        [(6, "Year 6: moves of school to be avoided"), (11, "Year 11: moves of school to be avoided")],
    )
    def test_the_years_that_moves_are_avoided_in_are_marked(self, client, cast, year, words):
        child = ChildFactory(in_care=True, year=year)
        assert [flag["text"] for flag in page_of(client, cast.vsh, child).flags] == [words]

    def test_other_marks(self, client, cast):
        assert [flag["text"] for flag in page_of(client, cast.vsh, cast.amy).flags] == ["EHC plan"]
        alone = ChildFactory(in_care=True, is_unaccompanied=True)
        no_longer = ChildFactory(in_care=True, is_unaccompanied=True, unaccompanied_until=today())
        assert [len(page_of(client, cast.vsh, child).flags) for child in (alone, no_longer)] == [1, 0]

    def test_a_child_of_whom_little_is_known(self, client, cast):
        child = ChildFactory(in_care=True, nameless=True)
        answer = opened(client, cast.vsh, child)
        assert [words in answer.content.decode() for words in ("no school today", "not known", child.child_id)] == [
            True
        ] * 3

    def test_who_works_with_the_child_with_a_telephone_number(self, client, cast):
        cast.people["socialworker"].telephone = "01632 960 111"
        cast.people["socialworker"].save()
        workers = {row["key"]: row for row in page_of(client, cast.teacher, cast.amy).workers}
        assert workers["Social worker"]["value"] == "Sam Worker"
        assert workers["Social worker"]["lines"] == ["01632 960 111"]
        assert workers[RelationKind.TEAM.label.capitalize()]["value"] == "North team"

    def test_peps_clocks_alerts_and_risks_in_the_words_of_today(self, client, cast):
        page = page_of(client, cast.ala, cast.amy)
        assert [row["tag"]["text"] for row in page.peps if row["tag"]["status"] == "overdue"] == ["planned"]
        assert {clock["label"] for clock in page.clocks} == {"Pep clock", "Health clock"}
        assert [risk["text"] for risk in page.risks] == ["The carer has given notice"]
        PepFactory(child=cast.amy, period=cast.amy.periods_of_care.get(), overdue=True, state=PepState.PREPARING)
        ClockFactory(child=cast.amy, about="Late clock", field_group="pep", overdue=True)
        page = page_of(client, cast.ala, cast.amy)
        assert [row["tag"]["text"] for row in page.peps if row["tag"]["status"] == "overdue"] == [
            "preparing",
            "planned",
        ]
        assert [clock["state"] for clock in page.clocks] == ["overdue", "on_time", "on_time"]

    def test_resolved_alerts_and_closed_reports_are_history(self, client, cast):
        AlertFactory(child=cast.bob, resolved=True)
        RiskReportFactory(child=cast.bob, closed=True)
        page = page_of(client, cast.vsh, cast.bob)
        assert (page.alerts, page.risks) == ([], [])


class TestTimeline:
    def test_everything_newest_first_and_one_kind_alone(self, client, cast):
        answer = opened(client, cast.vsh, cast.amy)
        titles = [item["title"] for item in answer.context["items"]]
        days = [item["when"] for item in answer.context["items"]]
        assert days == sorted(days, reverse=True)
        assert len(titles) == 20
        tabs = {tab["text"]: tab for tab in answer.context["tabs"]}
        assert tabs["Everything"]["active"] is True
        schools = [item["title"] for item in opened(client, cast.vsh, cast.amy, "?kind=school").context["items"]]
        assert [title for title in schools if "School" in title] == [
            "Started at Amy's School",
            "Left Old School",
            "Started at Old School",
        ]
        notes = opened(client, cast.vsh, cast.amy, "?kind=note")
        assert [item["title"] for item in notes.context["items"]] == ["Call"]
        assert [tab["text"] for tab in notes.context["tabs"] if tab["active"]] == ["Note"]

    def test_no_notes_for_a_coordinator(self, client, cast):
        answer = opened(client, cast.coordinator, cast.amy)
        assert "Note" not in [tab["text"] for tab in answer.context["tabs"]]
        assert opened(client, cast.coordinator, cast.amy, "?kind=note").context["items"] == []

    @pytest.mark.parametrize("query", ["?kind=%3Cscript%3E", "?kind=nothing", "?page=x", "?page=-1", "?page=9999"])
    def test_odd_addresses_are_answered(self, client, cast, query):
        answer = opened(client, cast.vsh, cast.amy, query)
        assert (answer.status_code, b"<script>" in answer.content.split(b"<main", 1)[1]) == (200, False)

    def test_a_long_history_is_paged_and_the_kind_kept(self, client, cast):
        NoteFactory.create_batch(30, child=cast.amy)
        answer = opened(client, cast.vsh, cast.amy, "?kind=note&page=2")
        assert [len(answer.context["items"]), "kind=note" in answer.content.decode()] == [11, True]
        assert 'href="?kind=note&amp;page=1' in answer.content.decode()


class TestWhereItLeads:
    def test_every_link_leads_somewhere_for_the_role_it_is_shown_to(self, client, cast):
        wrong = {}
        for role in READERS:
            hrefs = links_in(opened(client, cast[role], cast.amy).content.decode())
            got = {href: client.get(href).status_code for href in hrefs if href.startswith("/")}
            assert len(got) > 3
            wrong |= {(role, href): status for href, status in got.items() if status != 200}
        assert wrong == {}

    def test_what_each_role_is_offered(self, client, cast):
        means = "Say what the care placement means for school"
        keeping = [
            "Record a school",
            "Record special educational needs",
            "Record a care placement",
            means,
            "Record a legal status",
            "Change who works with the child",
            "Correct identity details",
            "Record leaving care",
        ]
        risk, note, file, pep = "Tell us a place is at risk", "Add a note", "Add a file", "Open a PEP"
        away, move = "Record a suspension or exclusion", "Open a school move"
        concern, review = "Raise a concern or recommendation", "Record the next care review"
        got = {role: [action["text"] for action in page_of(client, cast[role], cast.amy).actions] for role in READERS}
        assert got == {
            "vsh": [risk, move, away, pep, review, note, file, *keeping],
            "ala": [risk, move, away, note, file, means],
            "coordinator": [away, pep, review, file, *keeping],
            "support": [pep, file],
            "socialworker": [risk, move, review, note, file, means],
            "manager": [risk, move, review, note, file, means, "Change who works with the child"],
            "iro": [concern, review],
            "teacher": [away],
            "sen": [],
            "admissions": [],
            "data": [away, review, file, *keeping],
        }

    def test_which_other_pages_of_the_child(self, client, cast):
        got = {role: [link["text"] for link in page_of(client, cast[role], cast.amy).links] for role in READERS}
        summary = "One-page summary for the care review"
        marks = [
            "Attendance",
            "School year day by day",
            "Timetable, provision and leave",
            "Lost education",
            "Suspensions and exclusions",
        ]
        needs = "Special educational needs"
        whole, without_notes = [*marks, needs, summary, "Notes", "Files"], [*marks, summary, "Files"]
        assert got == dict.fromkeys(("vsh", "ala", "socialworker", "manager"), whole) | dict.fromkeys(
            ("support", "iro", "teacher"), without_notes
        ) | {
            "coordinator": [*marks, needs, summary, "Files"],
            "sen": [needs, "Files"],
            "admissions": ["Files"],
            "data": [*marks, "Files"],
        }

    def test_no_pep_is_offered_for_short_breaks(self, client, cast):
        child = ChildFactory(in_short_breaks=True)
        assert "Open a PEP" not in [action["text"] for action in page_of(client, cast.coordinator, child).actions]

    def test_a_teacher_of_the_second_school_knows_the_first_by_name_alone(self, client, cast):
        child = ChildFactory(in_care=True, school=SchoolFactory(name="First School"))
        EnrolmentFactory(child=child, school=cast.school, second=True)
        answer = opened(client, cast.teacher, child)
        assert "First School" in answer.content.decode()
        got = {href: client.get(href).status_code for href in links_in(answer.content.decode()) if href.startswith("/")}
        assert set(got.values()) == {200}


class TestGlass:
    def break_glass(self, cast):
        return access.break_glass(child_uuid=cast.amy.uuid, reason=REASON, by=cast.outsiders["manager"])

    def test_a_manager_who_opened_it_from_outside_is_told_until_when(self, client, cast, clock):
        manager = cast.outsiders["manager"]
        assert opened(client, manager, cast.amy).status_code == 404
        self.break_glass(cast)
        words = page_of(client, manager, cast.amy).glass
        assert words.startswith("You opened this record from outside your team. It closes on 10 November 2026 at 11")
        clock.shift(timedelta(minutes=61))
        client.logout()
        assert opened(client, manager, cast.amy).status_code == 404

    def test_the_managers_own_children_and_other_readers_have_no_such_words(self, client, cast):
        self.break_glass(cast)
        assert [page_of(client, cast[role], cast.amy).glass for role in ("manager", "vsh", "socialworker")] == [""] * 3

    def test_nothing_is_offered_there_that_would_be_refused(self, client, cast):
        self.break_glass(cast)
        manager = cast.outsiders["manager"]
        html = opened(client, manager, cast.amy).content.decode()
        got = {href: client.get(href).status_code for href in links_in(html) if href.startswith("/")}
        assert set(got.values()) == {200}


class TestQueries:
    # the role's number, whatever the record holds
    ASKED = {"vsh": 51, "ala": 49, "coordinator": 45, "socialworker": 48, "teacher": 34, "iro": 41, "admissions": 19}

    @pytest.mark.parametrize("role", ASKED)
    def test_as_many_for_an_empty_record_as_for_a_long_history(self, client, cast, role, django_assert_num_queries):
        bare = ChildFactory(in_care=True, school=cast.school)
        for kind in ("socialworker", "iro"):
            relation = RelationKind.SOCIAL_WORKER if kind == "socialworker" else RelationKind.IRO
            RelationshipFactory(child=bare, kind=relation, user=cast[kind])
        if role == "admissions":
            access.grant(child=bare, user=cast.admissions, kind="admission", matter="x", reason="x")
        for _ in range(10):
            NoteFactory(child=cast.amy)
            PepFactory(child=cast.amy, period=cast.amy.periods_of_care.get())
            AlertFactory(child=cast.amy)
            EnrolmentFactory(child=cast.amy, second=True)
        client.force_login(cast[role])
        client.get(reverse("overview:you"))
        with django_assert_num_queries(self.ASKED[role]):
            client.get(bare.get_absolute_url())
        with django_assert_num_queries(self.ASKED[role]):
            client.get(cast.amy.get_absolute_url())
