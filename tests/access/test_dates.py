"""Access follows the day: at local midnight it begins and ends, and every list, count and file agrees with the page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from children.models import Child
from tests.access import asking, dated, objects
from tests.access.asking import Browser
from tests.access.dated import Dated
from tests.access.declared import BY_CHILD, READS, REPORT_RISK, TABLE, TAKE_LISTS_AWAY, Case
from tests.access.objects import PERSONAS, Persona
from tests.factories.children import AlertFactory, CareReviewFactory
from tests.factories.referrals import RiskReportFactory
from tests.personas import cast
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import LONDON, today

pytestmark = pytest.mark.django_db
NAME = re.compile(rf"Case(\d\d) {dated.LAST_NAME}")
NUMBER_OF_CASES = 44
SIGNED_IN = [name for name, persona in PERSONAS.items() if persona.signed_in and not persona.administrator]


@dataclass
class Days:
    """The dated children, by number, and everybody who asks for them."""

    people: objects.Cast
    users: dict[str, User]
    cases: list[Dated]
    children: list[Child]
    colleagues: dict[str, tuple[User, bool]]

    def reached(self, persona: Persona) -> set[int]:
        return {number for number, case in enumerate(self.cases) if persona.name in case.reached_by}


def build() -> Days:
    people = cast()
    users = dict(people.people) | {f"other {role}": user for role, user in people.outsiders.items()}
    cases = dated.cases()
    children = [dated.make(number, case, people) for number, case in enumerate(cases)]
    for child in children:
        for team in ("sen", "admissions"):  # each the one kind that an officer with a grant sees
            AlertFactory(child=child, check_name=f"{team}.overdue", field_group="education")
        RiskReportFactory(child=child, reported_by=people.socialworker)
        CareReviewFactory(child=child, on=today() + timedelta(days=3))
        objects.pep(child, people.school, "preparing", due_on=today() + timedelta(days=5))
    return Days(people, users, cases, children, dated.colleagues(people))


@pytest.fixture(scope="module")
def days(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Days]:
    with django_db_blocker.unblock(), objects.made(build) as built:
        yield built


def test_no_case_is_left_out_of_the_large_sweep(days: Days) -> None:
    assert len(days.cases) == NUMBER_OF_CASES


def numbers(text: str) -> set[int]:
    return {int(number) for number in NAME.findall(text)}


def told(days: Days, got: set[int], right: set[int]) -> list[str]:
    """In words, who should not be there and who is missing."""
    leaks = [f"LEAK {days.cases[number].words}" for number in sorted(got - right)]
    return leaks + [f"wrong denial {days.cases[number].words}" for number in sorted(right - got)]


# Every page of the list, or every search that finds some of the children.
PAGES = ({"page": "1"}, {"page": "2"})
TWICE_AS_MANY = tuple({"page": str(number)} for number in range(1, 5))
SEARCHES = tuple({"q": f"Case{ten}"} for ten in range(5))  # posted
LISTS = (
    ("overview:roll", READS["identity"], PAGES),
    ("overview:roll_file", TAKE_LISTS_AWAY, ({},)),
    ("overview:search", READS["identity"], SEARCHES),
    ("watch:alerts", READS["education"], TWICE_AS_MANY),
    ("peps:list", READS["pep"], PAGES),
    ("peps:due", READS["pep"], PAGES),
    ("referrals:list", REPORT_RISK, PAGES),
)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_record_opens_for_those_who_reach_the_child_today(days: Days, name: str) -> None:
    browser, persona = Browser(days.users[name]), PERSONAS[name]
    answers = [browser.get(reverse("children:files", args=[child.uuid])).status for child in days.children]
    assert set(answers) <= {200, 404}
    opened = {number for number, status in enumerate(answers) if status == 200}
    assert told(days, opened, days.reached(persona)) == []


@pytest.mark.parametrize("name", SIGNED_IN)
def test_every_list_file_and_search_holds_the_same_children(days: Days, name: str) -> None:
    persona = PERSONAS[name]
    browser, reached = Browser(days.users[name]), days.reached(persona)
    found = []
    for where, roles, queries in LISTS:
        ask = browser.search if queries is SEARCHES else browser.get
        answers = [ask(reverse(where), **query) for query in queries]
        right = reached if persona.role in roles else set()
        found += [f"{where}: {one.status}" for one in answers if one.status != (200 if persona.role in roles else 403)]
        shown = set().union(*(numbers(one.text) for one in answers))
        found += [f"{where}: {words}" for words in told(days, shown, right)]
    assert found == []


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_figure_counts_whom_its_list_shows(days: Days, name: str) -> None:
    """A count tells of a child as a name does."""
    persona = PERSONAS[name]
    counted = {number for number in days.reached(persona) if "short_breaks" not in days.cases[number].care}
    browser = Browser(days.users[name])
    answers = [browser.get(reverse("overview:figure", args=["on-roll"]), **query) for query in PAGES]
    if persona.role not in (TABLE["overview:figure"][0].get or ()):
        assert [one.status for one in answers] == [403, 403]
        return
    assert told(days, numbers(answers[0].text + answers[1].text), counted) == []
    on_dashboard = re.sub(r"<[^>]+>", " ", browser.get(reverse("overview:dashboard")).text)
    amy_and_bob = len(persona.sides)
    assert re.search(rf"\b{len(counted) + amy_and_bob}\s+in care today", on_dashboard)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_home_page_names_nobody_who_is_not_reached(days: Days, name: str) -> None:
    persona = PERSONAS[name]
    shown = numbers(Browser(days.users[name]).get(reverse("overview:home")).text)
    assert [days.cases[number].words for number in sorted(shown - days.reached(persona))] == []


def test_colleagues_reach_whom_their_days_say(days: Days) -> None:
    """A place in a team or a school, and cover for somebody away, hold from their first day until the day they end."""
    url = days.people.amy.get_absolute_url()
    got = {words: Browser(user).get(url).status == 200 for words, (user, _) in days.colleagues.items()}
    assert got == {words: reaches for words, (_, reaches) in days.colleagues.items()}


@pytest.mark.parametrize(("role", "tie"), [("socialworker", "relationships"), ("teacher", "enrolments")])
def test_access_ends_at_local_midnight(days: Days, clock, role: str, tie: str) -> None:
    """In summer too, when the day in London begins an hour before the day in UTC."""
    summer = datetime(2027, 6, 16, tzinfo=LONDON)
    amy = days.people.amy
    rows = getattr(amy, tie).filter(**{"kind": "social_worker"} if tie == "relationships" else {})
    assert rows.update(end=summer.date()) == 1
    seen = []
    for moment in (summer - timedelta(seconds=1), summer):
        clock.move_to(moment)
        seen.append(Browser(days.users[role]).get(amy.get_absolute_url()).status)
    assert seen == [200, 404]


def test_access_begins_at_local_midnight(days: Days, clock) -> None:
    summer = datetime(2027, 6, 16, tzinfo=LONDON)
    amy = days.people.amy
    amy.enrolments.update(start=summer.date())
    seen = []
    for moment in (summer - timedelta(seconds=1), summer):
        clock.move_to(moment)
        seen.append(Browser(days.users["teacher"]).get(amy.get_absolute_url()).status)
    assert seen == [404, 200]


def test_what_was_open_when_the_allocation_ended_is_not_saved(days: Days) -> None:
    """The page was opened in the morning; at two the child is given to somebody else; the form comes afterwards."""
    amy, browser = days.people.amy, Browser(days.users["socialworker"])
    url = reverse("children:note_add", args=[amy.uuid])
    assert browser.get(url).status == 200
    amy.relationships.filter(kind="social_worker").update(end=today())
    before = asking.contents()
    answer = browser.post(url, subject="Call", body="Spoke to the school", happened_on_0="10", happened_on_1="11")
    assert (answer.status, asking.changed(before)) == (404, [])


# ---------------------------------------------------------------- the large sweep


def of_a_child() -> list[tuple[str, Case, str]]:
    """Every address that names a child's record: looked at always, sent to once for each kind of record."""
    found, sent = [], set()
    for name, cases in TABLE.items():
        for case in cases:
            if case.kind is None or case.kind.by != BY_CHILD:
                continue
            if case.get is not None:
                found.append((name, case, "get"))
            if case.post is not None and case.key not in sent:
                sent.add(case.key)
                found.append((name, case, "post"))
    return found


@pytest.mark.prove
@pytest.mark.parametrize("number", range(NUMBER_OF_CASES))
def test_every_record_of_a_dated_child_follows_the_child(days: Days, number: int) -> None:
    """As the child, so each record: not there for whoever does not reach the child or read its kind, and never broken."""
    case, child = days.cases[number], days.children[number]
    workers = {role: days.people[role] for role in ("socialworker", "teacher", "ala", "coordinator")}
    objects.GrantYearFactory(pence=1_000_000)
    records = objects.records_of(child, workers, days.people.school)
    found = []
    for name in SIGNED_IN:
        persona, reaches = PERSONAS[name], name in case.reached_by
        if name.startswith("other ") and not reaches and number:
            continue  # as far from this child as from the first
        browser = Browser(days.users[name])
        for address, one, method in of_a_child():
            if one.key not in records:
                continue
            known = reaches and persona.role in one.kind.known_to
            ids = {kwarg: records[key].uuid for kwarg, key in one.named.items()}
            with asking.undone():
                status = getattr(browser, method)(reverse(address, kwargs=ids | one.words)).status
            if (status == 404) is known or status == 500:
                found.append(f"{name} {method} {address} {one.key}: {status}")
    assert not found, "\n".join([case.words, *found])
