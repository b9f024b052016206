"""What the child's timeline tells of PEPs, and to whom."""

import pytest

from peps import timeline
from peps.actions import meetings
from tests.peps import stages
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db


def test_opened_met_returned_and_approved():
    story = stages.scheduled()
    later = stages.at(today())
    story.meeting = meetings.rearrange_meeting(
        meeting=story.meeting, why="In court", by=story.people.coordinator, starts_at=later
    )
    story = stages.returned(stages.submitted(stages.written(stages.held(stages.prepared(stages.accepted(story))))))
    stages.fill(story, "targets")
    stages.approved(stages.submitted(story))
    told = [(one.title, one.text) for one in timeline.moments(story.people.amy, user=story.people.iro)]
    assert told == [
        ("Termly PEP opened", "A PEP for the autumn term 2026/27"),
        ("Termly PEP approved, green", ""),
        ("PEP meeting rearranged", "In court"),
        ("PEP meeting held", ""),
        ("PEP returned", "The target needs a number"),
    ]


@pytest.mark.parametrize("role", ["sen", "admissions", "data"])
def test_nothing_to_roles_that_read_no_peps(role):
    story = stages.planned()
    assert timeline.moments(story.people.amy, user=story.people[role]) == []


def test_constant_queries(django_assert_num_queries):
    story = stages.approved()
    with django_assert_num_queries(3):
        timeline.moments(story.people.amy, user=story.people.ala)
    assert timeline.moments(story.people.bob, user=story.people.ala)[0].on == today()
