"""A completed PEP changed later: who, why, where; the next version; the one before as it stood; money once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from children.models import Clock
from peps import reviews
from peps.actions import amending, ending, opening, targets, writing
from peps.enums import Grade, PepState, SectionState
from peps.models import Pep, PepAnswer, PepCost, PepTarget, PepVersion
from pupil_premium.actions import make_releasable
from pupil_premium.models import Release
from tests.peps import stages
from virtualschool.audit.models import AuditEvent, Change
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db
WHY = "The school’s number was wrong"


def amended(story=None, *, sections=("targets",), by=None):
    story = story or stages.approved()
    amending.amend_pep(pep=story.pep, why=WHY, sections=sections, by=by or story.people.coordinator)
    story.again()
    return story


def again(story):
    """The opened section is finished, the PEP sent in and approved."""
    stages.fill(story, "targets")
    stages.submitted(story)
    stages.approve(story, reason="Right now")
    story.again()
    return story


def page(user, name, *args):
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"peps:{name}", args=args))


class TestOpening:
    @pytest.mark.parametrize("role", ["coordinator", "ala", "vsh", "support"])
    def test_by_those_who_grade_or_plan(self, role):
        story = stages.approved()
        assert amended(story, by=story.people[role]).pep.state == PepState.RETURNED

    @pytest.mark.parametrize("role", ["teacher", "socialworker", "iro", "data", "manager"])
    def test_by_nobody_else(self, role):
        story = stages.approved()
        with pytest.raises(Refused):
            amended(story, by=story.people[role])

    def test_opens_the_named_sections_and_only_them_with_its_clock_and_reason(self):
        story = amended()
        opened = story.pep.sections.exclude(state=SectionState.COMPLETE)
        assert list(opened.values_list("key", "state", "returned_why")) == [("targets", "returned", WHY)]
        assert (story.pep.amended_why, story.pep.clock.rule.key) == (WHY, "pep.resubmit")

    def test_only_a_completed_one(self):
        story = stages.submitted()
        with pytest.raises(Refused, match="only a completed one"):
            amended(story)

    def test_not_twice(self):
        story = amended()
        with pytest.raises(Refused):
            amended(story)

    @pytest.mark.parametrize(("why", "sections"), [(" ", ["targets"]), (WHY, []), (WHY, ["nothing"])])
    def test_with_a_reason_and_sections_there_are(self, why, sections):
        story = stages.approved()
        with pytest.raises(ValueError, match="changed with a reason"):
            amending.amend_pep(pep=story.pep, why=why, sections=sections, by=story.people.ala)

    def test_what_was_complete_once_is_not_cancelled(self):
        story = amended()
        with pytest.raises(Refused, match="was complete once"):
            ending.end_pep(pep=story.pep, why="Never mind", by=story.people.coordinator)


class TestCareEnds:
    def test_the_change_is_withdrawn_and_the_last_version_stands(self):
        story = stages.approved()
        ended = Pep.objects.filter(pk=story.pep.pk).values("completed_on", "version", "grade", "cancelled_on")
        before, words = ended.get(), said(story)
        amended(story, sections=("targets", "education_now"))
        teacher, section = story.people.teacher, story.section("education_now")
        answer = section.answers.get(field="clubs")
        shown = {"clubs": writing.Seen(answer.version, writing.digest(answer.value))}
        writing.save_answers(section=section, answers={"clubs": "Chess now"}, seen=shown, by=teacher)
        targets.edit_target(target=story.target, facts=replace(stages.TARGET, goal="Other"), version=1, by=teacher)
        new = targets.add_target(pep=story.pep, facts=stages.TARGET, by=teacher)
        asked = targets.add_cost(target=story.target, facts=stages.COST, by=teacher)
        assert ending.end_peps_of(story.pep.period, on=today()) == 1
        assert (ended.get(), said(story), story.again().state) == (before, words, PepState.COMPLETE)
        assert list(PepTarget.objects.values_list("pk", "goal")) == [(story.target.pk, stages.TARGET.goal)]
        assert list(PepCost.objects.values_list("pk", "agreed")) == [(story.cost.pk, True)]
        assert not story.pep.sections.exclude(state=SectionState.COMPLETE).exists()
        assert not Clock.objects.running().filter(matter__contains=str(story.pep.uuid)).exists()
        assert AuditEvent.objects.get(verb="pep.change_withdrawn").why.startswith("The child left care on")
        assert Change.objects.filter(table_name="peps_pepanswer", old__value="Chess now").count() == 1
        deleted = set(Change.objects.filter(verb="D").values_list("table_name", "row_id"))
        assert {("peps_peptarget", str(new.pk)), ("peps_pepcost", str(asked.pk))} <= deleted

    def test_one_that_was_returned_again_gets_its_grade_back(self):
        story = amended()
        stages.fill(story, "targets")
        stages.returned(stages.submitted(story))
        assert story.pep.grade == Grade.AMBER
        ending.end_peps_of(story.pep.period, on=today())
        assert (story.again().state, story.pep.grade, story.pep.amended_why) == (PepState.COMPLETE, Grade.GREEN, "")
        assert ending.end_peps_of(story.pep.period, on=today()) == 0

    def test_what_was_complete_once_is_there_for_the_review(self):
        story = stages.approved()
        by, child = reviews.terms(today()), story.people.amy
        tomorrow = today() + timedelta(days=1)

        def found():
            facts = reviews.facts_of([child.pk])[child.pk]
            return reviews.standing(tomorrow, child.date_of_birth, facts, by).readiness

        before = found()
        amended(story)
        assert (before, found()) == (reviews.Readiness.READY_LATE, reviews.Readiness.READY_LATE)
        assert list(Pep.objects.complete_once()) == [story.pep]


def said(story):
    """Every answer of the PEP, with who wrote it."""
    rows = PepAnswer.objects.filter(section__pep=story.pep).select_related("written_by")
    return {(one.section_id, one.field): (one.value, one.writers) for one in rows}


class TestOnlyWhatWasOpened:
    def test_other_sections_and_targets_stay_closed(self):
        story = amended(sections=("education_now",))
        teacher = story.people.teacher
        with pytest.raises(Refused, match="Only the sections that were returned"):
            targets.add_target(pep=story.pep, facts=stages.TARGET, by=teacher)
        with pytest.raises(Refused):
            targets.add_cost(target=story.target, facts=stages.COST, by=teacher)
        with pytest.raises(Refused):
            targets.edit_target(target=story.target, facts=stages.TARGET, version=1, by=teacher)
        with pytest.raises(Refused):
            stages.fill(story, "attendance")

    def test_a_returned_pep_likewise(self):
        story = stages.returned(sections=("education_now",))
        for act in (
            lambda: targets.remove_target(target=story.target, by=story.people.teacher),
            lambda: targets.remove_cost(cost=story.cost, by=story.people.teacher),
        ):
            with pytest.raises(Refused, match="Only the sections that were returned"):
                act()


class TestNextVersion:
    def test_has_its_reason_and_the_one_before_stays_as_it_was(self):
        story = again(amended())
        found = list(PepVersion.objects.order_by("number").values_list("number", "why", "content__review__reason"))
        assert found == [(1, "", "Strong voice, clear targets"), (2, WHY, "Right now")]
        assert (story.pep.state, story.pep.version, story.pep.amended_why) == (PepState.COMPLETE, 2, "")
        assert not Clock.objects.running().filter(child=story.people.amy, matter__contains=str(story.pep.uuid)).exists()

    def test_money_is_released_once_and_a_new_line_besides(self):
        story = stages.approved()
        make_releasable(pep=story.pep, by=story.people.ala)
        amended(story)
        targets.add_cost(target=story.target, facts=stages.COST, by=story.people.teacher)
        stages.fill(story, "targets")
        stages.submitted(story)
        new = PepCost.objects.exclude(pk=story.cost.pk).get()
        stages.approve(story, agreed_costs=[new.pk])
        assert Event.objects.filter(kind="pep.approved").count() == 2
        for _ in range(2):
            make_releasable(pep=story.again(), by=story.people.ala)
        sums = Release.objects.aggregate(Sum("amount_pence"))["amount_pence__sum"]
        assert (Release.objects.count(), sums) == (2, 100_000)

    def test_what_was_agreed_is_neither_taken_out_nor_disagreed(self):
        story = amended()
        teacher = story.people.teacher
        with pytest.raises(Refused, match="Money was agreed"):
            targets.remove_cost(cost=story.cost, by=teacher)
        with pytest.raises(Refused, match="Money was agreed"):
            targets.remove_target(target=story.target, by=teacher)
        stages.fill(story, "targets")
        stages.submitted(story)
        stages.approve(story, agreed_costs=[])
        assert PepCost.objects.get().agreed is True

    def test_one_changed_while_the_next_was_completed_is_history_at_once(self, clock):
        story = amended()
        clock.move_to(today().replace(year=2027, month=1, day=12))
        opening.open_term_peps(today())
        spring = stages.Story(story.people, story.people.amy.peps.get(term="spring"))
        stages.approved(
            stages.submitted(stages.written(stages.held(stages.prepared(stages.accepted(stages.scheduled(spring))))))
        )
        again(story)
        assert (story.pep.state, spring.again().state) == (PepState.SUPERSEDED, PepState.COMPLETE)


class TestReading:
    def test_lists_versions_and_shows_one_as_it_stood(self):
        story = amended(sections=("education_now", "targets"))
        PepAnswer.objects.filter(section__pep=story.pep, field="clubs").update(value="Chess now")
        stages.fill(story, "education_now")
        again(story)
        rows = page(story.people.iro, "versions", story.pep.uuid).context["table"].rows
        assert len(rows) == 2
        pages = [page(story.people.teacher, "version", story.pep.uuid, number).content.decode() for number in (1, 2)]
        assert ["Chess now" in html for html in pages] == [False, True]
        assert [WHY in html for html in pages] == [False, True]
        assert all("I like maths when it is quiet" in html for html in pages)

    @pytest.mark.parametrize(("role", "reads"), [("ala", True), ("teacher", True), ("coordinator", False)])
    def test_money_is_for_those_who_read_it(self, role, reads):
        story = stages.approved()
        html = page(story.people[role], "version", story.pep.uuid, 1).content.decode()
        assert ("Reading tuition" in html) is reads

    @pytest.mark.parametrize("number", [0, 2, 99999999])
    def test_one_that_is_not_there_is_not_found(self, number):
        story = stages.approved()
        assert page(story.people.ala, "version", story.pep.uuid, number).status_code == 404

    def test_through_the_page(self):
        story = stages.approved()
        client = Client()
        client.force_login(story.people.coordinator)
        url = reverse("peps:amend", args=[story.pep.uuid])
        assert set(client.post(url, {}).context["form"].errors) == {"why", "sections"}
        sent = [client.post(url, {"why": WHY, "sections": ["targets"]}).status_code for _ in range(2)]
        assert (sent, story.again().grade) == ([302, 403], Grade.GREEN)
