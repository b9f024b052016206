"""A child's name or number is searched for by a posted form: no address and no title holds it, and the list works on without."""

import pytest
from django.urls import reverse

from tests import personas
from tests.factories.children import ChildFactory
from tests.overview.test_roll import rows_of
from tests.searching import query_of, search
from tests.words import says
from virtualschool.audit.models import AccessLog

pytestmark = pytest.mark.django_db
ROLL, FILE, SEARCH = reverse("overview:roll"), reverse("overview:roll_file"), reverse("overview:search")
LISTS = [ROLL, SEARCH, reverse("peps:list"), reverse("peps:due")]
GONE = "This search is not kept any more."


@pytest.fixture
def people(client):
    people = personas.cast()
    client.force_login(people.vsh)
    return people


def title_of(answer) -> str:
    return answer.content.decode().partition("<title>")[2].partition("</title>")[0]


@pytest.mark.parametrize("url", LISTS)
class TestEveryList:
    def test_the_address_and_the_title_hold_no_name(self, client, people, url):
        query = query_of(client, url, "Madeup")
        answer = client.get(url + query)
        assert ("madeup" in query.lower(), "madeup" in title_of(answer).lower()) == (False, False)
        links = [part.partition('"')[0] for part in answer.content.decode().split('href="')[1:]]
        assert [link for link in links if "madeup" in link.lower()] == []

    def test_the_page_says_what_was_searched_and_how_to_clear_it(self, client, people, url):
        html = search(client, url, "Madeup").content.decode()
        assert "Searched for <strong>Madeup</strong>" in html
        assert f'<a class="govuk-link" href="{url}">Clear this search</a>' in html
        assert "Searched for" not in client.get(url).content.decode()

    def test_the_form_is_posted_with_its_token(self, client, people, url):
        html = client.get(url).content.decode()
        form = next(form for form in html.split("<form")[1:] if 'name="q"' in form).partition("</form>")[0]
        assert ('method="post"' in form, form.count("csrfmiddlewaretoken"), 'name="q"' in form) == (True, 1, True)

    def test_the_key_is_of_the_session_that_searched(self, client, people, url):
        query = query_of(client, url, "Amy")
        assert query == query_of(client, url, "Amy")
        client.logout()
        client.force_login(people.vsh)
        answer = client.get(url + query)
        assert answer.status_code == 200
        assert GONE in answer.content.decode()
        assert not says(answer.content.decode(), "Amy")

    def test_a_name_in_an_address_finds_nobody(self, client, people, url):
        html = client.get(f"{url}?q=Amy").content.decode()
        assert (GONE in html, people.amy.get_absolute_url() in html) == (True, False)


class TestTheFilteredRoll:
    def test_other_fields_stand_in_the_address_and_come_back(self, client, people):
        query = query_of(client, ROLL, "Madeup", year="5", alerts="", page="3", submitted="Apply filters", other="x")
        assert query.startswith("?year=5&search=")
        answer = client.get(ROLL + query)
        assert answer.context["filter"].form["year"].value() == "5"
        assert f'href="{ROLL}?year=5">Clear this search</a>' in answer.content.decode()

    def test_without_a_name_the_address_is_as_short_as_what_was_asked(self, client, people):
        assert [query_of(client, ROLL, "", year="5"), query_of(client, ROLL, " ", year="")] == ["?year=5", ""]

    def test_its_pages_and_its_file_are_of_the_same_search(self, client, people):
        for number in range(30):
            ChildFactory(in_care=True, year=7, first_names=f"Kid{number:02}", last_name="Sought")
        query = query_of(client, ROLL, "sought")
        first = client.get(ROLL + query)
        second = client.get(ROLL + first.context["pages"].next)
        assert [len(page.context["pages"].rows) for page in (first, second)] == [25, 5]
        shown = [child.name for page in (first, second) for child in page.context["pages"].rows]
        assert first.context["csv_href"] == FILE + query
        assert [row[2] for row in rows_of(client.get(first.context["csv_href"]))[1:]] == shown

    def test_the_file_of_a_search_that_is_gone_or_named_in_the_address_is_empty(self, client, people):
        files = [rows_of(client.get(f"{FILE}{query}")) for query in ("?search=0123abcd", "?q=Amy")]
        assert [len(rows) for rows in files] == [1, 1]

    def test_two_searches_side_by_side_do_not_mix(self, client, people):
        amy, bob = query_of(client, ROLL, "Amy"), query_of(client, ROLL, "Bob")
        got = [[child.first_names for child in client.get(ROLL + one).context["pages"].rows] for one in (amy, bob, "")]
        assert got == [["Amy"], ["Bob"], ["Amy", "Bob"]]

    def test_the_oldest_of_many_searches_is_forgotten(self, client, people):
        first = query_of(client, ROLL, "Amy")
        for number in range(50):
            query_of(client, ROLL, f"Nobody {number}")
        assert GONE in client.get(ROLL + first).content.decode()
        assert len(client.session["searches"]) == 50

    def test_sending_the_form_shows_nobody_and_so_logs_nobody(self, client, people):
        query_of(client, ROLL, "Amy")
        assert not AccessLog.objects.exclude(child_ids=[]).exists()


class TestPagesOfOneChild:
    def test_their_titles_hold_the_councils_id_and_no_name(self, client, people):
        pages = [people.amy.get_absolute_url(), reverse("attendance:child", args=[people.amy.uuid])]
        titles = [title_of(client.get(url)) for url in pages]
        assert [(people.amy.child_id in title, "Amy" in title, "Madeup" in title) for title in titles] == [
            (True, False, False)
        ] * 2
