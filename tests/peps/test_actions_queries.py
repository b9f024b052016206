"""What the actions that happen most cost: the same row is not read twice, and no row is written alone that could go with others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peps.actions import meetings, writing
from tests.peps import stages
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db


def counted(what, do):
    """How often the action's queries name the table."""
    with CaptureQueriesContext(connection) as asked:
        do()
    return sum(what in query["sql"] for query in asked.captured_queries)


def test_planning_reads_the_rules_once():
    story = stages.planned()
    facts = {"pep": story.pep, "starts_at": stages.at(today()), "place": "Library", "by": story.people.coordinator}
    assert counted('FROM "rulebook_rule"', lambda: meetings.schedule_meeting(**facts)) == 1


def test_recording_a_meeting_reads_its_invitations_once():
    story = stages.accepted()
    came = stages.came(story.meeting)
    facts = {"meeting": story.meeting, "attendance": came, "by": story.people.coordinator}
    assert counted('FROM "peps_meetinginvitation"', lambda: meetings.hold_meeting(**facts)) == 1


def test_new_answers_are_written_together():
    story = stages.scheduled()
    section, writer = story.section("child_and_care"), story.people.socialworker
    answers = stages.answers(section, writer)
    facts = {"section": section, "answers": answers, "seen": {}, "by": writer}
    assert counted('INSERT INTO "peps_pepanswer"', lambda: writing.save_answers(**facts)) == 1
    assert set(section.answers.values_list("field", flat=True)) == set(answers)
