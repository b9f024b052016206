"""Rates by group: groups add up to the whole, thresholds are exact, each number opens its list, England is never invented."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance import groups, national
from attendance.rates import Sessions
from attendance.yearbits import Window
from tests.factories.attendance import mark, weekdays
from tests.factories.children import ChildFactory, EnrolmentFactory
from virtualschool.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
GROUPS, FILE = reverse("attendance:groups"), reverse("attendance:groups_file")
TEN = weekdays(date(2026, 9, 14), date(2026, 9, 25))
YEAR = Window(date(2026, 9, 1), date(2026, 11, 10))
PRIMARY, SECONDARY = date(2018, 1, 1), date(2013, 1, 1)


def with_missed(missed, born=SECONDARY, **more):
    """A child with twenty possible sessions, so many of them missed."""
    child = ChildFactory(in_care=True, date_of_birth=born, **more)
    mark(child, TEN[: missed // 2], "I", "G")
    mark(child, TEN[missed // 2 :], "/", "\\")
    if missed % 2:
        mark(child, TEN[missed // 2], "I", "\\")
    return child


def told(user, kind, window=YEAR):
    return {one.words: (len(one.sessions), one.whole) for one in groups.groups(user, kind, window)}


def test_exactly_a_tenth_and_exactly_half_are_counted_and_one_session_less_is_not(get):
    for missed in (1, 2, 9, 10):
        with_missed(missed)
    row = get("vsh", f"{GROUPS}?by=phase&over=year").context["table"].rows[0]
    assert [drawn.cell.text for drawn in row] == ["Secondary", "4", "80", "58", "12", "10", "72.5%", "3", "1"]
    opened = {
        figure: get("vsh", row[at].cell.href).context["pages"].total
        for at, figure in ((1, "marked"), (-2, "persistent"), (-1, "severe"))
    }
    assert opened == {"marked": 4, "persistent": 3, "severe": 1}


def test_each_kind_adds_up_to_the_whole(people):
    with_missed(2, PRIMARY)
    with_missed(4)
    whole = Sessions(40, 6, 3)
    user = people.vsh
    assert told(user, "phase") == {"Primary": (1, Sessions(20, 2, 1)), "Secondary": (1, Sessions(20, 4, 2))}
    assert list(told(user, "stage")) == ["KS2", "KS3"]
    assert list(told(user, "year")) == ["Year 4", "Year 9"]
    assert told(user, "area") == {"In our area": (2, whole)}
    assert told(user, "cohort") == {"Twelve months or more": (2, whole)}
    for kind in groups.KINDS:
        assert sum((one for _, one in told(user, kind).values()), Sessions()) == whole


def test_without_a_mark_there_is_the_whole_and_no_other_group(people):
    assert {kind: list(told(people.vsh, kind).values()) for kind in groups.KINDS} == {
        kind: [(0, Sessions())] if kind == "all" else [] for kind in groups.KINDS
    }


def test_a_school_has_the_sessions_of_days_on_its_roll(people):
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, school=people.school, start=date(2023, 9, 1), end=date(2024, 2, 29))
    EnrolmentFactory(child=child, school=people.other_school, start=date(2024, 2, 29), end=date(2024, 8, 1))
    mark(child, [date(2024, 2, 28), date(2024, 2, 29), date(2024, 8, 1)], "/", "I")
    found = told(people.vsh, "school", Window(date(2023, 9, 1), date(2024, 8, 31)))
    half = (1, Sessions(2, 1))
    assert found == {people.school.name: half, people.other_school.name: half, "On no school's roll here": half}


def test_in_an_earlier_year_a_child_was_younger(people):
    child = ChildFactory(in_care=True, date_of_birth=date(2014, 10, 1))
    mark(child, [date(2025, 11, 3), date(2026, 11, 3)])
    assert [list(told(people.vsh, "year", span.window)) for span in groups.spans(date(2026, 11, 10)).values()] == [
        ["Year 7"],
        ["Year 7"],
        ["Year 6"],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("role", "page", "file", "area"),
    [
        ("vsh", 200, 200, True),
        ("data", 200, 200, True),
        ("iro", 200, 403, True),
        ("teacher", 200, 403, False),
        ("sen", 403, 403, False),
    ],
)
def test_who_reads_and_who_takes_away(get, people, role, page, file, area):
    mark(people.amy, TEN)
    assert [get(role, address).status_code for address in (GROUPS, FILE)] == [page, file]
    assert ("area" in groups.kinds(people.people[role])) == area
    if not area:
        answer = get(role, reverse("attendance:group", args=["area", "none", "marked"]))
        assert answer.status_code == (404 if page == 200 else 403)


def test_a_reader_counts_own_children_alone(get, people):
    for child in (people.amy, people.bob):
        mark(child, TEN)
    assert [told(people.people[role], "all")["All children"][0] for role in ("vsh", "teacher")] == [2, 1]
    page = get("teacher", reverse("attendance:group", args=["all", "all", "marked"])).content.decode()
    assert (people.amy.name in page, people.bob.name in page) == (True, False)


@pytest.mark.parametrize(
    ("kind", "key", "figure", "query"),
    [
        ("shoe", "all", "marked", ""),
        ("all", "none", "marked", ""),
        ("all", "all", "nobody", ""),
        ("school", "x", "marked", ""),
        ("all", "all", "marked", "?over=1066"),
    ],
)
def test_a_list_that_there_is_not(get, people, kind, key, figure, query):
    mark(people.amy, TEN)
    assert get("vsh", reverse("attendance:group", args=[kind, key, figure]) + query).status_code == 404


@pytest.mark.parametrize("query", ["?by=x", "?over=x", "?by=&over=", "?by=school&over=2024"])
def test_an_odd_choice_is_no_error_of_the_service(get, query):
    assert [get("vsh", address + query).status_code for address in (GROUPS, FILE)] == [200, 200]


def test_the_file_has_the_figures_and_no_child(get, people):
    mark(people.amy, TEN, "/", "G")
    lines = get("vsh", f"{FILE}?by=all&over=year").content.decode().splitlines()
    assert lines[1] == "Academic year 2026/27,All children,1,20,10,0,10,50.0%,1,1"
    assert (len(lines), people.amy.name in "".join(lines)) == (2, False)
    assert AuditEvent.objects.filter(verb="attendance.figures_exported").get().data == {"rows": 1}


def test_england_stands_beside_with_its_year_and_never_from_the_time_to_come():
    on = date(2026, 11, 10)
    assert national.figure("P", "absent", on).words == "3.8% in 2024/25"
    assert national.figure("P", "severe", on) is None
    assert national.figure("all", "absent", date(2024, 8, 31)) is None
    assert all(one.source and float(one.value) > 0 for one in national.published())


def test_what_england_has_not_published_is_said(get, people):
    with_missed(2, PRIMARY)
    rows = [
        [drawn.cell.text for drawn in row] for row in get("vsh", f"{GROUPS}?by=phase&over=year").context["england"].rows
    ]
    assert ["All children: children persistently absent", "100.0%", "20.3% in 2024/25"] in rows
    assert ["Primary: sessions missed", "10.0%", "3.8% in 2024/25"] in rows
    before = get("vsh", f"{GROUPS}?by=phase&over=2023").context["england"].rows
    assert {row[2].cell.text for row in before} == {national.NOT_KNOWN}


def test_as_many_queries_for_many_children_as_for_few(get, people):
    addresses = [f"{GROUPS}?by={kind}&over=year" for kind in groups.KINDS]
    addresses.append(reverse("attendance:group", args=["all", "all", "marked"]))

    def asked():
        for child in ChildFactory.create_batch(2, in_care=True):
            EnrolmentFactory(child=child)
            mark(child, TEN)
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as caught:
                assert get("ala", address).status_code == 200
            counts.append(len(caught))
        return counts

    asked()
    assert asked() == asked()


def test_twelve_months_in_care_stand_beside_what_is_published_of_them(get, people):
    year = with_missed(2)
    year.periods_of_care.update(start=date(2025, 11, 10))
    with_missed(4).periods_of_care.update(start=date(2025, 11, 11))
    page = get("vsh", f"{GROUPS}?by=cohort&over=year")
    assert [row[0].cell.text for row in page.context["table"].rows] == [
        "Twelve months or more",
        "Less than twelve months",
    ]
    beside = [[drawn.cell.text for drawn in row] for row in page.context["england"].rows]
    assert ["Twelve months or more: sessions missed", "10.0%", "9.0% in 2024/25"] in beside
    assert not [row for row in beside if row[0].startswith("Less than")]
