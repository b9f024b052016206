"""The chase: one row a person, the check before sending, what was sent; cut to what the reader reaches."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from peps.actions import meetings
from peps.actions.chasing import chase
from peps.models import Pep, PepChaser
from tests.peps import stages
from virtualschool.accounts.models import User
from virtualschool.audit.models import AccessLog
from virtualschool.jobs.enums import MailState
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
CHASE = reverse("peps:chase")
SEND = reverse("peps:chase_send")


@pytest.fixture
def story():
    """Amy's meeting is in a month, Bob's was to be prepared by now."""
    story = stages.scheduled(on=today() + timedelta(days=30))
    bob = Pep.objects.select_related("child", "school").get(child=story.people.bob)
    meetings.schedule_meeting(pep=bob, starts_at=stages.at(today()), place="Hall", by=story.people.coordinator)
    return story


def text(client, user, url, **data):
    client.force_login(user)
    answer = client.get(url, data)
    assert answer.status_code == 200
    return answer.content.decode()


def send(client, user, **data):
    client.force_login(user)
    return client.post(SEND, data)


class TestBoard:
    def test_one_row_a_person_with_children_kinds_and_first_date(self, client, story):
        page = text(client, story.people.coordinator, CHASE)
        assert page.count(">Sam Worker</a>") == 1
        assert "4 sections to finish, 1 invitation to answer" in page
        assert "30 November 2026" in page
        assert "People: showing" in page
        assert "Amy" not in page.replace("Amy&#x27;s School", "")

    def test_the_row_opens_the_persons_things_with_day_and_rule(self, client, story):
        worker = story.people.socialworker
        page = text(client, story.people.coordinator, reverse("peps:chase_person"), who=str(worker.uuid))
        assert "What Sam Worker owes" in page
        assert "Answer the invitation to the meeting of 10 December 2026" in page
        assert "/rules/pep.section_ready.by_owner/" in page
        assert story.people.amy.name in page
        assert AccessLog.objects.latest("pk").child_ids == [story.people.amy.pk]

    def test_overdue_says_by_what(self, client, story, clock):
        clock.shift(timedelta(days=25))
        worker = story.people.socialworker
        page = text(client, story.people.coordinator, reverse("peps:chase_person"), who=str(worker.uuid))
        assert page.count("Overdue: council policy") == 4

    def test_support_sees_their_phase_alone(self, client, story):
        page = text(client, story.people.support, CHASE)
        assert "Sam Worker" in page
        assert "Other Sam Worker" not in page
        other = story.people.outsiders["socialworker"]
        client.force_login(story.people.support)
        answer = client.get(reverse("peps:chase_person"), {"who": str(other.uuid)})
        assert answer.headers["Location"] == CHASE

    @pytest.mark.parametrize("who", ["", "nobody", "x" * 400, "0b6e1f4e-0000-4000-8000-000000000000"])
    def test_an_odd_address_leads_back_to_the_list(self, client, story, who):
        client.force_login(story.people.coordinator)
        assert client.get(reverse("peps:chase_person"), {"who": who}).headers["Location"] == CHASE

    @pytest.mark.parametrize(
        ("filters", "seen"),
        [
            ({"school": "Bob's"}, ["Other Sam Worker"]),
            ({"role": "teacher"}, []),
            ({"role": "socialworker"}, ["Other Sam Worker", "Sam Worker"]),
            ({"late": "yes"}, []),
            ({"term": "2026-autumn", "role": "socialworker"}, ["Other Sam Worker", "Sam Worker"]),
            ({"term": "2025-spring"}, []),
            ({"term": "nonsense"}, []),
            ({"role": "nonsense"}, []),
        ],
    )
    def test_the_filter_cuts_people_and_their_things(self, client, story, filters, seen):
        page = text(client, story.people.coordinator, CHASE, **filters)
        assert [one for one in ("Other Sam Worker", ">Sam Worker") if one in page] == [
            one if one.startswith("Other") else f">{one}" for one in seen
        ]

    def test_whoever_is_late(self, client, story, clock):
        clock.shift(timedelta(days=1))
        page = text(client, story.people.coordinator, CHASE, late="yes", role="socialworker")
        assert "Other Sam Worker" in page
        assert ">Sam Worker" not in page

    def test_the_file_holds_what_the_filter_shows_a_line_for_each_thing(self, client, story):
        body = text(client, story.people.coordinator, reverse("peps:chase_file"), role="socialworker", school="Amy's")
        rows = list(csv.DictReader(io.StringIO(body)))
        assert {row["Person"] for row in rows} == {"Sam Worker"}
        assert len(rows) == 5
        assert {row["Kind of rule"] for row in rows} == {"Council policy", ""}
        assert AccessLog.objects.latest("pk").kind == "export"

    def test_a_constant_number_of_queries(self, client, story, django_assert_max_num_queries):
        client.force_login(story.people.coordinator)
        client.get(CHASE)
        with django_assert_max_num_queries(36):
            client.get(CHASE)

    def test_mail_that_came_back_is_said_with_another_way(self, client, story):
        User.objects.filter(pk=story.people.socialworker.pk).update(email_bounced_at=now(), telephone="01632 960 001")
        page = text(client, story.people.coordinator, CHASE)
        assert "Mail came back" in page
        assert "Telephone 01632 960 001" in page


class TestSending:
    def test_first_the_check_and_nothing_is_sent(self, client, story):
        answer = send(client, story.people.coordinator, who=str(story.people.socialworker.uuid))
        page = answer.content.decode()
        assert "A mail will go to" in page
        assert story.people.socialworker.email in page
        assert PepChaser.objects.count() == 0

    def test_the_check_says_who_gets_none_and_why(self, client, story):
        people = story.people
        chase(people=[people.teacher], by=people.vsh)
        User.objects.filter(pk=people.socialworker.pk).update(email_bounced_at=now(), telephone="01632 960 001")
        User.objects.filter(pk=people.iro.pk).update(is_active=False)
        page = send(client, people.coordinator, all="yes").content.decode()
        assert "Has been reminded today" in page
        assert "Mail to them came back" in page
        assert "Telephone 01632 960 001" in page

    def test_a_mail_of_today_goes_out_tomorrow_and_the_check_says_so(self, client, story):
        Message.objects.update(state=MailState.SENT, sent_at=now())
        page = send(client, story.people.coordinator, who=str(story.people.socialworker.uuid)).content.decode()
        assert "this goes with tomorrow’s" in page

    def test_confirmed_it_is_sent_once_however_often_it_is_pressed(self, client, story):
        facts = {"who": str(story.people.socialworker.uuid), "confirmed": "yes", "late": ""}
        assert send(client, story.people.coordinator, **facts).status_code == 302
        assert send(client, story.people.vsh, **facts).status_code == 302
        assert list(PepChaser.objects.values_list("to", "by")) == [
            (story.people.socialworker.pk, story.people.coordinator.pk)
        ]

    def test_all_shown_is_all_of_the_filter(self, client, story):
        send(client, story.people.coordinator, all="yes", role="socialworker", confirmed="yes")
        assert set(PepChaser.objects.values_list("to__name", flat=True)) == {"Sam Worker", "Other Sam Worker"}

    def test_support_reminds_nobody_outside_their_phase(self, client, story):
        other = story.people.outsiders["socialworker"]
        send(client, story.people.support, who=str(other.uuid), confirmed="yes")
        send(client, story.people.support, all="yes", confirmed="yes")
        assert other.pk not in PepChaser.objects.values_list("to", flat=True)
        assert PepChaser.objects.filter(to=story.people.socialworker).exists()

    @pytest.mark.parametrize("who", ["", "nobody", "nobody-designated_teacher-1"])
    def test_odd_choices_send_nothing(self, client, story, who):
        assert send(client, story.people.coordinator, who=who, confirmed="yes").status_code == 302
        assert "Nobody will get a mail" in send(client, story.people.coordinator, who=who).content.decode()
        assert PepChaser.objects.count() == 0


class TestSent:
    def test_what_became_of_each(self, client, story):
        people = story.people
        chase(people=[people.socialworker, people.teacher, people.outsiders["teacher"]], by=people.coordinator)
        Message.objects.filter(to=people.socialworker, kind="pep.chase").update(
            state=MailState.SENT, sent_at=now(), bounced_at=now(), bounced_because="5.1.1 no such user"
        )
        Message.objects.filter(to=people.teacher, kind="pep.chase").update(state=MailState.FAILED, error="OSError")
        page = text(client, people.coordinator, reverse("peps:chase_sent"))
        assert "Came back" in page
        assert "5.1.1 no such user" in page
        assert "OSError: tried again" in page
        assert "Waiting" in page
        assert people.amy.first_names not in page.replace("Amy&#x27;s School", "")

    def test_a_reminder_of_the_night_says_so(self, client, story):
        chase(people=[story.people.socialworker], by=None)
        assert "The night" in text(client, story.people.coordinator, reverse("peps:chase_sent"))


class TestOwn:
    def test_each_sees_what_they_owe_and_nothing_else(self, client, story):
        page = text(client, story.people.socialworker, reverse("peps:owed"))
        assert page.count(story.people.amy.name) == 5
        assert "Who owes what" not in page
        assert "You owe nothing" in text(client, story.people.manager, reverse("peps:owed"))

    def test_the_home_leads_there(self, client, story):
        for role in ("socialworker", "teacher"):
            assert reverse("peps:owed") in text(client, story.people[role], reverse("overview:home"))
