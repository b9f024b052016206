"""Whatever a role may open, links lead there from its home page; and nothing that a role is offered is refused."""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve, reverse

from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import ClockFactory
from tests.factories.pupil_premium import GrantYearFactory
from tests.overview import scene
from virtualschool.accounts.roles import ROLES
from virtualschool.overview import navigation
from virtualschool.overview.addresses import LIBRARY_PAGES, addresses

pytestmark = pytest.mark.django_db
HOME = reverse("overview:home")
# Pages that are answers to a form, or a file: nobody begins there. Each says what leads to it.
NOT_BEGUN_AT = {
    "children:new_details": "the second step of New to care",
    "overview:search": "where the search above the list of children is posted to",
    "children:allocate_many": "the tick boxes of the list of children",
    "peps:plan_several": "the tick boxes of the lists of PEPs",
    "jobs:health": "for whatever watches the service",
    "account_signup": "nobody signs up",
    "attendance:disputes": "a link on the attendance page as soon as two sources differ",
}


def begun_at() -> dict[str, str]:
    """Every page of ours without an id in its address: where it is."""
    found = {
        address.name: f"/{address.pattern}"
        for address in addresses()
        if "<" not in address.pattern and address.name not in LIBRARY_PAGES and "GET" in address.methods
    }
    return {name: path for name, path in found.items() if name not in NOT_BEGUN_AT}


def links_of(client, path: str) -> set[str]:
    """Where a page's links and its own GET forms lead, without query and fragment."""
    html = client.get(path).content.decode()
    found = re.findall(r'href="([^"#?]*)', html) + re.findall(r'<form[^>]*action="([^"]+)"[^>]*method="get"', html)
    return {
        urlsplit(urljoin(path, href.replace("&amp;", "&"))).path for href in found if not href.startswith("mailto:")
    }


def crawl(client) -> set[str]:
    """Names of the pages that links lead to from home; pages of one record are not followed, so lists do not hide anything."""
    seen, queue, names = {HOME}, deque([HOME]), set()
    while queue:
        path = queue.popleft()
        match = resolve(path)
        names.add(match.view_name)
        if match.kwargs or match.view_name == "overview:roll_file":
            continue
        for link in links_of(client, path) - seen:
            seen.add(link)
            try:
                resolve(link)
            except Resolver404:
                continue  # a static file
            queue.append(link)
    return names


def unlinked(client) -> set[str]:
    """Names of the pages without an id that the signed-in person gets, and to which no link leads."""
    linked = crawl(client)
    return {name for name, path in begun_at().items() if name not in linked and client.get(path).status_code == 200}


@pytest.fixture
def cast():
    people = scene.fill(personas.cast())
    GrantYearFactory(pence=100_000)
    return people


def test_links_lead_to_every_page_that_a_role_may_open(client, cast):
    missing = {}
    for role in ROLES:
        client.force_login(cast[role])
        missing[role] = unlinked(client)
    assert missing == dict.fromkeys(ROLES, set())


def test_and_for_an_administrator_to_the_accounts(client):
    client.force_login(UserFactory(role="sen", administrator=True))
    assert unlinked(client) == set()
    assert {"accounts:people", "accounts:invite"} <= crawl(client)


def test_what_is_begun_at_from_nowhere_is_a_page(client):
    assert NOT_BEGUN_AT.keys() <= {address.name for address in addresses()}


def test_nothing_that_navigation_or_more_offers_is_refused(client, cast):
    for role in ROLES:
        client.force_login(cast[role])
        answer = client.get(reverse("overview:more"))
        offered = [item["href"] for item in answer.context["layout"].navigation]
        offered += [place.href for group in answer.context["groups"] for place in group["places"]]
        assert ({client.get(href).status_code for href in offered}, role) == ({200}, role)
        assert (len(offered), role) == (len(set(offered)), role)


def test_the_navigation_of_each_role(cast):
    got = {role: [place.text for place in navigation.places_of(cast[role])] for role in ROLES}
    assert got == {
        "vsh": ["Your work", "Children", "PEPs", "Alerts", "At risk", "Attendance", "Money", "Dashboard"],
        "ala": ["Your work", "Children", "PEPs", "Alerts", "At risk", "Attendance", "Money", "Dashboard"],
        "coordinator": ["Your work", "Children", "PEPs", "Alerts", "Attendance", "Dashboard"],
        "support": ["Your work", "Children", "PEPs", "Alerts", "Attendance", "Dashboard"],
        "socialworker": ["Your work", "Children", "PEPs", "Alerts", "At risk", "Attendance"],
        "manager": ["Your work", "Children", "PEPs", "Alerts", "At risk", "Attendance"],
        "iro": ["Your work", "Children", "Review diary", "PEPs"],
        "teacher": ["Your work", "Children", "PEPs", "Attendance", "Money"],
        "sen": ["Your work", "Children", "SEN matters"],
        "admissions": ["Your work", "Children", "School places"],
        "data": ["Your work", "Children", "Attendance", "Money", "Imports"],
        "dpo": ["Your work", "Access log"],
    }


def test_breaking_glass_is_under_more_for_team_managers_alone(cast):
    got = {
        role
        for role in ROLES
        for group in navigation.more_for(cast[role])
        for place in group["places"]
        if place.name == "watch:outside_team"
    }
    assert got == {"manager"}


@pytest.mark.parametrize(
    ("path", "role", "place"),
    [
        ("/", "vsh", "Your work"),
        ("/children/", "vsh", "Children"),
        ("/search/", "vsh", "Children"),
        ("/children/schools/", "vsh", "Children"),
        ("/peps/", "iro", "PEPs"),
        ("/dashboard/year-6/", "vsh", "Dashboard"),
        ("/people/cover/", "teacher", "More"),
        ("/imports/", "vsh", "More"),
        ("/imports/", "data", "Imports"),
        ("/rules/", "sen", "More"),
        ("/watch/alerts/", "ala", "Alerts"),
        ("/watch/alerts/", "teacher", None),
        ("/watch/outside-team/", "manager", "More"),
        ("/you/", "vsh", None),
    ],
)
def test_the_place_one_is_in_is_marked(client, path, role, place):
    client.force_login(personas.person(role))
    items = client.get(path).context["layout"].navigation
    assert [item["text"] for item in items if item["active"]] == ([place] if place else [])


def test_the_place_of_a_childs_page_is_the_children(client, cast):
    client.force_login(cast.vsh)
    items = client.get(cast.amy.get_absolute_url()).context["layout"].navigation
    assert [item["text"] for item in items if item["active"]] == ["Children"]


def test_how_a_due_date_was_reckoned_lies_in_no_place(client, cast):
    client.force_login(cast.vsh)
    items = client.get(ClockFactory(child=cast.amy).get_absolute_url()).context["layout"].navigation
    assert [item["text"] for item in items if item["active"]] == []


def test_nobody_who_is_not_signed_in_has_any(client):
    assert client.get("/accessibility/").context["layout"].navigation == ()


class TestNightBanner:
    def test_everybody_is_told_when_no_night_has_run(self, client):
        client.force_login(personas.person("teacher"))
        assert (
            "The night's checks are late. No night has run yet."
            in client.get("/").context["layout"].night_banner["text"]
        )


class TestOwnPages:
    def test_what_one_reaches_and_reads(self, client):
        for role in ROLES:
            client.force_login(personas.person(role))
            rows = {row["key"]: row for row in client.get("/you/").context["rows"]}
            assert (rows["Role"]["value"], rows["Role"]["lines"]) == (ROLES[role].title, [ROLES[role].sentence])
            assert bool(ROLES[role].reads) is (rows["You read"]["value"] != "nothing of a child")

    def test_help_and_the_accessibility_statement(self, client):
        assert client.get("/accessibility/").status_code == 200
        assert client.get("/help/").status_code == 302
        client.force_login(personas.person("iro"))
        assert "Independent Reviewing Officer" in client.get("/help/").content.decode()
