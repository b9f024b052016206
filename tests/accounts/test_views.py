"""The pages that keep accounts: who gets each, what a form answers, and what is in the access log."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from tests import personas
from tests.factories.accounts import CoverFactory, MembershipFactory, OrganisationFactory, UserFactory
from virtualschool.accounts import urls
from virtualschool.accounts.models import Cover, Membership, User
from virtualschool.accounts.roles import ROLES
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
REGISTER = frozenset({"vsh", "coordinator", "data"})
EVERYBODY = frozenset(ROLES)

OF_EVERYBODY = {"people": (), "invite": ()}
OF_A_PERSON = ("person", "role", "deactivate", "join", "cover_for")
POSTED = ("administrator", "reactivate", "send_link")


@pytest.fixture
def people() -> dict[str, User]:
    return {role: UserFactory(role=role, name=personas.NAMES[role]) for role in ROLES}


@pytest.fixture
def admin(client) -> User:
    """The signed-in administrator, whose role has nothing to do with it."""
    person = UserFactory(role="sen", administrator=True, name="Addie Administrator")
    client.force_login(person)
    return person


def url(name: str, *about) -> str:
    return reverse(f"accounts:{name}", args=[one.uuid for one in about])


def on(day, name: str = "start") -> dict[str, int]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def status(client, user, path, method="get") -> int:
    client.force_login(user)
    return getattr(client, method)(path).status_code


def test_every_page_is_tested_here():
    tested = {
        *OF_EVERYBODY,
        *OF_A_PERSON,
        *POSTED,
        "cover",
        "end_cover",
        "teachers",
        "teacher",
        "teacher_leaves",
        "leave",
        "organisations",  # these two in test_organisations
        "add_organisation",
    }
    assert {pattern.name for pattern in urls.urlpatterns} == tested


class TestWhoGetsWhat:
    @pytest.mark.parametrize("name", OF_EVERYBODY)
    def test_accounts_are_for_administrators_whatever_their_role(self, client, people, name):
        assert {status(client, person, url(name)) for person in people.values()} == {403}
        User.objects.update(is_administrator=True)
        assert {status(client, User.objects.get(pk=one.pk), url(name)) for one in people.values()} == {200}

    @pytest.mark.parametrize("name", OF_A_PERSON)
    def test_somebody_elses_account_does_not_exist_for_others(self, client, people, name):
        other = UserFactory()
        assert {status(client, person, url(name, other)) for person in people.values()} == {404}

    @pytest.mark.parametrize("name", POSTED)
    def test_nor_can_it_be_changed(self, client, people, name):
        other = UserFactory()
        assert {status(client, person, url(name, other), "post") for person in people.values()} == {404}

    @pytest.mark.parametrize("name", POSTED)
    def test_what_changes_something_is_no_link(self, client, admin, name):
        assert client.get(url(name, UserFactory())).status_code == 405

    def test_ones_own_account_is_kept_by_others_but_cover_is_ones_own(self, client, people):
        got = {name: {status(client, person, url(name, person)) for person in people.values()} for name in OF_A_PERSON}
        assert got == dict.fromkeys(OF_A_PERSON, {403}) | {"cover_for": {200}}

    def test_everybody_sees_their_own_cover(self, client, people):
        assert {status(client, person, url("cover")) for person in people.values()} == {200}

    def test_the_register_is_the_virtual_schools(self, client, people):
        place = MembershipFactory(organisation=OrganisationFactory(of_school=True), designated=True)
        school = place.organisation
        for path in (url("teachers"), url("teacher", school), url("teacher_leaves", school)):
            got = {role: status(client, person, path) for role, person in people.items()}
            assert got == dict.fromkeys(EVERYBODY, 403) | dict.fromkeys(REGISTER, 200)

    def test_a_team_is_in_no_register(self, client, people):
        assert status(client, people["vsh"], url("teacher", OrganisationFactory())) == 403

    def test_a_place_in_a_team_is_ended_by_administrators(self, client, people, admin):
        place = MembershipFactory()
        path = url("leave", place.user, place.organisation)
        assert client.get(path).status_code == 200
        assert {status(client, person, path) for person in people.values()} == {404}

    def test_a_place_that_is_over_or_never_was_is_not_ended(self, client, admin):
        over = MembershipFactory(end=today())
        assert client.get(url("leave", over.user, over.organisation)).status_code == 404
        assert client.get(url("leave", over.user, OrganisationFactory())).status_code == 404

    def test_a_cover_of_others_does_not_exist(self, client, people):
        cover = CoverFactory(user=UserFactory(role="iro"))
        assert {status(client, person, url("end_cover", cover), "post") for person in people.values()} == {404}

    @pytest.mark.parametrize("path", ["people", "invite", "cover", "teachers"])
    def test_nobody_gets_a_page_without_signing_in(self, client, path):
        answer = client.get(url(path))
        assert (answer.status_code, answer.url) == (302, f"{reverse('account_login')}?next={url(path)}")


class TestPeople:
    def test_the_list_and_its_filters(self, client, admin):
        UserFactory(name="Ola Open", email="ola@one.example", role="iro")
        UserFactory(name="Cleo Closed", email="cleo@two.example", role="iro", deactivated=True)

        def names(query: str) -> list[str]:
            table = client.get(f"{url('people')}?{query}").context["table"]
            return [row[0].cell.text for row in table.rows]

        assert names("") == ["Addie Administrator", "Cleo Closed", "Ola Open"]
        assert (names("q=OLA"), names("q=two.example")) == (["Ola Open"], ["Cleo Closed"])
        assert (names("role=iro"), names("role=vsh")) == (["Cleo Closed", "Ola Open"], [])
        assert (names("open=yes&role=iro"), names("open=no")) == (["Ola Open"], ["Cleo Closed"])
        assert names("role=nonsense&q=%25") == []

    @pytest.mark.parametrize("number", [1, 24])
    def test_it_asks_the_same_of_the_database_for_one_and_for_many(
        self, client, admin, number, django_assert_num_queries
    ):
        UserFactory.create_batch(number)
        client.get(url("people"))
        with django_assert_num_queries(9):
            assert len(client.get(url("people")).context["table"].rows) == number + 1

    def test_one_person_with_what_can_be_done(self, client, admin):
        person = UserFactory(role="support", phases=["P", "S"], telephone="0123", name="Sue")
        MembershipFactory(user=person, organisation=OrganisationFactory(name="North team"), managing=True)
        CoverFactory(user=person, covered_by=UserFactory(role="support", name="Stan Stand-in"))
        answer = client.get(url("person", person))
        offered = [action["text"] for action in answer.context["actions"]]
        assert offered == [
            "Change the role",
            "Add to a team or service",
            "Arrange cover",
            "Send the password link",
            "Make an administrator",
            "Close the account",
            "End the cover by Stan Stand-in",
        ]
        html = answer.content.decode()
        assert [words in html for words in ("primary, secondary", "0123", "North team", "Manager")] == [True] * 4

    def test_on_ones_own_page_nothing_is_offered_that_would_be_refused(self, client, admin):
        assert client.get(url("person", admin)).context["actions"] == []

    def test_a_closed_account_is_opened_and_nothing_else(self, client, admin):
        offered = client.get(url("person", UserFactory(deactivated=True))).context["actions"]
        assert [action["text"] for action in offered] == ["Open the account again"]

    def test_what_is_offered_is_there(self, client, admin):
        person = UserFactory()
        MembershipFactory(user=person)
        context = client.get(url("person", person)).context
        links = [action["href"] for action in context["actions"] if "href" in action]
        links += [action["href"] for row in context["memberships"] for action in row["actions"]]
        assert [client.get(link).status_code for link in links] == [200] * 5

    def test_a_place_at_a_school_is_ended_in_the_register(self, client, admin):
        place = MembershipFactory(organisation=OrganisationFactory(of_school=True))
        rows = client.get(url("person", place.user)).context["memberships"]
        assert rows[0]["actions"] == []
        assert client.get(url("leave", place.user, place.organisation)).status_code == 403

    def test_another_role(self, client, admin):
        person = UserFactory(role="ala")
        answer = client.post(url("role", person), {"role": "support", "phases": ["E", "16"]})
        assert (answer.status_code, answer.url) == (302, url("person", person))
        person.refresh_from_db()
        assert (person.role, person.phases) == ("support", ["E", "16"])
        assert said(answer) == [f"{person.name} is a PEP support officer now and must sign in again."]

    def test_a_support_officer_needs_a_phase(self, client, admin):
        person = UserFactory(role="ala")
        answer = client.post(url("role", person), {"role": "support"})
        assert answer.context["form"].errors == {"phases": ["Select at least one phase"]}
        assert User.objects.get(pk=person.pk).role == "ala"

    @pytest.mark.parametrize("sent", [{}, {"role": "superuser"}])
    def test_only_the_twelve_roles(self, client, admin, sent):
        answer = client.post(url("role", UserFactory()), sent)
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["role"])

    def test_rights_given_and_taken(self, client, admin):
        person = UserFactory(name="Pat")
        first = client.post(url("administrator", person))
        second = client.post(url("administrator", person))
        assert [*said(first), *said(second)][-1] == "Pat is no longer an account administrator."
        assert User.objects.get(pk=person.pk).is_administrator is False

    def test_closing_needs_a_reason(self, client, admin):
        person = UserFactory()
        answer = client.post(url("deactivate", person), {"why": " "})
        assert list(answer.context["form"].errors) == ["why"]
        client.post(url("deactivate", person), {"why": "Has left"})
        assert User.objects.get(pk=person.pk).is_active is False

    def test_closing_twice_is_a_conflict_and_no_error(self, client, admin):
        person = UserFactory(deactivated=True)
        assert client.post(url("deactivate", person), {"why": "Has left"}).status_code == 409

    def test_opening_again(self, client, admin):
        person = UserFactory(deactivated=True)
        client.post(url("reactivate", person))
        assert User.objects.get(pk=person.pk).is_active is True
        assert client.post(url("reactivate", person)).status_code == 409

    def test_into_a_team(self, client, admin):
        person, team = UserFactory(), OrganisationFactory(name="North team")
        answer = client.post(url("join", person), {"organisation": team.pk, **on(today())})
        assert said(answer) == [f"{person.name} belongs to North team."]
        again = client.post(url("join", person), {"organisation": team.pk, **on(today())})
        assert "already belongs to it" in again.content.decode()
        assert person.memberships.count() == 1

    def test_a_school_is_no_choice_there(self, client, admin):
        school = OrganisationFactory(of_school=True)
        answer = client.post(url("join", UserFactory()), {"organisation": school.pk, **on(today())})
        assert list(answer.context["form"].errors) == ["organisation"]

    def test_a_closed_account_joins_nothing(self, client, admin):
        assert client.get(url("join", UserFactory(deactivated=True))).status_code == 403

    def test_out_of_a_team(self, client, admin):
        place = MembershipFactory(start=today() - DAY)
        path = url("leave", place.user, place.organisation)
        backwards = client.post(path, on(today() - 5 * DAY, "end"))
        assert "must not be before the start" in backwards.content.decode()
        assert client.post(path, on(today(), "end")).url == url("person", place.user)
        assert Membership.objects.get(pk=place.pk).end == today()


class TestCoverPages:
    def sent(self, colleague, **changes):
        start, end = today() + DAY, today() + 8 * DAY
        return {"email": colleague.email.upper(), **on(start), **on(end, "end"), "reason": "Leave", **changes}

    def test_a_person_arranges_and_ends_it(self, client):
        person, colleague = UserFactory(role="iro"), UserFactory(role="iro", name="Cora Colleague")
        client.force_login(person)
        answer = client.post(url("cover_for", person), self.sent(colleague))
        assert (answer.status_code, answer.url) == (302, url("cover"))
        cover = Cover.objects.get()
        page = client.get(url("cover"))
        assert [row["name"] for row in page.context["mine"]] == ["Cora Colleague"]
        assert client.post(page.context["mine"][0]["end_href"]).url == url("cover")
        assert Cover.objects.get(pk=cover.pk).end == cover.start

    def test_the_colleague_sees_it_and_may_hand_it_back(self, client):
        cover = CoverFactory()
        client.force_login(cover.covered_by)
        page = client.get(url("cover"))
        assert ([row["name"] for row in page.context["theirs"]], page.context["mine"]) == ([cover.user.name], [])
        client.post(page.context["theirs"][0]["end_href"])
        assert Cover.objects.get(pk=cover.pk).end == today()

    def test_an_administrator_comes_back_to_the_person(self, client, admin):
        cover = CoverFactory()
        assert client.post(url("end_cover", cover)).url == url("person", cover.user)

    @pytest.mark.parametrize(
        ("colleague", "changes", "field"),
        [
            ({"role": "vsh"}, {}, "email"),
            ({"role": "iro", "deactivated": True}, {}, "email"),
            ({"role": "iro"}, {"email": "nobody@council.example"}, "email"),
            ({"role": "iro"}, {"end-year": "2025"}, "end"),
            ({"role": "iro"}, {"start-day": "31", "start-month": "2"}, "start"),
            ({"role": "iro"}, {"reason": ""}, "reason"),
        ],
    )
    def test_what_does_not_fit_is_told_on_the_form(self, client, colleague, changes, field):
        person = UserFactory(role="iro")
        client.force_login(person)
        answer = client.post(url("cover_for", person), self.sent(UserFactory(**colleague), **changes))
        assert (answer.status_code, field in answer.context["form"].errors) == (200, True)
        assert not Cover.objects.exists()

    def test_not_by_oneself(self, client):
        person = UserFactory(role="iro")
        client.force_login(person)
        answer = client.post(url("cover_for", person), self.sent(person))
        assert answer.context["form"].errors["email"] == ["Somebody else covers."]

    def test_one_at_a_time_is_told_on_the_form(self, client):
        person = UserFactory(role="iro")
        CoverFactory(user=person, end=today() + 30 * DAY)
        client.force_login(person)
        answer = client.post(url("cover_for", person), self.sent(UserFactory(role="iro")))
        assert "Somebody already covers for this person" in answer.content.decode()


class TestRegister:
    @pytest.fixture
    def school(self, client):
        client.force_login(UserFactory(role="data"))
        return OrganisationFactory(of_school=True, name="Hill School", code="123456")

    def sent(self, email, **changes):
        return {"deputy": "no", "email": email, "name": "", **on(today()), **changes}

    def test_each_school_with_its_people_of_today(self, client, school):
        MembershipFactory(organisation=school, designated=True, user=UserFactory(name="Lena Lead"))
        MembershipFactory(organisation=school, deputy=True, user=UserFactory(name="Dee Deputy"))
        MembershipFactory(organisation=school, deputy=True, user=UserFactory(name="Gone"), end=today())
        OrganisationFactory(of_school=True, name="Vale School")
        rows = client.get(url("teachers")).context["table"].rows
        assert [[drawn.cell.text for drawn in row] for row in rows] == [
            ["Hill School", "Lena Lead", "Dee Deputy"],
            ["Vale School", "", "–"],
        ]
        assert rows[1][1].cell.tag == {"text": "None", "status": "missing"}

    def test_its_filters(self, client, school):
        OrganisationFactory(of_school=True, name="Vale School", code="654321")
        MembershipFactory(organisation=school, designated=True)

        def names(query):
            return [row[0].cell.text for row in client.get(f"{url('teachers')}?{query}").context["table"].rows]

        assert (names("q=vale"), names("q=123456"), names("teacher=none")) == (
            ["Vale School"],
            ["Hill School"],
            ["Vale School"],
        )

    @pytest.mark.parametrize("number", [1, 24])
    def test_it_asks_the_same_of_the_database_for_one_and_for_many(
        self, client, school, number, django_assert_num_queries
    ):
        for _ in range(number):
            MembershipFactory(organisation=OrganisationFactory(of_school=True), designated=True)
        client.get(url("teachers"))
        with django_assert_num_queries(10):
            assert len(client.get(url("teachers")).context["table"].rows) == number + 1

    def test_somebody_with_an_account_follows(self, client, school):
        MembershipFactory(organisation=school, designated=True)
        person = UserFactory(role="teacher", name="Sol Successor", email="sol@hill.example")
        answer = client.post(url("teacher", school), self.sent("SOL@hill.example"))
        assert (answer.url, said(answer)) == (
            url("teachers"),
            ["Sol Successor is designated teacher of Hill School from 10 November 2026."],
        )
        assert [row.user for row in school.memberships.current()] == [person]

    def test_somebody_without_one_is_invited(self, client, school, mailoutbox):
        answer = client.post(url("teacher", school), self.sent("new@hill.example", name="Nia New", deputy="yes"))
        assert answer.status_code == 302
        person = User.objects.get(email="new@hill.example")
        assert (person.role, person.memberships.get().position) == ("teacher", "deputy")
        assert [mail.to for mail in mailoutbox] == [["new@hill.example"]]

    def test_without_a_name_nobody_is_invited(self, client, school):
        answer = client.post(url("teacher", school), self.sent("new@hill.example"))
        assert list(answer.context["form"].errors) == ["name"]
        assert not User.objects.filter(email="new@hill.example").exists()

    @pytest.mark.parametrize("person", [{"role": "ala"}, {"role": "teacher", "deactivated": True}])
    def test_only_an_open_account_of_a_teacher(self, client, school, person):
        answer = client.post(url("teacher", school), self.sent(UserFactory(**person).email))
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["email"])

    def test_what_the_database_refuses_is_told_and_nobody_is_invited(self, client, school, mailoutbox):
        MembershipFactory(organisation=school, designated=True, start=today() + 9 * DAY)
        answer = client.post(url("teacher", school), self.sent("new@hill.example", name="Nia New"))
        assert "already has a designated teacher in that time" in answer.content.decode()
        assert (User.objects.filter(email="new@hill.example").exists(), mailoutbox) == (False, [])

    def test_somebody_stops_without_a_successor(self, client, school):
        place = MembershipFactory(organisation=school, deputy=True, user=UserFactory(role="teacher", name="Dee Deputy"))
        more = client.get(url("teacher", school)).context["more"]
        path = more[0]["href"]
        assert client.get(path).status_code == 200
        answer = client.post(path, {"who": str(place.user.uuid), **on(today(), "end")})
        assert said(answer) == ["The end of Dee Deputy’s place is recorded."]
        assert client.get(url("teacher", school)).context["more"] == []

    @pytest.mark.parametrize("who", ["", "not-a-uuid", "00000000-0000-4000-8000-000000000000"])
    def test_only_one_of_the_schools_own(self, client, school, who):
        MembershipFactory(organisation=school, deputy=True)
        answer = client.post(url("teacher_leaves", school), {"who": who, **on(today(), "end")})
        assert list(answer.context["form"].errors) == ["who"]


def test_days_are_londons(client, admin):
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # half past midnight in London
    person = UserFactory(invited_at=late, email_bounced_at=late)
    page = client.get(url("person", person)).content.decode()
    assert ("invited on 2 July 2026" in page, "on 2 July 2026" in page, "1 July 2026" in page) == (True, True, False)


def test_what_is_said_stays_out_of_cookies(client, admin):
    answer = client.post(url("administrator", UserFactory(name="Verity Northmere")))
    assert said(answer) == ["Verity Northmere is now an account administrator."]
    assert set(answer.cookies) <= {"sessionid", "csrftoken"}
