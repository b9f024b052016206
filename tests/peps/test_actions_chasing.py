"""Reminding: one mail a person a day, of no child, and who is left out."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from peps import tasks
from peps.actions.chasing import Not, chase
from peps.models import PepChaser
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.accounts.models import User
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import outbox
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    story = stages.scheduled(on=today() + timedelta(days=30))
    Message.objects.all().delete()
    return story


def remind(story, *people, **more):
    return chase(people=people or [story.people.socialworker], by=story.people.coordinator, **more)


class TestChase:
    def test_a_reminder_is_one_row_and_one_message(self, story):
        outcome = remind(story)
        (chaser,) = outcome.sent
        assert outcome.left_out == []
        assert (chaser.to, chaser.by, chaser.day) == (story.people.socialworker, story.people.coordinator, today())
        assert (chaser.things, chaser.first_due_on) == (5, today() + timedelta(days=20))
        assert list(Message.objects.values_list("to", "kind")) == [(chaser.to_id, "pep.chase")]
        assert AuditEvent.objects.filter(verb="pep.chased").count() == 1

    def test_the_mail_says_how_many_and_by_when_and_names_nobody(self, story, settings):
        settings.VS_BASE_URL = "https://virtualschool.example"
        remind(story)
        assert outbox.send_due() == 1
        (sent,) = mail.outbox
        assert (
            "- You have 5 things to do for PEPs, the first is due on 30 November 2026: https://virtualschool.example/peps/owed/\n"
            in sent.body
        )
        assert sent.to == [story.people.socialworker.email]
        for name in (story.people.amy.first_names, story.people.amy.last_name, story.people.school.name):
            assert name not in sent.body + sent.subject

    def test_a_second_one_the_same_day_is_left_out(self, story):
        remind(story)
        again = chase(people=[story.people.socialworker], by=story.people.vsh)
        assert (again.sent, again.left_out) == ([], [(story.people.socialworker, Not.TODAY)])
        assert PepChaser.objects.count() == Message.objects.count() == 1

    def test_another_day_is_another_reminder_and_one_mail_says_the_latest(self, story, clock):
        remind(story)
        stages.accepted(story)
        clock.shift(timedelta(days=1))
        remind(story)
        assert PepChaser.objects.count() == 2
        outbox.send_due()
        (sent,) = mail.outbox
        assert sent.body.count("to do for PEPs") == 1
        assert "You have 4 things" in sent.body

    def test_who_is_left_out_and_why(self, story):
        User.objects.filter(pk=story.people.socialworker.pk).update(is_active=False)
        User.objects.filter(pk=story.people.teacher.pk).update(email_bounced_at=now())
        outcome = remind(story, story.people.socialworker, story.people.teacher, story.people.dpo)
        assert dict(outcome.left_out) == {
            story.people.socialworker: Not.CLOSED,
            story.people.teacher: Not.BOUNCED,
            story.people.dpo: Not.NOTHING,
        }
        assert PepChaser.objects.count() == 0

    def test_an_address_that_failed_can_be_tried_again(self, story):
        User.objects.filter(pk=story.people.teacher.pk).update(email_bounced_at=now())
        outcome = remind(story, story.people.teacher, again=True)
        assert [one.to for one in outcome.sent] == [story.people.teacher]
        assert User.objects.get(pk=story.people.teacher.pk).email_bounced_at is None

    @pytest.mark.parametrize("role", ["ala", "socialworker", "teacher", "iro", "data", "manager"])
    def test_only_those_who_plan_peps_remind(self, story, role):
        with pytest.raises(Refused):
            chase(people=[story.people.socialworker], by=story.people[role])
        assert PepChaser.objects.count() == 0

    def test_the_database_keeps_one_a_day(self, story):
        (chaser,) = remind(story).sent
        other = Message.objects.create(key="x", to=chaser.to, kind="pep.chase")
        facts = {"to": chaser.to, "day": chaser.day, "things": 1, "first_due_on": today(), "at": now()}
        with pytest.raises(IntegrityError, match="chased_once_a_day"), transaction.atomic():
            PepChaser.objects.create(**facts, message=other)

    def test_a_reminder_is_never_changed(self, story):
        (chaser,) = remind(story).sent
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            PepChaser.objects.filter(pk=chaser.pk).update(things=9)


class TestNight:
    def remind(self):
        return tasks.remind_late(today() - timedelta(days=1), 0, 1, lambda: None)

    def test_it_reminds_nobody_unless_the_council_says_a_day(self, story, clock):
        clock.shift(timedelta(days=25))
        assert self.remind() == {"reminded": 0}

    def test_on_the_councils_day_whoever_is_late(self, story, clock):
        set_rule("pep.chase.weekdays", [1, 2, 3, 4, 5, 6, 7])
        assert self.remind() == {"reminded": 0}
        clock.shift(timedelta(days=21))
        assert self.remind() == {"reminded": 1}
        (chaser,) = PepChaser.objects.all()
        assert (chaser.to, chaser.by) == (story.people.socialworker, None)
        assert self.remind() == {"reminded": 0}

    def test_a_night_caught_up_later_sends_nothing(self, story, clock):
        set_rule("pep.chase.weekdays", [1, 2, 3, 4, 5, 6, 7])
        clock.shift(timedelta(days=25))
        assert tasks.remind_late(today() - timedelta(days=3), 0, 1, lambda: None) == {"reminded": 0}
