"""The link by which a password is chosen: invited people, forgotten passwords, and strangers who try addresses."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import UserFactory
from virtualschool.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-pass-phrase"
RESET = reverse("account_reset_password")
INVITE = reverse("accounts:invite")


@pytest.fixture
def person() -> User:
    made = UserFactory(email="pat@council.example", name="Pat Person")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def invited(client, mailoutbox) -> User:
    """Invited through the page; the administrator has signed out again."""
    client.force_login(UserFactory(administrator=True))
    answer = client.post(INVITE, {"name": "Nia New", "email": "nia@council.example", "role": "iro"})
    assert answer.status_code == 302
    client.logout()
    return User.objects.get(email="nia@council.example")


def link_in(mail) -> str:
    """The path of the link in a mail."""
    return next(line for line in mail.body.splitlines() if "/password/reset/key/" in line).split("testserver", 1)[1]


def follow(client, link: str, password: str = PASSWORD) -> int:
    """Open the link and choose a password; the status of the last answer: 302 when it worked."""
    opened = client.get(link)
    if opened.status_code != 302:
        return opened.status_code
    return client.post(opened.url, {"password1": password, "password2": password}).status_code


def ask(client, email: str):
    """Ask for a link from outside, and wait for the mail to be on its way."""
    answer = client.post(RESET, {"email": email})
    for thread in threading.enumerate():
        if thread.name == "account-mail":
            thread.join()
    return answer


class TestInvitation:
    def test_the_mail_names_the_person_their_role_and_no_child(self, invited, mailoutbox):
        mail = mailoutbox[0]
        assert (mail.to, mail.subject) == (["nia@council.example"], "Your account in the Virtual School service")
        assert "Hello Nia New," in mail.body
        assert "as Independent Reviewing Officer" in mail.body

    def test_the_link_chooses_a_password_and_then_one_signs_in(self, client, invited, mailoutbox):
        assert follow(client, link_in(mailoutbox[0])) == 302
        sent = {"login": invited.email, "password": PASSWORD}
        assert client.post(reverse("account_login"), sent).url == "/"
        assert client.get("/you/").status_code == 200

    def test_it_signs_nobody_in_by_itself(self, client, invited, mailoutbox):
        follow(client, link_in(mailoutbox[0]))
        assert client.get("/you/").status_code == 302

    def test_it_works_once(self, client, invited, mailoutbox):
        link = link_in(mailoutbox[0])
        follow(client, link)
        answer = Client().get(link)
        assert (answer.status_code, "This link does not work" in answer.content.decode()) == (200, True)

    def test_the_key_leaves_the_address_before_anything_is_shown(self, client, invited, mailoutbox):
        link = link_in(mailoutbox[0])
        assert client.get(link).url.endswith("-set-password/")

    @pytest.mark.parametrize(("days", "works"), [(7, 302), (8, 200)])
    def test_it_waits_a_week(self, client, invited, mailoutbox, clock, days, works):
        clock.shift(timedelta(days=days))
        assert follow(client, link_in(mailoutbox[0])) == works

    def test_it_dies_when_the_account_is_closed(self, client, invited, mailoutbox):
        User.objects.filter(pk=invited.pk).update(is_active=False)
        assert follow(client, link_in(mailoutbox[0])) == 200

    @pytest.mark.parametrize("bad", ["fourteen-signs", "nia@council.example", "123456789012345"])
    def test_a_password_is_long_and_not_easily_guessed(self, client, invited, mailoutbox, bad):
        assert follow(client, link_in(mailoutbox[0]), bad) == 200
        assert User.objects.get(pk=invited.pk).has_usable_password() is False

    def test_when_the_mail_server_does_not_take_it_the_page_says_so_and_it_is_sent_again(
        self, client, monkeypatch, mailoutbox
    ):
        client.force_login(UserFactory(administrator=True))

        def away(self, messages):
            raise smtplib.SMTPServerDisconnected

        with monkeypatch.context() as patch:
            patch.setattr(EmailBackend, "send_messages", away)
            answer = client.post(INVITE, {"name": "Nia", "email": "nia@council.example", "role": "iro"}, follow=True)
        assert "The mail server did not take the mail." in answer.content.decode()
        made = User.objects.get(email="nia@council.example")
        client.post(reverse("accounts:send_link", args=[made.uuid]))
        assert follow(Client(), link_in(mailoutbox[0])) == 302

    def test_a_closed_account_is_mailed_nothing(self, client, mailoutbox):
        client.force_login(UserFactory(administrator=True))
        path = reverse("accounts:send_link", args=[UserFactory(deactivated=True).uuid])
        assert (client.post(path).status_code, mailoutbox) == (403, [])

    def test_a_form_that_does_not_fit_makes_nobody(self, client, mailoutbox):
        client.force_login(UserFactory(administrator=True))
        UserFactory(email="taken@council.example")
        before = User.objects.count()
        for wrong in ({"email": "TAKEN@council.example"}, {"email": "no address"}, {"name": ""}, {"role": ""}):
            sent = {"name": "Nia", "email": "nia@council.example", "role": "iro", **wrong}
            assert client.post(INVITE, sent).status_code == 200
        assert (User.objects.count(), mailoutbox) == (before, [])


class TestForgottenPassword:
    def test_a_link_that_works_once(self, client, person, mailoutbox):
        assert ask(client, "PAT@council.example").status_code == 302
        assert mailoutbox[0].subject == "Choose a new password"
        link = link_in(mailoutbox[0])
        assert [follow(Client(), link, "another-long-pass-phrase"), follow(Client(), link, "a-third-pass-phrase")] == [
            302,
            200,
        ]
        assert User.objects.get(pk=person.pk).check_password("another-long-pass-phrase")

    def test_sessions_of_the_old_password_end(self, client, person, mailoutbox):
        client.force_login(person)
        ask(Client(), person.email)
        follow(Client(), link_in(mailoutbox[0]), "another-long-pass-phrase")
        assert client.get("/you/").status_code == 302

    @pytest.mark.parametrize(("minutes", "works"), [(30, 302), (31, 200)])
    def test_it_lasts_half_an_hour(self, client, person, mailoutbox, clock, minutes, works):
        ask(client, person.email)
        clock.shift(timedelta(minutes=minutes))
        assert follow(client, link_in(mailoutbox[0]), "another-long-pass-phrase") == works

    def test_also_over_the_night_when_clocks_go_back(self, client, person, mailoutbox, clock):
        clock.move_to("2026-10-25T00:50:00+00:00")  # ten minutes before two o'clock becomes one again
        ask(client, person.email)
        clock.shift(timedelta(minutes=31))
        assert follow(client, link_in(mailoutbox[0]), "another-long-pass-phrase") == 200

    @pytest.mark.parametrize("email", ["nobody@council.example", "closed@council.example"])
    def test_an_address_without_an_open_account_gets_the_same_page_and_no_mail(self, client, person, mailoutbox, email):
        UserFactory(email="closed@council.example", deactivated=True)
        known, other = ask(client, person.email), ask(Client(), email)
        assert (known.status_code, known.url) == (other.status_code, other.url)
        pages = [Client().get(answer.url).content.replace(b" ", b"") for answer in (known, other)]
        assert (pages[0] == pages[1], [mail.to for mail in mailoutbox]) == (True, [[person.email]])

    def test_the_answer_does_not_wait_for_the_mail_server(self, client, person, monkeypatch, mailoutbox):
        let_go, real = threading.Event(), EmailBackend.send_messages

        def slow(self, messages):
            let_go.wait(10)
            return real(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", slow)
        answer = client.post(RESET, {"email": person.email})
        assert (answer.status_code, mailoutbox) == (302, [])
        let_go.set()
        [thread.join() for thread in threading.enumerate() if thread.name == "account-mail"]
        assert len(mailoutbox) == 1

    def test_a_mail_server_that_is_away_is_nobodys_business(self, client, person, monkeypatch, caplog):
        def away(self, messages):
            raise ConnectionRefusedError

        monkeypatch.setattr(EmailBackend, "send_messages", away)
        assert ask(client, person.email).status_code == 302
        assert [record.getMessage() for record in caplog.records] == [
            "The mail server did not take a mail about an account"
        ]

    @pytest.mark.parametrize("key", ["1-set-password", "zzz-abc-def", "0-0-0", "1-abc-" + "f" * 39])
    def test_made_up_links_do_not_work(self, client, person, key):
        answer = client.get(f"/accounts/password/reset/key/{key}/")
        assert (answer.status_code, "This link does not work" in answer.content.decode()) == (200, True)
