"""Mail: once for each key, one a person a day, nothing lost, nothing about a child."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from tests.factories.accounts import UserFactory
from tests.factories.jobs import MessageFactory
from virtualschool.jobs import outbox
from virtualschool.jobs.enums import MailState
from virtualschool.jobs.models import Message, OutboxHold
from virtualschool.kernel.dates import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def words(monkeypatch):
    monkeypatch.setattr(outbox, "_words", {})
    outbox.register_kind("pep.section", "PEP sections to write")


@pytest.fixture
def broken_server(monkeypatch):
    """A mail server that refuses until told otherwise."""

    def refuse(self, messages):
        raise OSError("connection refused to ann@council.example")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    return monkeypatch


class TestPost:
    def test_twice_is_once(self):
        user = UserFactory()
        assert [outbox.post(key="k", to=user, kind="x"), outbox.post(key="k", to=user, kind="x")] == [True, False]
        assert Message.objects.count() == 1

    def test_many_of_a_kind_each_once(self, django_assert_num_queries):
        ann, ben = UserFactory(), UserFactory()
        outbox.post(key="a", to=ann, kind="x")
        with django_assert_num_queries(2):
            assert outbox.post_many({"a": ben, "b": ben, "c": ann}, kind="x") == 2
        assert dict(Message.objects.values_list("key", "to")) == {"a": ann.pk, "b": ben.pk, "c": ann.pk}

    def test_only_the_urgent_rings(self, bell, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            outbox.post(key="a", to=UserFactory(), kind="x")
        assert bell == []
        with django_capture_on_commit_callbacks(execute=True):
            outbox.post(key="b", to=UserFactory(), kind="x", urgent=True)
        assert bell == ["send_mail"]


class TestSend:
    def test_all_that_waits_is_one_tidy_mail(self, words):
        user = UserFactory(email="ann@council.example")
        MessageFactory.create_batch(2, to=user, kind="pep.section")
        MessageFactory(to=user, kind="other")
        assert outbox.send_due() == 1
        [sent] = mail.outbox
        assert (sent.subject, sent.to) == ("Something waits for you in the Virtual School", ["ann@council.example"])
        assert "- PEP sections to write: 2\n- things that wait for you: 1\n" in sent.body
        assert set(Message.objects.values_list("state", flat=True)) == {MailState.SENT}
        assert outbox.send_due() == 0

    def test_one_a_person_a_day(self, clock):
        user = UserFactory()
        MessageFactory(to=user)
        assert outbox.send_due() == 1
        MessageFactory(to=user)
        assert outbox.send_due() == 0
        clock.shift(24 * 3600)
        assert outbox.send_due() == 1

    def test_the_urgent_goes_beside_the_days_mail(self):
        user = UserFactory()
        MessageFactory(to=user)
        assert outbox.send_due() == 1
        MessageFactory(to=user, urgent=True)
        assert outbox.send_due() == 1
        MessageFactory(to=user)
        assert outbox.send_due() == 0

    def test_not_before_it_is_due(self, clock):
        MessageFactory(due_at=now() + timedelta(hours=1))
        assert (outbox.waiting(), outbox.send_due()) == (False, 0)
        clock.shift(3600)
        assert (outbox.waiting(), outbox.send_due()) == (True, 1)

    def test_who_has_left_gets_nothing(self):
        MessageFactory(to=UserFactory(deactivated=True))
        assert outbox.send_due() == 0
        assert mail.outbox == []
        assert Message.objects.get().state == MailState.DROPPED

    def test_a_refused_mail_is_sent_later_under_the_same_id(self, broken_server, clock):
        message = MessageFactory()
        assert outbox.send_due() == 0
        message.refresh_from_db()
        assert (message.state, message.attempts, message.error) == (MailState.FAILED, 1, "OSError")
        broken_server.undo()
        assert outbox.send_due() == 0
        clock.shift(60)
        assert outbox.send_due() == 1
        message.refresh_from_db()
        assert (message.state, message.attempts, message.sent_at) == (MailState.SENT, 2, now())

    def test_the_id_comes_from_the_first_key(self):
        user = UserFactory()
        MessageFactory(to=user, key="first")
        MessageFactory(to=user, key="second")
        outbox.send_due()
        Message.objects.update(state=MailState.DUE, sent_at=None)  # as if the sender had died before its mark
        outbox.send_due()
        first, again = (sent.extra_headers["Message-ID"] for sent in mail.outbox)
        assert first == again
        assert first.startswith("<a7937b64b8caa58f03721bb6bacf5c78cb235feb@")

    def test_no_more_people_than_asked_for(self):
        MessageFactory.create_batch(3)
        assert [outbox.send_due(2), outbox.send_due(2)] == [2, 1]

    def test_nobody_waits_behind_those_who_had_todays_mail(self):
        early, late = UserFactory(), UserFactory()
        MessageFactory(to=early, sent=True)
        MessageFactory(to=early)
        MessageFactory(to=late)
        assert outbox.send_due(1) == 1
        assert mail.outbox[0].to == [late.email]
        assert not outbox.waiting()

    def test_the_urgent_goes_first(self):
        MessageFactory()
        urgent = MessageFactory(urgent=True)
        assert outbox.send_due(1) == 1
        assert mail.outbox[0].to == [urgent.to.email]


class TestHold:
    def test_nothing_leaves_until_it_is_released(self):
        MessageFactory()
        call_command("outbox", "hold", "--reason", "restored from a backup", verbosity=0)
        MessageFactory()
        assert (outbox.waiting(), outbox.send_due()) == (False, 0)
        call_command("outbox", "release", verbosity=0)
        assert outbox.send_due() == 2

    def test_what_waited_can_be_dropped(self, capsys):
        MessageFactory()
        outbox.hold("restored from a backup")
        call_command("outbox", "release", "--drop")
        assert capsys.readouterr().out == "Mail is released; 1 messages were dropped.\n"
        assert (outbox.held(), outbox.send_due()) == (False, 0)

    def test_held_twice_is_held_once(self, capsys):
        for _ in range(2):
            call_command("outbox", "hold", "--reason", "x")
        assert capsys.readouterr().out == "Mail is held.\nMail was held already.\n"
        assert OutboxHold.objects.count() == 1

    def test_a_hold_needs_a_reason(self):
        with pytest.raises(CommandError, match="--reason"):
            call_command("outbox", "hold")


class TestLetters:
    @pytest.fixture
    def letters(self, monkeypatch):
        monkeypatch.setattr(outbox, "_letters", {})
        outbox.register_letter("letter", lambda key: outbox.Letter(key, "Words") if key != "stale" else None)

    def test_each_is_a_mail_of_its_own_beside_the_days(self, letters):
        user = UserFactory()
        for key in ("one", "two", "stale"):
            outbox.post(key=key, to=user, kind="letter")
        outbox.post(key="nudge", to=user, kind="other")
        assert (outbox.send_due(), outbox.send_due()) == (3, 0)
        assert [sent.subject for sent in mail.outbox] == ["one", "two", "Something waits for you in the Virtual School"]
        assert dict(Message.objects.values_list("key", "state")) == {
            "one": MailState.SENT,
            "two": MailState.SENT,
            "nudge": MailState.SENT,
            "stale": MailState.DROPPED,
        }

    def test_one_that_cannot_be_made_waits_and_holds_up_nobody(self, letters):
        def broken(key):
            raise ValueError(key)

        outbox.register_letter("broken", broken)
        user = UserFactory()
        outbox.post(key="b", to=user, kind="broken")
        outbox.post(key="one", to=user, kind="letter")
        assert outbox.send_due() == 1
        assert Message.objects.get(key="b").state == MailState.FAILED
