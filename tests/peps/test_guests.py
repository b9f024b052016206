"""The seat of somebody who was asked by hand is taken away again: once, with one letter, and never a seat that the rules ask for."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from peps.actions import meetings
from peps.actions.guests import take_seat_away
from peps.enums import Attendance, Seat
from peps.models import MeetingInvitation
from tests.factories.accounts import UserFactory
from tests.factories.peps import MeetingInvitationFactory
from tests.peps import stages
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import outbox
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db


def asked(user=None, name="", seat=Seat.OTHER, days=7):
    """A meeting to which a guest was asked, whose letter has left."""
    story = stages.scheduled(on=today() + timedelta(days=days))
    guest = meetings.invite(meeting=story.meeting, seat=seat, name=name, user=user, by=story.people.coordinator)
    outbox.send_due()
    return story, guest


def desk(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(story, guest):
    return f"{reverse('peps:uninvite', args=[story.meeting.uuid])}?guest={guest.uuid}"


def press(client, story, guest, **how):
    """The button of the page, as the page sends it."""
    return client.post(reverse("peps:uninvite", args=[story.meeting.uuid]), {"guest": str(guest.uuid)}, **how)


def test_somebody_with_an_account_is_told_once_and_their_calendar_too():
    mentor = UserFactory(role="teacher")
    story, guest = asked(user=mentor)
    client = desk(story.people.coordinator)
    assert guest.added_by == story.people.coordinator
    assert at(story, guest) in client.get(reverse("peps:meeting", args=[story.meeting.uuid])).content.decode()
    assert "takes it out of their calendar" in client.get(at(story, guest)).content.decode()
    answers = [press(client, story, guest, follow=True).content.decode() for _ in range(2)]
    assert ["a mail says so" in one for one in answers] == [True, False]
    assert ["away already" in one for one in answers] == [False, True]
    odd = ("", "?guest=", "?guest=x", f"?guest={'9' * 999}")
    found = [client.get(f"{at(story, guest).split('?')[0]}{one}") for one in odd]
    assert {one.status_code for one in [*found, client.get(at(story, guest))]} == {302}
    outbox.send_due()
    files = [Calendar.from_ical(one.attachments[0].content) for one in mail.outbox if one.to == [mentor.email]]
    assert [str(one["METHOD"]) for one in files] == ["PUBLISH", "CANCEL"]
    assert (
        AuditEvent.objects.filter(verb="pep.uninvited").count(),
        MeetingInvitation.objects.filter(user=mentor).count(),
    ) == (1, 0)


def test_a_name_sits_no_more_and_no_letter_leaves():
    story, guest = asked(name="Mr Mentor")
    before = len(mail.outbox)
    assert take_seat_away(meeting=story.meeting, guest=guest.uuid, by=story.people.teacher).name == "Mr Mentor"
    outbox.send_due()
    assert (take_seat_away(meeting=story.meeting, guest=guest.uuid, by=story.people.teacher), len(mail.outbox)) == (
        None,
        before,
    )


def test_a_carers_name_is_for_those_who_read_it():
    story, guest = asked(days=7, seat=Seat.CARER)
    MeetingInvitation.objects.filter(pk=guest.pk).update(name="Carer Secretname")
    told = [desk(story.people[role]).get(at(story, guest)).content.decode() for role in ("coordinator", "teacher")]
    assert ["Take a guest" in one for one in told] == [True, True]
    assert ["Secretname" in one for one in told] == [False, False]


@pytest.mark.parametrize(
    ("role", "changes", "words"),
    [
        ("coordinator", {"added_by": None}, "asked for by the rules"),
        ("coordinator", {"attendance": Attendance.CAME}, "Take that back first"),
        ("socialworker", {}, "arranged by the PEP coordinators"),
        ("iro", {}, "arranged by the PEP coordinators"),
    ],
)
def test_not_every_seat_nor_by_everybody(role, changes, words):
    story, guest = asked(user=UserFactory(role="teacher"))
    MeetingInvitation.objects.filter(pk=guest.pk).update(**changes)
    page = desk(story.people[role]).get(reverse("peps:meeting", args=[story.meeting.uuid])).content.decode()
    assert at(story, guest) not in page
    with pytest.raises(Refused, match=words):
        take_seat_away(meeting=story.meeting, guest=guest.uuid, by=story.people[role])
    assert press(desk(story.people[role]), story, guest).status_code == 403


def test_not_once_it_is_over_nor_by_another_meetings_address():
    story, guest = asked(name="Mr Mentor", days=0)
    other = MeetingInvitationFactory(name="Ms Elsewhere", seat=Seat.OTHER)
    assert take_seat_away(meeting=story.meeting, guest=other.uuid, by=story.people.coordinator) is None
    meetings.hold_meeting(meeting=story.meeting, attendance=stages.came(story.meeting), by=story.people.coordinator)
    with pytest.raises(Refused, match="This meeting is held"):
        take_seat_away(meeting=story.meeting, guest=guest.uuid, by=story.people.coordinator)
    assert MeetingInvitation.objects.filter(pk__in=[guest.pk, other.pk]).count() == 2
