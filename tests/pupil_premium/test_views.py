"""Pages of the lines and the books: who sees which, and what a press of a button does."""

import pytest
from django.urls import reverse

from children.models import Child
from pupil_premium import actions, books
from pupil_premium.models import Entry, GrantYear, Release
from pupil_premium.timeline import moments
from tests import personas
from tests.factories.children import EnrolmentFactory
from tests.factories.pupil_premium import GrantYearFactory, ReleaseFactory, agreed_cost, approved_pep
from tests.factories.rulebook import set_rule
from virtualschool.audit.models import AccessLog

pytestmark = pytest.mark.django_db
READ_MONEY = {"vsh", "ala", "socialworker", "manager", "teacher", "data"}
READ_BOOKS = {"vsh", "ala", "data"}


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def line(people):
    """Amy's line at her school, ready for release."""
    return ReleaseFactory(child=people.amy, school=people.school, advocate=people.ala)


def status(client, user, name, *args, method="get", **data):
    client.force_login(user)
    return getattr(client, method)(reverse(f"pupil_premium:{name}", args=args), data).status_code


def text(client, user, name, *args, **data):
    client.force_login(user)
    return client.get(reverse(f"pupil_premium:{name}", args=args), data).content.decode()


class TestWho:
    def test_reads_the_list(self, client, people, line):
        for role, user in people.people.items():
            assert status(client, user, "releases") == (200 if role in READ_MONEY else 403), role

    def test_reads_a_line(self, client, people, line):
        for role, user in people.people.items():
            assert status(client, user, "release", line.uuid) == (200 if role in READ_MONEY else 404), role
        for role, user in people.outsiders.items():
            assert status(client, user, "release", line.uuid) == 404, role

    def test_reads_the_books(self, client, people):
        year = GrantYearFactory(pence=1000)
        entry = year.entries.get()
        for role, user in people.people.items():
            assert status(client, user, "books") == (200 if role in READ_BOOKS else 403), role
            assert status(client, user, "entry", entry.uuid) == (200 if role in READ_BOOKS else 404), role

    def test_enters_the_grant(self, client, people):
        for role, user in people.people.items():
            assert status(client, user, "open_year") == (200 if role == "vsh" else 403), role

    def test_a_designated_teacher_sees_the_lines_of_their_own_school_only(self, client, people, line):
        elsewhere = approved_pep(
            child=people.amy, school=people.other_school, approved_by=people.ala, occasion="term:2025:summer"
        )
        other = ReleaseFactory(
            child=people.amy,
            school=people.other_school,
            pep=elsewhere,
            cost=agreed_cost(elsewhere, by=people.ala, item="Cello lessons"),
            advocate=people.ala,
        )
        shown = text(client, people.teacher, "releases")
        assert ("Maths tutor" in shown, "Cello lessons" in shown) == (True, False)
        assert status(client, people.teacher, "release", other.uuid) == 404
        EnrolmentFactory(child=people.amy, school=people.other_school, kind="subsidiary")
        assert "Cello lessons" in text(client, people.outsiders["teacher"], "releases")

    def test_business_support_reads_no_target(self, client, people, line):
        shown = text(client, people.data, "release", line.uuid)
        assert ("Maths tutor" in shown, "times tables" in shown) == (True, False)
        assert "times tables" in text(client, people.ala, "release", line.uuid)


class TestRelease:
    def test_button_releases_once(self, client, people, line):
        GrantYearFactory(pence=50_000)
        assert "Release to the school" in text(client, people.vsh, "release", line.uuid)
        assert status(client, people.vsh, "pay", line.uuid, method="post") == 302
        assert status(client, people.vsh, "pay", line.uuid, method="post") == 409
        assert books.balances(GrantYear.objects.get())["paid"] == line.amount_pence

    def test_page_says_why_not_and_where_that_is_written(self, client, people, line):
        shown = text(client, people.vsh, "release", line.uuid)
        assert "The grant for 2026-27 has not been entered yet." in shown
        assert "March 2014" in shown

    def test_is_refused_to_readers(self, client, people, line):
        GrantYearFactory(pence=50_000)
        for role in READ_MONEY - {"vsh", "ala"}:
            assert status(client, people[role], "pay", line.uuid, method="post") == 403, role
        assert Release.objects.get().state == "releasable"

    def test_is_not_done_by_looking(self, client, people, line):
        assert status(client, people.vsh, "pay", line.uuid) == 405


class TestBooks:
    def test_a_grant_is_entered_in_pounds(self, client, people):
        set_rule("pp.top_slice", 10)
        client.force_login(people.vsh)
        answer = client.post(reverse("pupil_premium:open_year"), {"year": "2026", "amount": "1234.50"})
        assert answer.status_code == 302
        assert books.balances(GrantYear.objects.get())["reserve"] == 111_105
        shown = text(client, people.vsh, "books")
        assert [amount in shown for amount in ("−£1,234.50", "£1,111.05", "£123.45")] == [True, True, True]
        assert "Trial balance of all years: £0.00" in shown

    @pytest.mark.parametrize("amount", ["", "0", "-5", "1.234", "x"])
    def test_a_bad_amount_is_a_form_error(self, client, people, amount):
        client.force_login(people.vsh)
        answer = client.post(reverse("pupil_premium:open_year"), {"year": "2026", "amount": amount})
        assert (answer.status_code, GrantYear.objects.count()) == (200, 0)
        assert "There is a problem" in answer.content.decode()

    def test_an_entry_is_reversed_with_a_reason(self, client, people, line):
        GrantYearFactory(pence=50_000)
        released = actions.release(release=line, by=people.vsh)
        where = reverse("pupil_premium:reverse", args=[released.entry.uuid])
        client.force_login(people.ala)
        assert client.post(where, {"reason": ""}).status_code == 200
        assert client.post(where, {"reason": "Wrong school"}).status_code == 302
        assert client.post(where, {"reason": "Again"}).status_code == 403
        shown = text(client, people.ala, "entry", released.entry.uuid)
        assert "Reversed by" in shown
        assert Entry.objects.filter(reverses=released.entry).count() == 1

    @pytest.mark.parametrize("year", ["x", "²²²²", "99999999999", "1900", "-1"])
    def test_a_nonsense_year_shows_this_one(self, client, people, year):
        GrantYearFactory(pence=1000)
        assert "2026-27" in text(client, people.ala, "books", year=year)

    def test_before_any_grant_the_books_are_empty(self, client, people):
        assert "No grant is entered yet" in text(client, people.data, "books")


class TestList:
    def test_is_cut_by_state_school_and_term(self, client, people, line):
        for data, there in [
            ({"state": "releasable"}, True),
            ({"state": "released"}, False),
            ({"school": "amy's sch"}, True),
            ({"school": people.school.urn}, True),
            ({"school": "Bob's"}, False),
            ({"term": "2026:autumn"}, True),
            ({"term": "2025:autumn"}, False),
        ]:
            assert ("Maths tutor" in text(client, people.ala, "releases", **data)) == there, data

    def test_asks_as_often_for_one_line_as_for_many(self, client, people, django_assert_num_queries):
        ReleaseFactory(child=people.amy, school=people.school, advocate=people.ala)
        client.force_login(people.ala)
        client.get(reverse("pupil_premium:releases"))
        for more in (0, 20):
            ReleaseFactory.create_batch(more, advocate=people.ala)
            with django_assert_num_queries(LIST_QUERIES):
                client.get(reverse("pupil_premium:releases"))

    def test_logs_the_children_shown(self, client, people, line):
        text(client, people.ala, "releases")
        shown = AccessLog.objects.latest("pk")
        assert (shown.child_ids, shown.fields) == ([people.amy.pk], ["money"])


LIST_QUERIES = 9


def test_timeline_tells_those_who_read_money(people, line, django_assert_num_queries):
    GrantYearFactory(pence=50_000)
    actions.release(release=line, by=people.vsh)
    with django_assert_num_queries(1):
        told = moments(people.amy, user=people.socialworker)
    assert [one.title for one in told] == [
        "Pupil Premium Plus line agreed",
        "Pupil Premium Plus line released to the school",
    ]
    assert told[0].text == "Maths tutor: £100.00, Amy's School"
    assert moments(people.amy, user=people.coordinator) == []
    assert moments(Child.objects.get(pk=people.amy.pk), user=people.outsiders["socialworker"]) == []
