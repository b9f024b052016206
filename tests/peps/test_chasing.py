"""Who owes what: one meaning, by person, with the day and its rule; in a constant number of queries."""

from datetime import timedelta

import pytest

from children.actions import schools
from children.models import Relationship
from peps import chasing, layouts
from peps.actions import delegating, meetings, submitting, writing
from peps.chasing import Kind, by_person, owed_by, owed_for
from peps.enums import Owner, PepState, Seat
from peps.models import Pep, PepAuthor, PepMeeting, PepSection
from tests.factories.accounts import UserFactory
from tests.peps import stages
from virtualschool.accounts.models import Membership
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def things(**having):
    found = owed_for(Pep.objects.all())
    return [one for one in found if all(getattr(one, name) == value for name, value in having.items())]


def words(found):
    return sorted(one.words for one in found)


def amys(story, found=None):
    return [one for one in (found or things()) if one.pep == story.pep]


class TestSections:
    def test_before_a_meeting_is_planned_nothing_was_asked_for(self):
        story = stages.planned()
        assert amys(story) == []

    def test_a_section_is_owed_by_whoever_is_asked_for_it(self):
        story = stages.scheduled()
        found = [one for one in amys(story) if one.kind == Kind.SECTION]
        sections = PepSection.objects.filter(pep=story.pep, due_on__isnull=False)
        expected = {
            f"“{title_of(one)}”": story.people.socialworker
            if one.owner in (Owner.SOCIAL_WORKER, Owner.CARER)
            else story.people.teacher
            for one in sections
        }
        assert len(expected) > 5
        assert {one.words: one.person for one in found} == expected

    def test_its_day_has_the_rule_of_its_owner(self):
        story = stages.scheduled(on=today() + 30 * DAY)
        by_seat = {one.seat: one for one in amys(story) if one.kind == Kind.SECTION}
        worker, teacher = by_seat[Seat.SOCIAL_WORKER], by_seat[Seat.DESIGNATED_TEACHER]
        assert (worker.rule.key, worker.rule.kind_label) == ("pep.section_ready.by_owner", "Council policy")
        assert worker.due_on == today() + 20 * DAY
        assert teacher.due_on == today() + 27 * DAY
        assert worker.explained_at == "/rules/pep.section_ready.by_owner/"

    def test_a_finished_section_is_not_owed(self):
        story = stages.accepted()
        before = len(amys(story))
        stages.fill(story, "education_now")
        assert len(amys(story)) == before - 1

    def test_what_is_due_today_is_not_late(self):
        story = stages.scheduled()
        first = amys(story)[0]
        assert (first.due_on, first.late(today()), first.late(today() + DAY)) == (today(), False, True)

    def test_of_a_returned_pep_only_the_returned_sections(self):
        story = stages.returned()
        found = amys(story)
        assert [(one.kind, one.person) for one in found] == [(Kind.SECTION, story.people.teacher)]
        assert found[0].rule.key == "pep.resubmit"
        assert found[0].explained_at == story.pep.clock.get_absolute_url()

    def test_the_night_and_the_chase_ask_the_same(self):
        story = stages.scheduled()
        pks = set(chasing.sections_asked_for().filter(pep=story.pep).values_list("pk", flat=True))
        assert {one.href.split("/")[-2] for one in amys(story) if one.kind == Kind.SECTION} == {
            str(one.uuid) for one in PepSection.objects.filter(pk__in=pks)
        }

    def test_nobody_known_is_owed_by_nobody_at_that_school(self):
        story = stages.scheduled()
        Membership.objects.filter(user=story.people.teacher).update(end=today())
        nobody = [one for one in by_person(things()) if one.person is None and one.things[0].pep == story.pep]
        assert [(one.seat, one.key) for one in nobody] == [
            (Seat.DESIGNATED_TEACHER, f"nobody-designated_teacher-{story.pep.school.urn}")
        ]

    def test_a_section_that_was_given_is_owed_by_the_colleague_until_it_is_taken_back(self):
        story = stages.scheduled()
        colleague = UserFactory(role="teacher", name="Cal Colleague")
        section = story.section("education_now")
        given = delegating.delegate(section=section, colleague=colleague, by=story.people.teacher)
        assert [one.href for one in amys(story) if one.person == colleague] == [f"/peps/sections/{section.uuid}/"]
        assert [one.words for one in owed_by(colleague)] == [f"“{title_of(section)}”"]
        delegating.withdraw(delegation=given, by=story.people.teacher)
        assert [one for one in amys(story) if one.person == colleague] == owed_by(colleague) == []

    def test_a_social_worker_of_yesterday_owes_nothing(self):
        story = stages.scheduled()
        Relationship.objects.filter(child=story.people.amy, user=story.people.socialworker).update(end=today())
        assert [
            one for one in amys(story) if one.person == story.people.socialworker and one.kind == Kind.SECTION
        ] == []


def title_of(section):
    return layouts.of_version(section.pep.layout).section(section.key).title


class TestGate:
    def test_what_the_gate_finds_missing_is_owed_by_whom_it_names(self):
        story = stages.written()
        PepMeeting.objects.filter(pep=story.pep).update(next_meeting_on=None)
        missing = submitting.gate(story.again())
        found = amys(story)
        assert words(found) == [one.words for one in missing] == ["the next meeting has no date"]
        assert [(one.kind, one.person, one.rule.key) for one in found] == [
            (Kind.MISSING, story.people.teacher, "pep.write_up")
        ]

    def test_an_unfinished_section_is_said_once(self):
        story = stages.held(stages.prepared())
        found = words(amys(story))
        assert len(found) == len(set(found))
        unfinished = PepSection.objects.filter(pep=story.pep).exclude(state="complete").count()
        assert sum(one.kind == Kind.SECTION for one in amys(story)) == unfinished

    def test_when_nothing_is_missing_the_sending_in_is_owed(self):
        story = stages.written()
        assert [(one.kind, one.person, one.href) for one in amys(story)] == [
            (Kind.SEND_IN, story.people.teacher, f"/peps/{story.pep.uuid}/submit/")
        ]

    def test_many_gates_cost_no_more_queries_than_one(self, django_assert_num_queries):
        story = stages.written()
        other = Pep.objects.select_related("child", "school").get(child=story.people.bob)
        pep = story.again()
        with django_assert_num_queries(10):
            one = submitting.gates([pep])
        with django_assert_num_queries(10):
            both = submitting.gates([pep, other])
        assert both[pep.pk] == one[pep.pk] == []
        assert "the meeting has not been held" in [missing.words for missing in both[other.pk]]


class TestAnswersAndInvitations:
    def test_an_invitation_is_owed_until_it_is_answered(self):
        story = stages.scheduled()
        waiting = [one for one in amys(story) if one.kind == Kind.INVITATION]
        assert story.people.socialworker in [one.person for one in waiting]
        assert all(one.person and one.due_on == today() and one.rule is None for one in waiting)
        stages.accepted(story)
        left = [one.person for one in amys(story) if one.kind == Kind.INVITATION]
        assert len(left) == len(waiting) - 1
        assert story.people.socialworker not in left

    def test_of_a_meeting_that_is_not_held_no_answer_is_owed(self):
        story = stages.scheduled()
        meetings.rearrange_meeting(meeting=story.meeting, why="The head is ill", by=story.people.coordinator)
        assert amys(story) == []

    def test_a_pep_sent_in_is_owed_by_the_childs_advocate(self):
        story = stages.submitted()
        assert [(one.kind, one.person, one.rule.key) for one in amys(story)] == [
            (Kind.ANSWER, story.people.ala, "pep.approval")
        ]

    def test_not_by_an_advocate_who_wrote_some_of_it(self):
        story = stages.submitted()
        PepAuthor.objects.create(pep=story.pep, user=story.people.ala, since=story.pep.submitted_at)
        assert [(one.kind, one.person, one.seat) for one in amys(story)] == [(Kind.ANSWER, None, Seat.ADVOCATE)]

    def test_of_a_complete_pep_nothing_is_owed(self):
        story = stages.approved()
        assert (story.pep.state, amys(story)) == (PepState.COMPLETE, [])


class TestPeople:
    def test_the_oldest_date_comes_first(self):
        story = stages.scheduled(on=today() + 30 * DAY)
        found = by_person(things())
        assert [one.first_due_on for one in found] == sorted(one.first_due_on for one in found)
        worker = next(one for one in found if one.person == story.people.socialworker)
        assert (worker.children, worker.first_due_on) == (1, today() + 20 * DAY)
        assert [one.due_on for one in worker.things] == sorted(one.due_on for one in worker.things)

    def test_a_persons_own_list_is_their_part_of_the_whole(self):
        story = stages.scheduled()
        whole = [one for one in by_person(things()) if one.person == story.people.teacher][0].things
        assert owed_by(story.people.teacher) == whole

    def test_the_number_of_queries_does_not_grow(self, django_assert_num_queries):
        story = stages.written()
        with django_assert_num_queries(18):
            owed_for(Pep.objects.filter(pk=story.pep.pk))
        bob = Pep.objects.select_related("child", "school").get(child=story.people.bob)
        meetings.schedule_meeting(pep=bob, starts_at=stages.at(today()), place="Hall", by=story.people.coordinator)
        with django_assert_num_queries(18):
            assert len({one.pep.pk for one in owed_for(Pep.objects.all())}) == 2

    def test_a_section_that_is_opened_again_is_owed_again(self):
        story = stages.written()
        writing.reopen_section(section=story.section("education_now"), by=story.people.teacher)
        assert [one.kind for one in amys(story)] == [Kind.SECTION]


def test_after_the_meeting_a_change_of_school_asks_the_new_one():
    story = stages.held()
    schools.enrol(child=story.people.amy, school=story.people.other_school, start=today(), by=None)
    deliver_pending()
    old, new = story.people.teacher, story.people.outsiders["teacher"]
    found = amys(story)
    assert {one.person for one in found if one.seat == Seat.DESIGNATED_TEACHER} == {new}
    assert words(amys(story, owed_by(new))) == words(one for one in found if one.person == new)
    assert owed_by(old) == []
