"""A school closes and another takes its place: what is written and arranged for its children goes along, what was stays."""

from datetime import date

import pytest

from attendance.models import AttendanceDay, LeaveRequest, ReducedTimetable
from children.actions import closures
from children.models import Clock, School
from peps.enums import PepKind
from peps.models import Pep
from tests.factories.attendance import (
    AlternativeProvisionFactory,
    ExclusionFactory,
    LeaveRequestFactory,
    ReducedTimetableFactory,
    mark,
)
from tests.factories.children import SchoolFactory, SchoolLinkFactory
from tests.peps import stages
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
CLOSED, OPENED = date(2026, 10, 31), date(2026, 11, 1)


def closed(people) -> School:
    """Amy's school closed ten days ago; the answer took its place."""
    School.objects.filter(pk=people.school.pk).update(status=School.Status.CLOSED, closed_on=CLOSED)
    people.school.refresh_from_db()
    new = SchoolFactory(name="New Academy", opened_on=OPENED)
    SchoolLinkFactory(predecessor=people.school, successor=new)
    return new


@pytest.mark.parametrize("stage", [stages.planned, stages.scheduled, stages.held])
def test_a_pep_in_writing_goes_along_as_it_is_and_none_opens_for_a_new_school(stage):
    story = stage()
    due_on, clocks = story.pep.due_on, Clock.objects.count()
    new = closed(story.people)
    closures.carry_on(school=story.people.school, to=new, by=story.people.data)
    deliver_pending()
    state = story.pep.state
    story.again()
    assert (story.pep.state, story.pep.school, story.pep.due_on) == (state, new, due_on)
    assert Pep.objects.filter(child=story.people.amy, kind=PepKind.NEW_SCHOOL).count() == 0
    assert Clock.objects.count() == clocks


def test_what_was_sent_in_stays_with_the_school_as_it_was():
    story = stages.submitted()
    new = closed(story.people)
    closures.carry_on(school=story.people.school, to=new, by=story.people.data)
    deliver_pending()
    assert story.again().school == story.people.school


def test_what_is_arranged_goes_along_and_what_happened_stays():
    story = stages.planned()
    amy, old = story.people.amy, story.people.school
    place = amy.enrolments.get()
    running = [
        ReducedTimetableFactory(enrolment=place),
        AlternativeProvisionFactory(child=amy, enrolment=place),
        LeaveRequestFactory(enrolment=place),
    ]
    suspended = ExclusionFactory(child=amy, school=old)
    mark(amy, date(2026, 10, 5))
    marks = list(AttendanceDay.objects.values())
    closures.carry_on(school=old, to=closed(story.people), by=story.people.data)
    deliver_pending()
    after = amy.enrolments.get(end=None)
    for one in running:
        before = (one.start, one.end, one.state)
        one.refresh_from_db()
        assert ((one.start, one.end, one.state), one.enrolment) == (before, after)
    suspended.refresh_from_db()
    assert (suspended.school, list(AttendanceDay.objects.values())) == (old, marks)


def test_one_that_ended_at_the_old_school_or_is_elsewhere_stays():
    story = stages.planned()
    place = story.people.amy.enrolments.get()
    ended = ReducedTimetableFactory(enrolment=place, ended=True)
    asked_long_ago = LeaveRequestFactory(enrolment=place, start=date(2026, 10, 5), end=date(2026, 10, 7))
    closures.carry_on(school=story.people.school, to=closed(story.people), by=story.people.data)
    deliver_pending()
    assert ReducedTimetable.objects.get(pk=ended.pk).enrolment == place
    assert LeaveRequest.objects.get(pk=asked_long_ago.pk).enrolment == place
    assert today() > OPENED
