"""The gate: everything that is missing, by person, and nothing sent in before."""

from dataclasses import replace
from datetime import date

import pytest

from peps.actions import opening, submitting, targets, writing
from peps.actions.submitting import NotReady, gate
from peps.actions.writing import Seen, digest
from peps.enums import Owner, PepState
from peps.models import PepAnswer, PepCost, PepMeeting, PepSection, PepTarget
from tests import personas
from tests.factories.children import born_for_year
from tests.factories.peps import PepTargetFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db


def missing(story):
    return [one.words for one in gate(story.pep)]


class TestGate:
    def test_ready_when_everything_is_there(self):
        assert gate(stages.written().pep) == []

    def test_before_the_meeting_everything_is_told_with_whom_to_ask(self):
        story = stages.scheduled()
        told = {(one.words, one.owner, one.person) for one in gate(story.pep)}
        assert ("“Child and care” is not finished", Owner.SOCIAL_WORKER, "Sam Worker") in told
        assert ("“Attainment and progress” is not finished", Owner.DESIGNATED_TEACHER, "Tess Teacher") in told
        assert ("the meeting has not been held", Owner.VIRTUAL_SCHOOL, "Cora Coordinator") in told
        assert ("there is no target", Owner.DESIGNATED_TEACHER, "Tess Teacher") in told
        assert ("the child's own words are not there, nor why not", Owner.KEY_ADULT, "Tess Teacher") in told
        assert len(told) == PepSection.objects.filter(pep=story.pep).count() + 4

    @pytest.mark.parametrize(
        ("lacks", "words"),
        [
            ({"measure": ""}, "target 1 has no measure"),
            ({"by_when": None}, "target 1 has no date"),
            ({"named_person": ""}, "target 1 has no named person"),
            ({"measure": "", "by_when": None, "named_person": ""}, "target 1 has no measure, date or named person"),
        ],
    )
    def test_a_target_has_measure_date_and_person(self, lacks, words):
        story = stages.written()
        PepTarget.objects.update(**lacks)
        assert missing(story) == [words]

    def test_money_is_asked_for_or_it_is_said_why_not(self):
        story = stages.written()
        PepCost.objects.all().delete()
        assert missing(story) == []
        PepAnswer.objects.filter(field="no_pupil_premium_because").update(value="")
        assert missing(story) == ["no Pupil Premium Plus is asked for, nor is it said why not"]

    @pytest.mark.parametrize(("year", "asked"), [(-1, 0), (0, 1), (11, 1), (12, 0)])
    def test_money_is_asked_for_in_the_years_that_the_grant_is_for(self, year, asked):
        story = stages.written()
        PepCost.objects.all().delete()
        PepAnswer.objects.filter(field="no_pupil_premium_because").update(value="")
        story.pep.child.date_of_birth = born_for_year(year)
        assert len(missing(story)) == asked

    def test_those_years_are_a_rule(self):
        story = stages.written()
        PepCost.objects.all().delete()
        PepAnswer.objects.filter(field="no_pupil_premium_because").update(value="")
        set_rule("pp.years", [0, 3])
        assert missing(story) == []

    def test_the_next_meeting_has_a_date(self):
        story = stages.written()
        PepMeeting.objects.update(next_meeting_on=None)
        assert missing(story) == ["the next meeting has no date"]

    def test_words_or_why_there_are_none(self):
        story = stages.written()
        words = PepAnswer.objects.filter(field__in=["my_words", "no_words_because"])
        words.filter(field="my_words").update(value="")
        assert missing(story) == []
        words.update(value="")
        assert missing(story) == ["the child's own words are not there, nor why not"]

    def test_what_the_council_asks_for_besides(self, clock):
        set_rule("pep.submit.required", ["previous_targets"])
        story = stages.approved()
        clock.move_to(date(2027, 1, 12))
        opening.open_term_peps(today())
        spring = stages.Story(story.people, story.people.amy.peps.get(term="spring"))
        assert "not every target of the last PEP has been reviewed" in missing(spring)
        targets.review_target(target=story.target, outcome="met", evidence="72", by=story.people.teacher, seen="")
        assert "not every target of the last PEP has been reviewed" not in missing(spring)

    def test_constant_queries(self, django_assert_num_queries):
        story = stages.written()
        PepTargetFactory.create_batch(3, pep=story.pep)
        with django_assert_num_queries(10):
            gate(story.pep)


class TestSubmitting:
    def test_goes_to_the_virtual_school_with_its_clock(self):
        story = stages.submitted()
        assert (story.pep.state, story.pep.submission, story.pep.submitted_by) == (
            PepState.SUBMITTED,
            1,
            story.people.teacher,
        )
        assert (story.pep.clock.rule.key, story.pep.due_on) == ("pep.approval", date(2026, 11, 24))
        assert Message.objects.filter(kind="pep.submitted", to=story.people.ala).count() == 1

    def test_refused_with_all_that_is_missing(self):
        story = stages.held()
        with pytest.raises(NotReady) as told:
            submitting.submit_pep(pep=story.pep, by=story.people.teacher)
        assert len(told.value.missing) == PepSection.objects.filter(pep=story.pep).count() + 3
        assert story.again().state == PepState.MEETING_HELD

    @pytest.mark.parametrize("role", ["socialworker", "coordinator", "ala", "vsh", "iro"])
    def test_only_by_the_school(self, role):
        story = stages.written()
        with pytest.raises(Refused, match="designated teacher"):
            submitting.submit_pep(pep=story.pep, by=story.people[role])

    def test_not_by_another_school(self):
        story = stages.written()
        with pytest.raises(Refused):
            submitting.submit_pep(pep=story.pep, by=story.people.outsiders["teacher"])

    def test_twice_is_refused(self):
        story = stages.submitted()
        with pytest.raises(Refused, match="sent in after its meeting"):
            submitting.submit_pep(pep=story.pep, by=story.people.teacher)

    def test_for_a_child_without_a_school_by_the_social_worker(self):
        people = personas.cast()
        people.amy.enrolments.update(end=today())
        opening.open_term_peps(today())
        story = stages.Story(people, people.amy.peps.get())
        story.writer = lambda section: people.socialworker
        stages.held(stages.prepared(stages.accepted(stages.scheduled(story))))
        story.target = targets.add_target(pep=story.pep, facts=stages.TARGET, by=people.socialworker)
        for section in PepSection.objects.filter(pep=story.pep).exclude(state="complete"):
            stages.fill(story, section.key)
        submitting.submit_pep(pep=story.pep, by=people.socialworker)
        assert story.again().state == PepState.SUBMITTED

    def test_again_after_a_return_when_what_was_returned_is_mended(self):
        story = stages.returned()
        with pytest.raises(NotReady, match="New targets"):
            submitting.submit_pep(pep=story.pep, by=story.people.teacher)
        target = PepTarget.objects.get()
        facts = replace(stages.TARGET, goal="Reads 75 words a minute")
        targets.edit_target(target=target, facts=facts, version=target.version, by=story.people.teacher)
        writing.complete_section(section=story.section("targets"), by=story.people.teacher)
        submitting.submit_pep(pep=story.pep, by=story.people.teacher)
        assert (story.again().submission, story.pep.clock.matter[-2:]) == (2, ":2")
        assert not PepSection.objects.filter(pep=story.pep).exclude(returned_why="").exists()

    def test_only_what_was_returned_is_open(self):
        story = stages.returned()
        seen = {"clubs": Seen(1, digest("In a few more words"))}
        with pytest.raises(Refused, match="Only the sections that were returned"):
            writing.reopen_section(section=story.section("education_now"), by=story.people.teacher)
        with pytest.raises(Refused, match="Only the sections that were returned"):
            writing.save_answers(
                section=story.section("education_now"), answers={"clubs": "x"}, seen=seen, by=story.people.teacher
            )
        stages.fill(story, "targets")
        assert writing.reopen_section(section=story.section("targets"), by=story.people.teacher).state == "started"

    def test_returned_twice(self):
        story = stages.returned()
        for _ in range(2):
            stages.fill(story, "targets")
            stages.submitted(story)
            stages.returned(story)
        stages.fill(story, "targets")
        stages.approved(stages.submitted(story))
        assert (story.pep.state, story.pep.submission, story.pep.reviews.count()) == (PepState.COMPLETE, 4, 4)


def test_nobody_sends_in_what_was_decided():
    story = stages.approved()
    with pytest.raises(Refused):
        submitting.submit_pep(pep=story.pep, by=story.people.teacher)
