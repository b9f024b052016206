"""The roll as a list: filters, columns, its file, the search, and the tick boxes; one literal number of queries."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from children.enums import RelationKind, SenStatus
from tests import personas
from tests.factories.children import (
    AlertFactory,
    CarePlacementFactory,
    ChildFactory,
    EnrolmentFactory,
    PeriodOfCareFactory,
    RelationshipFactory,
    SchoolFactory,
    SenRecordFactory,
)
from tests.factories.peps import PepFactory
from tests.factories.rulebook import set_rule
from tests.overview import scene
from tests.searching import query_of, search
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AccessLog, AuditEvent
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROLL, FILE, SEARCH = reverse("overview:roll"), reverse("overview:roll_file"), reverse("overview:search")
EXPORTERS = {"vsh", "ala", "coordinator", "support", "data"}


@pytest.fixture
def people():
    return personas.cast()


def listed(client, query="") -> list[str]:
    """First names on the page, in order."""
    answer = client.get(f"{ROLL}{query}")
    assert answer.status_code == 200
    column = 1 if answer.context["table"].choices else 0
    return [row[column].cell.text.split()[0] for row in answer.context["table"].rows]


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def child_of(name: str, **facts):
    """A child in care in Year 5; ``care`` and ``placement`` change how."""
    return ChildFactory(in_care=True, first_names=name, **facts)


class TestWhoSeesWhom:
    def test_each_role_its_own_children(self, client, people):
        got = {}
        for role in ROLES:
            client.force_login(people[role])
            got[role] = "refused" if role == "dpo" else " ".join(listed(client))
        assert got == dict.fromkeys(ROLES, "Amy") | dict.fromkeys(personas.WHOLE_ROLL, "Amy Bob") | {"dpo": "refused"}
        assert client.get(ROLL).status_code == 403 if client.force_login(people.dpo) is None else False

    def test_who_has_nobody_is_told_so(self, client):
        client.force_login(personas.person("socialworker"))
        assert "No child is yours today" in client.get(ROLL).content.decode()

    def test_whom_the_page_showed_is_in_the_access_log(self, client, people):
        client.force_login(people.vsh)
        search(client, ROLL, "Amy")
        row = AccessLog.objects.latest("pk")
        assert (row.kind, row.child_ids) == ("list", [people.amy.pk])

    def test_columns_are_those_the_role_reads(self, client, people):
        got = {}
        for role in ("vsh", "data", "sen"):
            client.force_login(people[role])
            got[role] = [column.text for column in client.get(ROLL).context["table"].columns]
        whole = ["Child", "Year", "School", "Need", "PEP", "Social worker", "Open alerts"]
        without_pep = [text for text in whole if text != "PEP"]
        assert got == {"vsh": ["Choose", *whole], "data": ["Choose", *without_pep], "sen": without_pep}


class TestFilters:
    @pytest.fixture(autouse=True)
    def reader(self, client):
        self.user = personas.person("vsh")
        client.force_login(self.user)

    def test_by_name_id_or_upn_every_word(self, client):
        child_of("Ann", last_name="O'Neill", child_id="X1", upn="A123456789012")
        child_of("Ben", last_name="Other", known_as="Benny")
        got = {
            words: listed(client, query_of(client, ROLL, words))
            for words in ("ann", "NEIL", "x1", "A123456789012", "benny", "ann o'n", "ann other", "%")
        }
        assert got == {
            "ann": ["Ann"],
            "NEIL": ["Ann"],
            "x1": ["Ann"],
            "A123456789012": ["Ann"],
            "benny": ["Benny"],
            "ann o'n": ["Ann"],
            "ann other": [],
            "%": [],
        }

    def test_by_year_and_phase(self, client):
        child_of("Ann", year=6)
        child_of("Ben", year=7)
        got = [listed(client, query) for query in ("?year=6", "?year=7", "?phase=P", "?phase=S", "?phase=E")]
        assert got == [["Ann"], ["Ben"], ["Ann"], ["Ben"], []]

    def test_by_school_of_today(self, client):
        hill, vale = SchoolFactory(name="Hill School", urn="111111"), SchoolFactory(name="Vale School")
        child_of("Ann", school=hill)
        moved = child_of("Ben", school=vale)
        EnrolmentFactory(child=moved, school=hill, start=today() - 400 * DAY, end=today() - 301 * DAY)
        got = [listed(client, query) for query in ("?school=hill", "?school=111111", "?school=school", "?school=zzz")]
        assert got == [["Ann"], ["Ann"], ["Ann", "Ben"], []]

    def test_by_education(self, client):
        school = SchoolFactory()
        plan, support = child_of("Ann", school=school), child_of("Ben", school=school)
        SenRecordFactory(child=plan, status=SenStatus.EHCP)
        SenRecordFactory(child=support, status=SenStatus.SUPPORT)
        SenRecordFactory(child=child_of("Cal"), status=SenStatus.EHCP, end=today())
        child_of("Dot", year=13)
        got = [listed(client, f"?education={value}") for value in ("ehcp", "support", "none")]
        assert got == [["Ann"], ["Ben"], ["Cal"]]

    def test_by_where_the_child_is_placed(self, client):
        far = ChildFactory(first_names="Ann")
        PeriodOfCareFactory(child=far)
        CarePlacementFactory(child=far, out_of_area=True)
        child_of("Ben")
        assert [listed(client, f"?placed={value}") for value in ("out", "in")] == [["Ann"], ["Ben"]]

    def test_by_care(self, client):
        ChildFactory(in_short_breaks=True, first_names="Ann")
        child_of("Ben")
        got = [listed(client, f"?care={value}") for value in ("short", "counted", "")]
        assert got == [["Ann"], ["Ben"], ["Ann", "Ben"]]

    def test_by_pep(self, client):
        late, soon, _ = child_of("Ann"), child_of("Ben"), child_of("Cal")
        PepFactory(child=late, period=late.periods_of_care.get(), overdue=True)
        PepFactory(child=soon, period=soon.periods_of_care.get())
        got = [listed(client, f"?pep={value}") for value in ("overdue", "open", "none")]
        assert got == [["Ann"], ["Ann", "Ben"], ["Cal"]]

    def test_by_legal_status(self, client):
        child_of("Ann")
        accommodated = ChildFactory(first_names="Ben")
        PeriodOfCareFactory(child=accommodated, complete=True, complete__legal_status="V2")
        assert [listed(client, f"?legal_status={code}") for code in ("c2", "V2", "ZZ")] == [["Ann"], ["Ben"], []]

    def test_by_open_alerts_of_kinds_that_the_reader_reads(self, client):
        AlertFactory(child=child_of("Ann"))
        AlertFactory(child=child_of("Ben"), field_group="health")
        AlertFactory(child=child_of("Cal"), resolved=True)
        assert listed(client, "?alerts=on") == ["Ann", "Ben"]
        client.force_login(personas.person("coordinator"))
        assert listed(client, "?alerts=on") == ["Ann"]

    def test_by_whose_caseload(self, client):
        RelationshipFactory(child=child_of("Ann"), kind=RelationKind.ADVOCATE, user=self.user)
        RelationshipFactory(child=child_of("Ben"), kind=RelationKind.ADVOCATE, user=self.user, end=today())
        assert listed(client, "?mine=on") == ["Ann"]

    def test_together(self, client):
        child_of("Ann", year=6)
        child_of("Anton", year=7)
        assert listed(client, f"{query_of(client, ROLL, 'an', year='7')}&page=1") == ["Anton"]

    @pytest.mark.parametrize(
        "query",
        [
            "?year=abc",
            "?year=99",
            "?phase=<script>",
            "?pep=x",
            "?page=zero",
            "?q=a",
            "?year=6&year=7",
            "?nothing=1",
        ],
    )
    def test_odd_values_are_answered_and_never_widen(self, client, query):
        child_of("Ann")
        answer = client.get(f"{ROLL}{query}")
        assert (answer.status_code, b"<script>" in answer.content.split(b"<main", 1)[1]) == (200, False)

    def test_a_role_is_offered_no_filter_on_what_it_does_not_read(self, client, people):
        got = {}
        for role in ("teacher", "data", "admissions"):
            client.force_login(people[role])
            answer = client.get(f"{ROLL}?legal_status=ZZ&pep=overdue&placed=out&care=short")
            got[role] = (sorted(answer.context["filter"].form.fields), len(answer.context["table"].rows))
        common = ["alerts", "education", "mine", "phase", "q", "school", "year"]
        # what a role does not read narrows nothing either, so no list tells it by what it leaves out
        assert got == {
            "teacher": (sorted([*common, "pep"]), 0),
            "data": (sorted([*common, "care", "legal_status", "placed"]), 0),
            "admissions": (common, 1),
        }


class TestOrderAndPages:
    def test_by_last_name_whatever_its_case_then_first_names(self, client, people):
        for first, last in (("Zed", "alpha"), ("Ann", "Beta"), ("Abe", "beta")):
            child_of(first, last_name=last)
        client.force_login(people.vsh)
        assert listed(client) == ["Zed", "Abe", "Ann", "Amy", "Bob"]

    def test_twenty_five_to_a_page_and_the_filter_is_kept(self, client, people):
        for number in range(30):
            child_of(f"Kid{number:02}", year=7)
        client.force_login(people.vsh)
        assert [len(listed(client, query)) for query in ("?year=7", "?year=7&page=2")] == [25, 5]
        html = client.get(f"{ROLL}?year=7").content.decode()
        assert 'href="?year=7&amp;page=2' in html
        assert f'href="{FILE}?year=7"' in html

    @pytest.mark.parametrize("number", [1, 50])
    def test_the_same_questions_for_one_row_and_for_fifty(self, client, number, django_assert_num_queries):
        scene.more_children(number)
        client.force_login(personas.person("vsh"))
        client.get(reverse("overview:you"))
        with django_assert_num_queries(8):
            answer = client.get(ROLL)
        assert answer.context["pages"].total == number

    @pytest.mark.parametrize("number", [1, 50])
    def test_so_does_the_file(self, client, number, django_assert_num_queries):
        scene.more_children(number)
        client.force_login(personas.person("data"))
        client.get(reverse("overview:you"))
        with django_assert_num_queries(7):
            answer = client.get(FILE)
        assert len(rows_of(answer)) == number + 1

    @pytest.mark.parametrize("number", [1, 50])
    def test_and_the_search(self, client, number, django_assert_num_queries):
        scene.more_children(number, last_name="Searched")
        client.force_login(personas.person("vsh"))
        client.get(reverse("overview:you"))
        found = SEARCH + query_of(client, SEARCH, "searched")
        with django_assert_num_queries(10):
            answer = client.get(found)
        assert len(answer.context["table"].rows) == number


class TestFile:
    def test_who_takes_lists_away(self, client, people):
        got = set()
        for role in ROLES:
            client.force_login(people[role])
            if client.get(FILE).status_code == 200:
                got.add(role)
            page = client.get(ROLL)
            if role != "dpo":
                assert bool(page.context["csv_href"]) is (role in EXPORTERS)
        assert got == EXPORTERS

    @pytest.mark.parametrize("query", ["?year=zzz", "?phase=X&school=Amy", f"?school={'x' * 101}"])
    def test_a_filter_that_is_not_understood_lists_and_exports_nobody(self, client, people, query):
        client.force_login(people.vsh)
        assert listed(client, query) == []
        assert len(rows_of(client.get(f"{FILE}{query}"))) == 1

    def test_exactly_what_the_filter_shows_all_of_its_pages(self, client, people):
        for number in range(30):
            child_of(f"Kid{number:02}", year=7)
        client.force_login(people.vsh)
        shown = listed(client, "?year=7") + listed(client, "?year=7&page=2")
        rows = rows_of(client.get(f"{FILE}?year=7&page=2"))
        assert [row[2].split()[0] for row in rows[1:]] == shown

    def test_only_columns_the_role_reads(self, client, people):
        client.force_login(people.data)
        assert rows_of(client.get(FILE))[0] == [
            "Council's id",
            "UPN",
            "Child",
            "Date of birth",
            "Year",
            "School",
            "Need",
            "Social worker",
            "Open alerts",
        ]

    def test_only_rows_the_role_reaches(self, client, people):
        client.force_login(people.support)
        assert [row[2] for row in rows_of(client.get(FILE))[1:]] == ["Amy Madeup"]

    def test_the_values_are_plain(self, client, people):
        PepFactory(child=people.amy, period=people.amy.periods_of_care.get(), overdue=True)
        SenRecordFactory(child=people.amy, status=SenStatus.EHCP)
        AlertFactory(child=people.amy)
        client.force_login(people.vsh)
        assert rows_of(client.get(FILE + query_of(client, ROLL, "Amy")))[1] == [
            people.amy.child_id,
            "",
            "Amy Madeup",
            "2017-03-01",
            "Year 5",
            "Amy's School",
            "education, health and care plan",
            "2026-11-09",
            "Sam Worker",
            "1",
        ]

    @pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+44 7", "-2+3", "@SUM(A1)", "\uff1d1+1"])
    def test_a_spreadsheet_is_not_tricked(self, client, people, name):
        child_of(name, last_name="")
        client.force_login(people.vsh)
        cells = [row[2] for row in rows_of(client.get(FILE))[1:]]
        assert f"'{name}" in cells

    def test_one_row_in_the_access_log_names_every_child_and_the_event_how_many(self, client, people):
        client.force_login(people.vsh)
        before = AccessLog.objects.count()
        client.get(FILE)
        row = AccessLog.objects.latest("pk")
        assert AccessLog.objects.count() == before + 1
        assert (row.kind, row.child_ids) == ("export", sorted([people.amy.pk, people.bob.pk]))
        event = AuditEvent.objects.get(verb="roll.exported")
        assert (event.by, event.data) == (str(people.vsh.pk), {"rows": 2})

    def test_it_is_named_by_the_day_and_kept_by_nobody(self, client, people):
        client.force_login(people.vsh)
        answer = client.get(FILE)
        assert answer["Content-Disposition"] == 'attachment; filename="roll-2026-11-10.csv"'
        assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("text/csv; charset=utf-8", True)


class TestSearch:
    def found(self, client, user, text) -> list[str]:
        client.force_login(user)
        answer = search(client, SEARCH, text)
        assert answer.status_code == 200
        return [row[0].cell.text for row in answer.context["table"].rows]

    def test_ones_own_children_only(self, client, people):
        got = {role: self.found(client, people[role], "madeup") for role in ("socialworker", "teacher", "iro", "data")}
        mine = ["Amy Madeup"]
        assert got == {"socialworker": mine, "teacher": mine, "iro": mine, "data": ["Amy Madeup", "Bob Madeup"]}
        assert self.found(client, people.socialworker, people.bob.child_id) == []

    def test_nobody_who_has_left_and_nobody_sealed(self, client, people):
        ChildFactory(left_care=True, last_name="Gone")
        ChildFactory(in_care=True, is_sealed=True, last_name="Sealed")
        assert [self.found(client, people.vsh, name) for name in ("gone", "sealed")] == [[], []]

    def test_not_by_one_letter(self, client, people):
        client.force_login(people.vsh)
        answer = search(client, SEARCH, "a")
        assert ("Enter more letters of the name." in answer.content.decode(), answer.context["table"].rows) == (
            True,
            (),
        )

    @pytest.mark.parametrize("text", ["%%", "__", "' or 1=1 --", "\\\\", "<b>amy</b>", "x" * 5000, "😀😀", "(.*)"])
    def test_odd_words_find_nobody(self, client, people, text):
        assert self.found(client, people.vsh, text) == []

    @pytest.mark.parametrize("words", ["", "   "])
    def test_nothing_asked_is_nothing_searched(self, client, people, words):
        client.force_login(people.vsh)
        assert query_of(client, SEARCH, words) == ""
        assert client.get(f"{SEARCH}?x=1").status_code == 200
        assert not AccessLog.objects.filter(kind="search").exists()

    def test_what_was_found_is_in_the_access_log(self, client, people):
        self.found(client, people.vsh, "amy")
        row = AccessLog.objects.get(kind="search")
        assert row.child_ids == [people.amy.pk]

    def test_no_more_than_the_rule_shows(self, client, people):
        set_rule("search.results", 5, from_=today() - DAY)
        ChildFactory.create_batch(6, in_care=True, last_name="Many")
        client.force_login(people.vsh)
        answer = search(client, SEARCH, "many")
        assert len(answer.context["table"].rows) == 5
        assert "The first 5 are shown." in answer.content.decode()

    def test_no_oftener_in_an_hour_than_the_rule_says(self, client, people, clock):
        set_rule("search.an_hour", 20, from_=today() - DAY)
        client.force_login(people.vsh)
        found = SEARCH + query_of(client, SEARCH, "amy")
        got = [client.get(found).status_code for _ in range(21)]
        assert got == [*[200] * 20, 403]
        assert "searched 20 times in an hour" in client.get(found).content.decode()
        clock.shift(timedelta(minutes=61))
        client.logout()
        assert self.found(client, people.vsh, "amy") == ["Amy Madeup"]


class TestTickBoxes:
    def test_those_who_allocate_tick_children_on_the_list_and_allocate_them(self, client, people):
        client.force_login(people.data)
        table = client.get(ROLL).context["table"]
        boxes = [row[0].cell for row in table.rows]
        assert (table.choices, [box.choice for box in boxes]) == (
            "children",
            [str(people.amy.uuid), str(people.bob.uuid)],
        )
        assert [box.text for box in boxes] == ["Choose Amy Madeup", "Choose Bob Madeup"]
        answer = client.post(reverse("children:allocate_many"), {"children": [box.choice for box in boxes]})
        assert answer.context["names"] == ["Amy Madeup", "Bob Madeup"]
        assert list(get_messages(answer.wsgi_request)) == []

    def test_nobody_else_has_any(self, client, people):
        got = set()
        for role in set(ROLES) - {"dpo"}:
            client.force_login(people[role])
            if client.get(ROLL).context["table"].choices:
                got.add(role)
        assert got == {"vsh", "coordinator", "data", "manager"}
