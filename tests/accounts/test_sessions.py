"""Signing in, how long a session lasts, what ends it, and the second step that everybody takes outside demo mode."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import UserFactory
from virtualschool.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-pass-phrase"
LOGIN = reverse("account_login")


@pytest.fixture
def person() -> User:
    made = UserFactory(email="pat@council.example")
    made.set_password(PASSWORD)
    made.save()
    return made


def sign_in(client, person: User, password: str = PASSWORD, **more):
    return client.post(LOGIN, {"login": person.email, "password": password, **more})


def is_in(client) -> bool:
    return client.get("/you/").status_code == 200


def wrong_words(client, email: str, password: str) -> list[str]:
    return client.post(LOGIN, {"login": email, "password": password}).context["form"].non_field_errors()


class TestSigningIn:
    def test_a_person_signs_in_with_the_address_in_any_case(self, client, person):
        answer = client.post(LOGIN, {"login": person.email.upper(), "password": PASSWORD})
        assert (answer.status_code, answer.url, get_user(client).pk) == (302, "/", person.pk)

    def test_the_session_gets_a_new_id_and_a_given_one_is_worth_nothing(self, client, person):
        client.get(LOGIN)
        client.cookies["sessionid"] = "a" * 32
        sign_in(client, person)
        assert client.cookies["sessionid"].value != "a" * 32
        assert Session.objects.filter(session_key="a" * 32).count() == 0

    def test_an_unknown_address_a_wrong_password_and_an_invitation_not_taken_up_get_the_same_words(
        self, client, person
    ):
        invited = UserFactory(email="invited@council.example", password="!unusable")
        words = {
            tuple(wrong_words(client, email, "not-the-password"))
            for email in (person.email, invited.email, "nobody@council.example")
        }
        assert len(words) == 1

    def test_a_closed_account_does_not_come_in(self, client, person):
        person.is_active = False
        person.save()
        assert sign_in(client, person).url == reverse("account_inactive")
        assert not is_in(client)
        assert wrong_words(client, person.email, "not-the-password") == wrong_words(client, "nobody@x.example", "no")

    def test_nobody_signs_up(self, client):
        assert [client.get("/accounts/signup/").status_code, client.post("/accounts/signup/").status_code] == [404, 405]

    def test_too_many_wrong_passwords_for_one_account_are_stopped(self, client, person, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,3/5m/key"}
        for _ in range(3):
            sign_in(client, person, "not-the-password")
        assert "Too many failed login attempts" in sign_in(client, person).content.decode()
        assert not is_in(client)

    @pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
    def test_it_never_leads_away(self, client, person, there):
        assert sign_in(client, person, next=there).url == "/"

    def test_the_page_that_was_asked_for_comes_after(self, client, person):
        asked = "/children/?q=Amy+A&year=5"
        answer = client.get(asked)
        assert answer.status_code == 302
        following = client.get(answer.url).context["redirect_field_value"]
        assert (following, sign_in(client, person, next=following).url) == (asked, asked)


class TestMadeUpPeople:
    @pytest.fixture
    def demo(self, person) -> User:
        User.objects.filter(pk=person.pk).update(is_demo=True)
        return User.objects.get(pk=person.pk)

    def test_they_come_in_while_this_is_a_demo(self, client, demo):
        sign_in(client, demo)
        assert is_in(client)

    def test_outside_a_demo_they_get_the_words_of_a_wrong_password(self, client, demo, settings):
        settings.DEMO_MODE = False
        assert wrong_words(client, demo.email, PASSWORD) == wrong_words(client, "nobody@x.example", PASSWORD)
        assert not is_in(client)

    def test_a_session_of_theirs_ends_with_the_demo(self, client, demo, settings):
        sign_in(client, demo)
        settings.DEMO_MODE = False
        assert client.get("/you/").url == f"{LOGIN}?next=%2Fyou%2F"


class TestLimits:
    @pytest.mark.parametrize(("minutes", "still_in"), [(30, True), (31, False)])
    def test_idle_for_half_an_hour(self, client, person, clock, minutes, still_in):
        sign_in(client, person)
        assert is_in(client)
        clock.shift(timedelta(minutes=minutes))
        assert is_in(client) is still_in

    def test_at_work_for_twelve_hours(self, client, person, clock):
        sign_in(client, person)
        assert is_in(client)
        for _ in range(24):
            clock.shift(timedelta(minutes=29, seconds=59))
            assert is_in(client)
        clock.shift(timedelta(minutes=1))
        assert not is_in(client)

    def test_the_words_and_the_way_back_to_the_page_with_its_filter(self, client, person, clock):
        sign_in(client, person)
        client.get("/you/")
        clock.shift(timedelta(minutes=31))
        answer = client.get("/children/?q=A%26next=//elsewhere.example", follow=True)
        assert answer.redirect_chain[0][0] == f"{LOGIN}?next=%2Fchildren%2F%3Fq%3DA%2526next%3D%2F%2Felsewhere.example"
        assert "You were signed out because you were away for a while." in answer.content.decode()
        assert answer.context["redirect_field_value"] == "/children/?q=A%26next=//elsewhere.example"

    def test_what_was_sent_with_a_form_is_not_sent_again(self, client, person, clock):
        sign_in(client, person)
        client.get("/you/")
        clock.shift(timedelta(minutes=31))
        assert client.post("/accounts/password/change/", {"oldpassword": "x"}).url == LOGIN

    def test_an_address_of_another_host_leads_nobody_away(self, client, person, clock):
        sign_in(client, person)
        client.get("/you/")
        clock.shift(timedelta(minutes=31))
        answer = client.get("/", PATH_INFO="//elsewhere.example/")
        following = client.get(answer.url).context.get("redirect_field_value")
        assert sign_in(client, person, next=following or "").url == "/"

    def test_the_moment_is_written_once_a_minute_at_most(self, client, person, clock):
        sign_in(client, person)
        client.get("/you/")
        first = client.session["seen_at"]
        clock.shift(timedelta(seconds=59))
        client.get("/you/")
        assert client.session["seen_at"] == first
        clock.shift(timedelta(seconds=2))
        client.get("/you/")
        assert client.session["seen_at"] > first


class TestStolenCookie:
    """A copy of the cookie is worth nothing once the session has ended, whatever ended it."""

    @pytest.fixture
    def thief(self, client, person) -> Client:
        sign_in(client, person)
        copy = Client()
        copy.cookies["sessionid"] = client.cookies["sessionid"].value
        assert is_in(copy)
        return copy

    def test_after_signing_out(self, client, thief):
        client.post(reverse("account_logout"))
        assert not is_in(thief)

    @pytest.mark.parametrize(
        "change", [{"is_active": False}, {"role": "vsh"}, {"is_administrator": True}], ids=["closed", "role", "rights"]
    )
    def test_after_the_account_changed(self, person, thief, change):
        User.objects.filter(pk=person.pk).update(**change)
        assert not is_in(thief)

    def test_after_a_change_of_password_the_one_who_changed_it_stays(self, client, person, thief):
        new = "another-long-pass-phrase"
        sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
        assert client.post(reverse("account_change_password"), sent).status_code == 302
        assert (is_in(client), is_in(thief)) == (True, False)

    def test_no_page_is_kept_for_the_back_button(self, client, thief):
        headers = client.get("/you/").headers
        assert "no-store" in headers["Cache-Control"]


class TestSecondStep:
    @pytest.fixture(autouse=True)
    def real(self, settings):
        settings.DEMO_MODE = False

    SET_UP = reverse("mfa_activate_totp")

    @pytest.mark.parametrize("path", ["/", "/you/", "/children/", "/accounts/password/change/", "/nowhere/"])
    def test_nobody_goes_on_without_one(self, client, person, path):
        client.force_login(person)
        answer = client.get(path)
        assert answer.status_code == 404 if path == "/nowhere/" else answer.url == self.SET_UP

    def test_nor_does_a_form(self, client, person):
        client.force_login(person)
        assert client.post("/people/invite/", {"name": "Nia"}).url == self.SET_UP

    def test_signing_out_stays_open(self, client, person):
        sign_in(client, person)
        assert client.post(reverse("account_logout")).url == "/"

    def test_who_sets_it_up_proves_the_password_first_and_again_after_a_while(self, client, person, clock):
        sign_in(client, person)
        asked = client.get(self.SET_UP).url
        assert asked.split("?")[0] == reverse("account_reauthenticate")
        assert client.get(asked).status_code == 200
        assert client.post(asked, {"password": "wrong"}).status_code == 200
        assert client.post(asked, {"password": PASSWORD}).url == self.SET_UP
        assert client.get(self.SET_UP).status_code == 200
        clock.shift(timedelta(minutes=6))
        assert client.get(self.SET_UP).url == asked

    def test_with_one_the_service_is_open_after_it_only(self, client, person):
        TOTP.activate(person, generate_totp_secret())
        assert sign_in(client, person).url == reverse("mfa_authenticate")
        assert not is_in(client)
        client.force_login(person)
        assert is_in(client)
        assert Authenticator.objects.get(user=person).type == "totp"

    def test_a_demo_asks_for_none(self, client, person, settings):
        settings.DEMO_MODE = True
        sign_in(client, person)
        assert is_in(client)


class TestWithoutRedis:
    @pytest.fixture(autouse=True)
    def redis_away(self, settings):
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
        cache.clear()

    def test_people_sign_in(self, client, person):
        assert sign_in(client, person).status_code == 302
        assert is_in(client)

    def test_wrong_passwords_are_still_limited(self, client, person, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/m/key"}
        for _ in range(3):
            answer = sign_in(client, person, "not-the-pass-phrase-at-all")
        assert answer.status_code == 200
        assert "Too many" in answer.context["form"].non_field_errors()[0]
        assert not is_in(client)
