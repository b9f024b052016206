"""A meeting in somebody's calendar: the right hour, no child, and out again when it is off."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from peps.actions import meetings
from tests.peps import stages
from virtualschool.kernel.dates import LONDON, now

pytestmark = pytest.mark.django_db


def taken(client, user, meeting):
    client.force_login(user)
    return client.get(reverse("peps:calendar_file", args=[meeting.uuid]))


def event_in(response):
    calendar = Calendar.from_ical(response.content)
    return calendar, calendar.events[0]


def test_it_says_when_and_where_and_not_whose(client):
    story = stages.scheduled()
    answer = taken(client, story.people.socialworker, story.meeting)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar, event = event_in(answer)
    assert (str(calendar["METHOD"]), str(event["STATUS"]), int(event["SEQUENCE"])) == ("PUBLISH", "CONFIRMED", 0)
    assert event.start == story.meeting.starts_at
    assert event.end - event.start == timedelta(hours=1)
    assert str(event["LOCATION"]) == "School library"
    text = answer.content.decode() + answer["Content-Disposition"]
    assert [name for name in ("Amy", "Madeup") if name in text] == []


def test_the_hour_holds_in_summer_time(client):
    story = stages.scheduled()
    story.meeting.starts_at = datetime(2027, 4, 13, 14, 0, tzinfo=LONDON)
    story.meeting.save()
    _, event = event_in(taken(client, story.people.socialworker, story.meeting))
    assert event.start == datetime(2027, 4, 13, 13, 0, tzinfo=UTC)


def test_odd_places_are_words_in_it(client):
    story = stages.scheduled()
    story.meeting.place = "Room 2; first floor, left\nBEGIN:VEVENT"
    story.meeting.save()
    calendar, event = event_in(taken(client, story.people.socialworker, story.meeting))
    assert len(calendar.events) == 1
    assert str(event["LOCATION"]) == story.meeting.place


def test_one_that_is_off_takes_itself_out_under_the_same_id(client):
    story = stages.scheduled()
    before = event_in(taken(client, story.people.socialworker, story.meeting))[1]
    meetings.rearrange_meeting(meeting=story.meeting, why="The room is taken", by=story.people.coordinator)
    calendar, after = event_in(taken(client, story.people.socialworker, story.meeting))
    assert after["UID"] == before["UID"]
    assert (str(calendar["METHOD"]), str(after["STATUS"]), int(after["SEQUENCE"])) == ("CANCEL", "CANCELLED", 1)


def test_one_that_moves_keeps_its_id_and_the_old_page_gives_the_new_time(client):
    story = stages.scheduled()
    before = event_in(taken(client, story.people.socialworker, story.meeting))[1]
    new = story.meeting
    for days in (3, 5):
        when = now() + timedelta(days=days)
        new = meetings.rearrange_meeting(
            meeting=new, why="The room is taken", starts_at=when, by=story.people.coordinator
        )
    files = [event_in(taken(client, story.people.socialworker, one)) for one in (story.meeting, new)]
    assert [str(event["UID"]) for _, event in files] == [str(before["UID"])] * 2
    assert [(str(calendar["METHOD"]), int(event["SEQUENCE"])) for calendar, event in files] == [("PUBLISH", 2)] * 2
    assert {event.start for _, event in files} == {when.replace(microsecond=0)}


def test_a_stranger_gets_none(client):
    story = stages.scheduled()
    found = {taken(client, user, story.meeting).status_code for user in story.people.outsiders.values()}
    assert found == {404}
