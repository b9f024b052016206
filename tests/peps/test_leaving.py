"""A child on no school's roll: a PEP that is written in has no school, and the social worker is asked, until there is one again."""

from datetime import timedelta

import pytest

from children.actions import schools
from peps import chasing, policies
from peps.actions.leaving import leave_schools
from peps.enums import Owner, PepState, Seat
from peps.models import Pep
from peps.tasks import open_due
from tests.factories.children import EnrolmentFactory, SchoolFactory
from tests.peps import stages
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def leaves(story, on=None):
    place = story.people.amy.enrolments.get(end=None)
    schools.end_enrolment(enrolment=place, end=on or today(), reason="Excluded", by=None)
    deliver_pending()
    return story.again()


def owing(story):
    """Who is named as owing anything of the PEP."""
    return {owed.person for owed in chasing.by_person(chasing.owed_for(Pep.objects.filter(pk=story.pep.pk)))}


def told(kind):
    return list(Message.objects.filter(kind=kind).values_list("to__name", flat=True))


def seats(story):
    return set(story.meeting.invitations.values_list("seat", flat=True))


def test_the_schools_part_is_the_social_workers_from_that_day_and_what_was_written_stays():
    story = stages.scheduled(on=today() + 7 * DAY)
    teacher, worker = story.people.teacher, story.people.socialworker
    stages.fill(story, "education_now")
    written = story.section("education_now").answers.count()
    assert teacher in owing(story)
    pep = leaves(story)
    section = story.section("education_now")
    assert (pep.school, section.owner, section.state, section.completed_by) == (
        None,
        Owner.SOCIAL_WORKER,
        "complete",
        teacher,
    )
    assert (section.answers.count() == written > 0, pep.sections.filter(owner=Owner.DESIGNATED_TEACHER).exists()) == (
        True,
        False,
    )
    assert (pep.sections.filter(key="no_school").exists(), teacher in owing(story), worker in owing(story)) == (
        True,
        False,
        True,
    )
    assert (Seat.DESIGNATED_TEACHER in seats(story), told("pep.left_school")) == (False, [worker.name])
    assert told("pep.meeting_off") == [teacher.name]
    assert policies.can_write_section(worker, story.section("attendance"))
    assert (leave_schools(), AuditEvent.objects.filter(verb="pep.left_school").count()) == (0, 1)


def test_at_another_school_it_is_that_schools_again_by_the_rule_for_new_schools():
    story = stages.scheduled(on=today() + 7 * DAY)
    leaves(story)
    school = SchoolFactory()
    schools.enrol(child=story.people.amy, school=school, start=today(), by=None)
    deliver_pending()
    pep = story.again()
    assert (pep.school, pep.clock.rule.key, Seat.DESIGNATED_TEACHER in seats(story)) == (school, "pep.new_school", True)
    assert story.section("education_now").owner == Owner.DESIGNATED_TEACHER
    assert not pep.sections.filter(key="no_school").exists()


def test_a_last_day_to_come_is_the_nights_and_a_change_without_a_gap_is_none(clock):
    story = stages.planned()
    assert leaves(story, today() + 3 * DAY).school == story.people.school
    clock.shift(3 * DAY)
    found = [open_due(today(), 0, 1, lambda: None)["left_school"] for _ in range(2)]
    assert (found, story.again().school) == ([1, 0], None)
    EnrolmentFactory(child=story.people.amy, school=story.people.other_school, start=today())
    Pep.objects.update(school=story.people.school)
    assert leave_schools() == 0


def test_after_the_meeting_the_new_schools_teacher_is_told_once_and_of_no_child():
    story = stages.held()
    pep = leaves(story)
    assert (pep.school, pep.state, policies.can_submit(story.people.socialworker, pep).allowed) == (
        None,
        PepState.MEETING_HELD,
        True,
    )
    assert pep.sections.get(key="no_school").due_on == pep.due_on
    teacher = story.people.outsiders["teacher"]
    enrolment = schools.enrol(child=story.people.amy, school=story.people.other_school, start=today(), by=None)
    deliver_pending()
    deliver_pending()
    assert (story.again().school, story.pep.enrolment, told("pep.arrived")) == (
        story.people.other_school,
        enrolment,
        [teacher.name],
    )
    message = Message.objects.get(kind="pep.arrived")
    assert (message.to, "Madeup" in message.key) == (teacher, False)


def test_what_was_sent_in_stays_and_comes_back_to_the_social_worker():
    story = stages.submitted()
    assert (leaves(story).school, story.pep.state) == (story.people.school, PepState.SUBMITTED)
    stages.returned(story)
    assert (story.pep.school, story.section("targets").owner) == (None, Owner.SOCIAL_WORKER)
    assert story.people.socialworker.name in told("pep.returned")
    assert not story.pep.sections.filter(key="no_school").exists()
