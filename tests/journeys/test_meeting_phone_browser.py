"""The hour of a meeting on a phone: who is here, a target, an action, the next date, the end, and the page that the child takes away."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from peps.actions import meetings
from peps.enums import Attendance
from tests.journeys.conftest import Cast, SitDown
from tests.journeys.walking import PHONE, Choose, Desk, Pick
from tests.peps import stages
from virtualschool.kernel.dates import today

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]


def test_from_opening_it_to_the_childs_page(cast: Cast, desk: SitDown) -> None:
    meeting = meetings.schedule_meeting(
        pep=cast.pep, starts_at=stages.at(today()), place="School library", by=cast.coordinator
    )
    teacher = desk(cast.teacher, viewport=PHONE)
    teacher.go(f"/peps/meetings/{meeting.uuid}/")
    teacher.press("Run the meeting")
    teacher.arrives("PEP meeting: Amy Madeup")
    expect(teacher.page.get_by_text("Not a PEP meeting yet")).to_be_visible()
    teacher.look("meeting-mode")
    everybody_is_here(teacher)
    what_is_agreed(teacher)
    teacher.press("End the meeting")
    teacher.arrives("The meeting is over")
    teacher.sees("What is left before it is sent in")
    teacher.look("meeting-over")
    teacher.press("The child’s summary, to hand over")
    teacher.arrives("For Amy: my PEP meeting")
    teacher.sees("You get a quiet table", "Reads 70 words a minute", "Find a quiet table", "We meet again on")
    teacher.look("child-summary")
    assert set(meeting.invitations.values_list("attendance", flat=True)) == {Attendance.CAME}


def everybody_is_here(teacher: Desk) -> None:
    people = teacher.within("#here")
    for group in people.main.locator("fieldset").all():
        group.get_by_label("Came", exact=True).check()
    people.press("Save who is here")
    teacher.told("Saved.")
    teacher.sees("Those who must be here are here.")


def what_is_agreed(teacher: Desk) -> None:
    """Typed in three parts of the page, and saved by one button."""
    teacher.within("#targets").answer(
        {
            "What is it for?": Choose("English"),
            "Now: where the child starts": "Reads 40 words a minute",
            "Target: where the child will be": "Reads 70 words a minute",
            "Who sees to it": "Ms Reader",
        }
    )
    teacher.within("#actions").answer(
        {"What is done": "Find a quiet table", "Who sees to it": "Ms Reader", "By when": today() + timedelta(days=14)}
    )
    teacher.within("#notes").answer(
        {
            "Key points": "Quiet helps",
            "What we talked about, in plain words for the child": "You get a quiet table",
            "Was the child there?": Pick("For all of it"),
            "Date of the next meeting": today() + timedelta(days=90),
        }
    )
    teacher.within("#notes").press("Save what was said")
    teacher.told("Saved.")
