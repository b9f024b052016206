"""What the child's timeline tells of PEPs, and to whom."""

from datetime import timedelta

import pytest

from peps import timeline
from peps.actions import meetings
from peps.actions.ending import end_pep
from peps.enums import PepState
from tests.factories.peps import PepFactory
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


def test_cancelled_with_the_reason():
    story = stages.planned()
    end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
    story.again()
    (told,) = [one for one in timeline.moments(story.people.amy, user=story.people.iro) if "cancelled" in one.title]
    assert (told.on, told.title, told.text) == (today(), "Termly PEP cancelled", "Opened by mistake")
    assert told.href == story.pep.get_absolute_url()


def test_superseded_on_the_day_the_next_was_approved():
    story = stages.planned()
    child, period, day = story.people.amy, story.pep.period, timedelta(days=1)

    def done(opened, completed, state=PepState.SUPERSEDED):
        dates = {"opened_on": today() - opened * day, "completed_on": today() - completed * day}
        return PepFactory(child=child, period=period, complete=True, state=state, **dates)

    first, second = done(300, 290), done(200, 190)
    done(100, 90, PepState.COMPLETE)
    moments = timeline.moments(child, user=story.people.iro)
    told = {one.href: (one.on, one.title, one.text) for one in moments if "superseded" in one.title}
    assert told == {
        first.get_absolute_url(): (today() - 190 * day, "Termly PEP superseded", "By the termly PEP"),
        second.get_absolute_url(): (today() - 90 * day, "Termly PEP superseded", "By the termly PEP"),
    }


@pytest.mark.parametrize("role", ["sen", "admissions", "data"])
def test_nothing_to_roles_that_read_no_peps(role):
    story = stages.planned()
    assert timeline.moments(story.people.amy, user=story.people[role]) == []


def test_constant_queries(django_assert_num_queries):
    story = stages.approved()
    with django_assert_num_queries(5):
        timeline.moments(story.people.amy, user=story.people.ala)
    assert timeline.moments(story.people.bob, user=story.people.ala)[0].on == today()
