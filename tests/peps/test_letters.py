"""Mail with a meeting for somebody's calendar: once for each thing to tell, true when it leaves, and nobody's name in it."""

from datetime import timedelta
from urllib.parse import urlparse

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.urls import reverse
from icalendar import Calendar

from children.enums import RelationKind
from children.models import Relationship
from peps.actions import ending, meetings, seats
from peps.enums import Seat
from tests import personas
from tests.factories.children import RelationshipFactory
from tests.peps import stages
from virtualschool.jobs import outbox
from virtualschool.jobs.enums import MailState
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
SOON = timedelta(days=7)


def letters_to(user):
    """What the person's letters were, in the order in which they left: subject, method, sequence, id."""
    found = []
    for sent in mail.outbox:
        if sent.to == [user.email] and sent.attachments:
            calendar = Calendar.from_ical(sent.attachments[0].content)
            event = calendar.events[0]
            found.append(
                (sent.subject.split(":")[0], str(calendar["METHOD"]), int(event["SEQUENCE"]), str(event["UID"]))
            )
    return found


def kinds_of(letters):
    return [letter[:3] for letter in letters]


def coming(**changes):
    return stages.scheduled(on=today() + SOON, **changes)


def test_each_who_is_asked_has_one_letter_with_the_file_and_the_way_to_answer():
    story = coming()
    outbox.send_due()
    outbox.send_due()
    people = story.people
    for user in (people.socialworker, people.teacher, people.coordinator):
        assert kinds_of(letters_to(user)) == [("PEP meeting", "PUBLISH", 0)]
    sent = next(one for one in mail.outbox if one.to == [people.socialworker.email] and one.attachments)
    assert sent.attachments[0][0::2] == ("pep-meeting.ics", "text/calendar")
    invitation = story.invitation(Seat.SOCIAL_WORKER)
    assert reverse("peps:answer", args=[invitation.uuid]) in sent.body
    assert "You are one of those who must be there." in sent.body
    assert "School library" in sent.body


def test_no_child_is_named():
    coming()
    outbox.send_due()
    text = "".join(sent.message().as_string() for sent in mail.outbox)
    assert "PEP meeting" in text
    assert [name for name in ("Amy", "Madeup", "Secretname") if name in text] == []


def test_the_days_tidy_mail_goes_beside_it():
    story = coming()
    outbox.send_due()
    tidy = [one.subject for one in mail.outbox if one.to == [story.people.socialworker.email] and not one.attachments]
    assert tidy == ["Something waits for you in the Virtual School"]
    assert "PEP meetings to answer" not in next(one.body for one in mail.outbox if not one.attachments)


def test_another_time_moves_the_same_entry():
    story = coming()
    outbox.send_due()
    meetings.rearrange_meeting(
        meeting=story.meeting, why="Snow", starts_at=now() + SOON * 2, by=story.people.coordinator
    )
    outbox.send_due()
    first, second = letters_to(story.people.socialworker)
    assert (first[:3], second[:3]) == (("PEP meeting", "PUBLISH", 0), ("PEP meeting, new time", "PUBLISH", 1))
    assert first[3] == second[3]


def test_one_that_is_off_goes_out_of_the_calendar():
    story = coming()
    outbox.send_due()
    meetings.rearrange_meeting(meeting=story.meeting, why="Snow", by=story.people.coordinator)
    outbox.send_due()
    first, second = letters_to(story.people.teacher)
    assert second[:3] == ("PEP meeting is off", "CANCEL", 1)
    assert first[3] == second[3]


def test_a_cancelled_pep_takes_its_meeting_out():
    story = coming()
    outbox.send_due()
    ending.end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
    outbox.send_due()
    assert kinds_of(letters_to(story.people.teacher))[1:] == [("PEP meeting is off", "CANCEL", 1)]


def test_a_letter_that_had_not_left_says_nothing_of_a_meeting_that_is_off():
    story = coming()
    meetings.rearrange_meeting(meeting=story.meeting, why="Snow", by=story.people.coordinator)
    outbox.send_due()
    assert {one[0] for one in letters_to(story.people.teacher)} == {"PEP meeting is off"}
    assert set(Message.objects.filter(kind="pep.invited").values_list("state", flat=True)) == {MailState.DROPPED}


def test_a_seat_that_changes_hands_tells_both():
    story = coming()
    outbox.send_due()
    other = personas.person("socialworker", name="Nora Newworker")
    Relationship.objects.filter(child=story.people.amy, kind=RelationKind.SOCIAL_WORKER).update(end=today())
    RelationshipFactory(child=story.people.amy, kind=RelationKind.SOCIAL_WORKER, user=other, start=today())
    seats.reseat(story.pep)
    outbox.send_due()
    assert kinds_of(letters_to(story.people.socialworker)) == [
        ("PEP meeting", "PUBLISH", 0),
        ("PEP meeting is off", "CANCEL", 1),
    ]
    assert kinds_of(letters_to(other)) == [("PEP meeting", "PUBLISH", 1)]
    assert kinds_of(letters_to(story.people.teacher)) == [("PEP meeting", "PUBLISH", 0)]


def test_a_meeting_that_has_been_is_written_to_nobody():
    story = stages.scheduled(on=today() - SOON)
    outbox.send_due()
    assert letters_to(story.people.teacher) == []


def test_the_way_in_the_mail_leads_through_the_sign_in_to_the_answer(client):
    story = coming()
    worker = story.people.socialworker
    worker.password = make_password("a-long-enough-pass-phrase")
    worker.save(update_fields=["password"])
    way = reverse("peps:answer", args=[story.invitation(Seat.SOCIAL_WORKER).uuid])
    asked_in = client.get(way)
    assert urlparse(asked_in["Location"]).path == reverse("account_login")
    led_on = client.post(asked_in["Location"], {"login": worker.email, "password": "a-long-enough-pass-phrase"})
    assert (led_on.status_code, led_on["Location"]) == (302, way)
    assert client.get(way).status_code == 200
