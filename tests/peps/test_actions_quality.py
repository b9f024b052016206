"""The answer: by somebody who wrote none of it, on the sending in that they saw, once."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from children.enums import ClockState
from children.models import Clock
from peps.actions import opening, quality, writing
from peps.enums import Decision, Grade, PepKind, PepState, Seat, SectionState
from peps.models import PepCost, PepReview, PepVersion
from tests.factories.accounts import UserFactory
from tests.factories.peps import (
    MeetingInvitationFactory,
    PepAuthorFactory,
    PepCostFactory,
    PepFactory,
    PepMeetingFactory,
    PepReviewFactory,
    PepVersionFactory,
)
from tests.factories.rulebook import set_rule
from tests.peps import stages
from tests.peps.test_actions_targets import _trip
from virtualschool.jobs.models import Event, Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db


class TestWho:
    @pytest.mark.parametrize("role", ["ala", "vsh"])
    def test_an_advocate_or_the_head(self, role):
        story = stages.submitted()
        assert stages.approve(story, by=story.people[role]).by == story.people[role]

    @pytest.mark.parametrize("role", ["coordinator", "support", "teacher", "socialworker", "iro", "data"])
    def test_nobody_else(self, role):
        story = stages.submitted()
        with pytest.raises(Refused):
            stages.approve(story, by=story.people[role])

    def test_nobody_who_wrote_any_of_it(self):
        story = stages.written(stages.held(stages.prepared(_with_words_by_the_advocate())))
        stages.submitted(story)
        with pytest.raises(Refused, match="You wrote part of this PEP"):
            stages.approve(story)
        assert stages.approve(story, by=UserFactory(role="ala")).decision == Decision.APPROVED

    def test_nor_later_in_another_role(self):
        story = stages.submitted()
        story.people.teacher.role = "ala"
        story.people.teacher.save()
        with pytest.raises(Refused, match="You wrote part"):
            stages.approve(story, by=story.people.teacher)


class TestDatabase:
    def test_keeps_authors_from_deciding(self):
        pep, user = PepFactory(submitted=True), UserFactory(role="ala")
        PepAuthorFactory(pep=pep, user=user)
        with pytest.raises(IntegrityError, match="nobody_grades_own_writing|wrote in"), transaction.atomic():
            PepReviewFactory(pep=pep, by=user)
        assert PepReviewFactory(pep=pep, by=UserFactory()).pk

    @pytest.mark.parametrize(
        ("seat", "may"), [(Seat.SOCIAL_WORKER, False), (Seat.DESIGNATED_TEACHER, False), (Seat.ADVOCATE, True)]
    )
    def test_keeps_those_from_deciding_who_were_asked_to_write(self, seat, may):
        pep, user = PepFactory(submitted=True), UserFactory(role="ala")
        MeetingInvitationFactory(meeting=PepMeetingFactory(pep=pep, state="held"), seat=seat, user=user)
        if may:
            assert PepReviewFactory(pep=pep, by=user).pk
            return
        with pytest.raises(IntegrityError, match="wrote in"), transaction.atomic():
            PepReviewFactory(pep=pep, by=user)

    def test_keeps_a_decision_from_being_given_to_an_author_afterwards(self):
        review = PepReviewFactory()
        author = PepAuthorFactory(pep=review.pep)
        with pytest.raises(IntegrityError, match="wrote in"), transaction.atomic():
            PepReview.objects.filter(pk=review.pk).update(by=author.user)

    def test_never_approves_red(self):
        with pytest.raises(IntegrityError, match="red_is_never_approved"), transaction.atomic():
            PepReviewFactory(grade=Grade.RED)

    @pytest.mark.parametrize("statement", ["UPDATE peps_pepversion SET number = 2", "DELETE FROM peps_pepversion"])
    def test_keeps_versions_as_they_are(self, statement):
        PepVersionFactory()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


class TestTakingUp:
    def test_says_that_somebody_is_at_it(self):
        story = stages.submitted()
        quality.take_up(pep=story.pep, submission=1, by=story.people.ala)
        assert story.again().state == PepState.IN_QA

    def test_may_be_left_out(self):
        assert stages.approve(stages.submitted()).decision == Decision.APPROVED


class TestReturning:
    def test_opens_the_named_sections_and_only_them_with_the_reason(self):
        story = stages.returned(sections=("targets", "my_views"))
        opened = story.pep.sections.filter(state=SectionState.RETURNED)
        assert set(opened.values_list("key", "returned_why")) == {
            ("targets", "The target needs a number"),
            ("my_views", "The target needs a number"),
        }
        assert (story.pep.state, story.pep.grade) == (PepState.RETURNED, Grade.AMBER)
        assert (story.pep.clock.rule.key, story.pep.due_on) == ("pep.resubmit", date(2026, 11, 17))
        assert {one.due_on for one in opened} == {date(2026, 11, 17)}

    def test_tells_the_sender_once(self):
        story = stages.returned()
        assert list(Message.objects.filter(kind="pep.returned").values_list("to", flat=True)) == [
            story.people.teacher.pk
        ]

    @pytest.mark.parametrize(("reason", "sections"), [("  ", ("targets",)), ("Why", ()), ("Why", ("nothing",))])
    def test_needs_a_reason_and_sections_there_are(self, reason, sections):
        story = stages.submitted()
        with pytest.raises(ValueError, match="goes back with a reason"):
            quality.return_pep(
                pep=story.pep,
                submission=1,
                grading=stages.grading(story.pep, Grade.RED, reason=reason),
                sections=sections,
                by=story.people.ala,
            )

    def test_releases_nothing(self):
        stages.returned()
        assert not Event.objects.filter(kind="pep.approved").exists()


class TestApproving:
    def test_completes_with_a_version_met_clocks_and_one_event(self):
        story = stages.approved()
        review = story.extra["review"]
        assert (story.pep.state, story.pep.grade, story.pep.completed_on) == (PepState.COMPLETE, Grade.GREEN, today())
        assert set(Clock.objects.filter(child=story.people.amy).values_list("state", flat=True)) == {ClockState.MET}
        event = Event.objects.get(kind="pep.approved")
        assert (event.key, event.data) == (
            f"pep.approved:{story.pep.pk}:1",
            {"pep": story.pep.pk, "review": review.pk, "child": story.people.amy.pk, "submission": 1},
        )

    def test_the_version_holds_what_was_written(self):
        story = stages.approved()
        version = PepVersion.objects.get()
        content = version.content
        assert (version.number, content["layout"], content["review"]["grade"]) == (1, "2026_09", "green")
        assert content["sections"]["my_views"]["my_words"] == {
            "value": "I like maths when it is quiet",
            "by": "Tess Teacher",
        }
        assert content["targets"][0]["costs"][0]["total_pence"] == 50000
        assert {"seat": "social_worker", "name": "Sam Worker", "attendance": "came"} in content["meeting"]["people"]
        assert "Secret" not in str(content)
        assert story.pep.version == 1

    def test_an_initial_peps_second_clock_is_met(self):
        story = stages.planned()
        opening.end_pep(pep=story.pep, why="For the test")
        period = story.people.amy.periods_of_care.get()
        story.people.amy.periods_of_care.update(start=today())
        period.refresh_from_db()
        story.pep = opening.open_initial(period=period)
        stages.approved(
            stages.submitted(stages.written(stages.held(stages.prepared(stages.accepted(stages.scheduled(story))))))
        )
        assert story.pep.kind == PepKind.INITIAL
        states = Clock.objects.filter(matter__startswith=f"peps.Pep:{story.pep.uuid}").values_list("state", flat=True)
        assert list(states) == [ClockState.MET] * 4

    def test_only_the_lines_agreed_are_agreed(self):
        story = stages.written()
        other = PepCostFactory(target=story.target, item="Speech therapy")
        stages.approve(stages.submitted(story), agreed_costs=[other.pk])
        assert set(PepCost.objects.values_list("item", "agreed")) == {
            ("Speech therapy", True),
            ("Reading tuition", False),
        }

    def test_an_excluded_line_waits_for_its_exception(self):
        story = stages.held(stages.prepared())
        story.target = stages.targets.add_target(pep=story.pep, facts=stages.TARGET, by=story.people.teacher)
        story.cost = _trip(story)
        for key in story.pep.sections.exclude(state="complete").values_list("key", flat=True):
            stages.fill(story, key)
        stages.submitted(story)
        with pytest.raises(Refused, match="needs an agreed exception"):
            stages.approve(story)
        assert story.again().state == PepState.SUBMITTED
        stages.targets.agree_exception(cost=story.cost, by=story.people.vsh)
        stages.approve(story)
        assert PepCost.objects.get().agreed is True

    @pytest.mark.parametrize("grade", [Grade.GOLD, Grade.GREEN, Grade.AMBER])
    def test_grades_that_complete(self, grade):
        assert quality.completes(grade).allowed is True

    def test_red_never_completes_and_amber_where_the_council_says_so(self):
        story = stages.submitted()
        with pytest.raises(Refused, match="graded red goes back"):
            stages.approve(story, grade=Grade.RED)
        set_rule("pep.grade.completes", ["green", "red"])
        assert [quality.completes(grade).allowed for grade in ("gold", "amber", "red")] == [True, False, False]

    def test_a_grade_has_its_reason(self):
        with pytest.raises(ValueError, match="has its reason"):
            stages.approve(stages.submitted(), reason=" ")

    def test_supersedes_the_pep_before(self, clock):
        story = stages.approved()
        clock.move_to(date(2027, 1, 12))
        opening.open_term_peps(today())
        spring = stages.Story(story.people, story.people.amy.peps.get(term="spring"))
        stages.approved(
            stages.submitted(stages.written(stages.held(stages.prepared(stages.accepted(stages.scheduled(spring))))))
        )
        assert (spring.pep.state, story.again().state) == (PepState.COMPLETE, PepState.SUPERSEDED)


class TestStalePages:
    def test_a_page_from_before_it_was_sent_in_again_decides_nothing(self):
        story = stages.returned()
        stages.fill(story, "targets")
        stages.submitted(story)
        with pytest.raises(Conflict, match="sent in again"):
            stages.approve(story, submission=1)
        assert story.again().state == PepState.SUBMITTED

    def test_a_second_click_is_a_conflict_and_releases_nothing_more(self):
        story = stages.approved()
        with pytest.raises(Conflict, match="has been decided"):
            stages.approve(story)
        with pytest.raises(Conflict):
            quality.take_up(pep=story.pep, submission=1, by=story.people.ala)
        assert Event.objects.filter(kind="pep.approved").count() == 1

    def test_a_return_after_an_approval_is_a_conflict(self):
        story = stages.approved()
        with pytest.raises(Conflict):
            stages.returned(story)


def _with_words_by_the_advocate():
    """The advocate wrote down the carer's views."""
    story = stages.accepted()
    section = story.section("carer_views")
    writing.save_answers(section=section, answers={"parent_words": "By telephone"}, seen={}, by=story.people.ala)
    return story
