"""A section as it is read: answers first, what is still needed, and what was left open in one row."""

from datetime import date

import pytest
from django.urls import reverse

from peps import policies
from peps.views.reading import LEFT_OPEN, answer_rows, decided_rows
from tests.factories.peps import MeetingActionFactory
from tests.peps import stages
from virtualschool.accounts.roles import FieldGroup

pytestmark = pytest.mark.django_db
SCHOOL = {FieldGroup.EDUCATION, FieldGroup.PEP}


def test_what_may_be_left_open_takes_one_row_and_what_is_needed_its_own():
    story = stages.scheduled()
    section = story.section("education_now")
    rows = answer_rows(SCHOOL, section)
    assert [row["key"] for row in rows if row.get("missing")] == [
        "Hours offered a week",
        "Key adult at school",
        "Clubs, music, sport, reading: life beyond lessons",
    ]
    assert (rows[-1]["key"], len(rows)) == (LEFT_OPEN, 4)


def test_answers_stand_in_the_order_of_the_questions():
    section = stages.prepared().section("education_now")
    asked = policies.fields_in(SCHOOL, section)
    assert [row["key"] for row in answer_rows(SCHOOL, section)] == [spec.label for spec in asked]


def test_what_the_meeting_decided_stands_on_the_page_with_who_when_and_whether_it_is_done(client):
    story = stages.scheduled()
    facts = {"meeting": story.meeting, "named_person": "Ms Reader", "by_when": date(2027, 1, 8)}
    MeetingActionFactory(what="Find a quiet table", done_on=date(2026, 12, 1), done_by=story.people.teacher, **facts)
    MeetingActionFactory(what="Ask for a tutor", **facts)
    assert decided_rows(story.pep) == []
    story = stages.held(stages.accepted(story))
    assert [(row["key"], row["lines"]) for row in decided_rows(story.pep)] == [
        ("Find a quiet table", ["Ms Reader, by 8 January 2027", "Done on 1 December 2026"]),
        ("Ask for a tutor", ["Ms Reader, by 8 January 2027", "Not done yet"]),
    ]
    client.force_login(story.people.iro)
    page = client.get(reverse("peps:read", args=[story.pep.uuid])).content.decode()
    assert ["What was decided at the meeting" in page, "Ask for a tutor" in page] == [True, True]
