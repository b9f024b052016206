"""A grading: what it keeps, when it departs from the formula, what the database refuses of it, and drafts of two advocates."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from peps.actions import drafting, quality
from peps.actions.marking import Mark, sheet_for
from peps.enums import Grade, PepState
from peps.models import GradingDraft, PepAnswer, PepReview, PepVersion
from tests.factories.peps import PepAuthorFactory, PepFactory, PepReviewFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.kernel.dates import now
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
BAND = {"band": "green", "note": ""}


def graded(story, grade=Grade.GREEN, **said):
    grading = stages.grading(story.pep, grade, **said)
    return quality.approve_pep(pep=story.pep, submission=1, grading=grading, by=story.people.ala)


def draft(story, by=None, **changes):
    facts = {"pep": story.pep, "submission": 1, "content": {"mark_voice": "green"}, "version": 0}
    return drafting.save_draft(**facts | {"by": by or story.people.ala} | changes)


def desk(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestWhatIsKept:
    def test_the_version_each_mark_and_the_working(self):
        review = graded(stages.submitted(), but={"others": Mark(Grade.AMBER, "The carer was not asked")})
        assert (review.rubric, review.computed, review.grade) == ("house_1", "green", "green")
        assert review.working.startswith("11 green, 1 amber (“Voice” counts twice")
        assert review.marks["others"] == {"band": "amber", "note": "The carer was not asked"}
        not_asked = {key for key, mark in review.marks.items() if mark["band"] == "na"}
        assert not_asked == {"last_targets", "moving_on"}
        assert PepVersion.objects.get().content["review"]["marks"] == review.marks

    def test_a_pep_graded_under_another_rubric_shows_that_one_whatever_holds_now(self):
        set_rule("pep.rubric", "st_helens_seven")
        story = stages.approved()
        set_rule("pep.rubric", "lancashire_1")
        page = desk(story.people.ala).get(reverse("peps:quality", args=[story.pep.uuid])).context["reviews"][0]
        assert page["rubric"] == "St Helens, seven pages graded, attainment not scored"
        assert [row["key"] for row in page["rows"]][:2] == ["Meeting", "About me"]

    def test_the_coachs_notes_that_stood(self):
        assert graded(stages.submitted()).coach_notes == ["target.no_how_often", "target.nothing_done"]


class TestReckoning:
    def test_a_question_without_its_mark_is_named(self):
        story = stages.submitted()
        grading = stages.grading(story.pep)
        short = replace(grading, marks={key: mark for key, mark in grading.marks.items() if key != "voice"})
        with pytest.raises(ValueError, match="Grade “Voice”"):
            quality.approve_pep(pep=story.pep, submission=1, grading=short, by=story.people.ala)

    def test_gold_for_low_attendance_needs_a_word(self):
        set_rule("pep.rubric", "st_helens_eight")
        story = stages.submitted()
        PepAnswer.objects.filter(section__pep=story.pep, field="attendance_percent").update(value=96.5)
        grading = stages.grading(story.pep, Grade.GOLD)
        bare = replace(grading, marks=grading.marks | {"attendance": Mark(Grade.GOLD)})
        assert sheet_for(story.pep).problems(bare.marks) == {
            "attendance": "It is 96.5%; gold is from 97%: say why it is gold"
        }
        with pytest.raises(ValueError, match="say why it is gold"):
            quality.approve_pep(pep=story.pep, submission=1, grading=bare, by=story.people.ala)
        PepAnswer.objects.filter(section__pep=story.pep, field="attendance_percent").update(value=97)
        assert sheet_for(story.pep).problems(bare.marks) == {}

    def test_departing_needs_a_reason_of_its_own_and_both_grades_are_kept(self):
        story = stages.submitted()
        with pytest.raises(ValueError, match="its own reason"):
            graded(story, grade_instead=Grade.AMBER)
        review = graded(story, grade_instead=Grade.AMBER, departed_why="The plan is thin")
        assert (review.computed, review.grade, review.departed_why) == ("green", "amber", "The plan is thin")
        shown = desk(story.people.ala).get(reverse("peps:quality", args=[story.pep.uuid])).context["reviews"][0]
        assert shown["footer"].endswith("Graded amber instead: The plan is thin")

    def test_no_departure_lifts_a_red(self):
        story = stages.submitted()
        with pytest.raises(Refused, match="graded red goes back"):
            graded(story, Grade.RED, grade_instead=Grade.GREEN, departed_why="A good family")
        assert story.again().state == PepState.SUBMITTED

    def test_what_is_green_is_not_returned(self):
        story = stages.submitted()
        facts = {"pep": story.pep, "submission": 1, "sections": ["targets"], "by": story.people.ala}
        with pytest.raises(Refused, match="graded green is not returned"):
            quality.return_pep(grading=stages.grading(story.pep), **facts)
        departs = stages.grading(story.pep, grade_instead=Grade.AMBER, departed_why="One number is wrong")
        assert quality.return_pep(grading=departs, **facts).grade == "amber"


class TestDatabase:
    @pytest.mark.parametrize(
        "marks", [{"voice": {"band": "blue"}}, {"voice": {}}, {"voice": "green"}, {"voice": {"band": ["green", 1]}}, []]
    )
    def test_marks_are_bands(self, marks):
        with pytest.raises(IntegrityError, match="marks_are_bands|graded_by_a_rubric"), transaction.atomic():
            PepReviewFactory(by_rubric=True, marks=marks)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"computed": "amber"}, "another_grade_than_the_formulas_has_a_reason"),
            ({"computed": "red", "departed_why": "Kind"}, "red_by_the_formula_is_never_approved"),
            ({"marks": {}}, "graded_by_a_rubric_with_its_marks"),
            ({"rubric": ""}, "graded_by_a_rubric_with_its_marks"),
        ],
    )
    def test_a_decision_holds_together(self, fields, name):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            PepReviewFactory(by_rubric=True, **fields)
        assert PepReviewFactory(by_rubric=True).pk

    def test_nobody_drafts_a_grading_of_their_own_writing(self):
        pep, author = PepFactory(submitted=True), PepAuthorFactory()
        PepAuthorFactory(pep=pep, user=author.user)
        with pytest.raises(IntegrityError, match="wrote in"), transaction.atomic():
            GradingDraft.objects.create(pep=pep, submission=1, content={}, by=author.user, at=now())


class TestDrafts:
    def test_is_kept_and_ends_with_the_answer(self):
        story = stages.submitted()
        draft(story)
        assert drafting.draft_of(story.pep).content == {"mark_voice": "green"}
        stages.approve(story)
        assert drafting.draft_of(story.pep) is None

    def test_of_two_the_second_is_shown_the_first(self):
        story = stages.submitted()
        draft(story)
        with pytest.raises(drafting.SavedMeanwhile, match="Alan Advocate has saved"):
            draft(story, by=story.people.vsh)
        assert draft(story, by=story.people.vsh, version=1).version == 2

    def test_an_answer_over_somebody_elses_later_draft_is_looked_at_first(self):
        story = stages.submitted()
        draft(story)
        with pytest.raises(drafting.SavedMeanwhile):
            stages.approve(story, by=story.people.vsh, seen_draft=0)
        assert stages.approve(story, by=story.people.vsh, seen_draft=1).by == story.people.vsh

    @pytest.mark.parametrize("role", ["teacher", "coordinator", "socialworker", "iro"])
    def test_is_the_graders_alone(self, role):
        story = stages.submitted()
        with pytest.raises(Refused):
            draft(story, by=story.people[role])

    def test_nor_an_authors_in_another_role(self):
        story = stages.submitted()
        story.people.teacher.role = "ala"
        story.people.teacher.save()
        with pytest.raises(Refused, match="You wrote part"):
            draft(story, by=story.people.teacher)

    @pytest.mark.parametrize("bring", [stages.approved, stages.returned])
    def test_not_of_what_was_decided(self, bring):
        story = bring()
        with pytest.raises(Conflict):
            draft(story)


class TestPage:
    def url(self, story, name="grade"):
        return reverse(f"peps:{name}", args=[story.pep.uuid])

    def test_keeps_half_a_grading_and_tells_the_grade_of_a_whole_one(self):
        story = stages.submitted()
        client = desk(story.people.ala)
        half = {"submission": 1, "draft": "", "mark_voice": "gold", "note_voice": "Lovely", "keep": "keep"}
        assert client.post(self.url(story), half).status_code == 302
        page = client.get(self.url(story, "quality"))
        assert page.context["form"]["mark_voice"].value() == "gold"
        assert page.context["draft"].endswith("Still open: 9 of 10 questions.")
        client.post(self.url(story), stages.answer_form(story.pep, draft=1, keep="keep"))
        told = client.get(self.url(story, "quality")).context["draft"]
        assert "green, because nothing is below green." in told
        assert PepReview.objects.count() == 0

    def test_two_advocates_both_see_both(self):
        story = stages.submitted()
        first, second = desk(story.people.ala), desk(story.people.vsh)
        mine = stages.answer_form(story.pep, "amber", keep="keep", reason="Mine")
        first.post(self.url(story), stages.answer_form(story.pep, keep="keep", reason="Theirs"))
        answer = second.post(self.url(story), mine)
        html = answer.content.decode()
        assert (answer.status_code, "Theirs" in html, "Mine" in html) == (409, True, True)
        assert (
            second.post(self.url(story), mine | {"draft": answer.context["form"]["draft"].value()}).status_code == 302
        )
        assert GradingDraft.objects.get().content["reason"] == "Mine"

    def test_says_what_is_missing_beside_the_question(self):
        story = stages.submitted()
        answer = desk(story.people.ala).post(self.url(story), stages.answer_form(story.pep, mark_voice=""))
        assert answer.context["form"].errors == {"mark_voice": ["Grade “Voice”"]}

    def test_departing_asks_for_both(self):
        story = stages.submitted()
        client = desk(story.people.ala)
        answer = client.post(self.url(story), stages.answer_form(story.pep, follow="depart"))
        assert set(answer.context["form"].errors) == {"grade", "departed_why"}
        sent = stages.answer_form(story.pep, follow="depart", grade="amber", departed_why="Thin")
        assert client.post(self.url(story), sent).status_code == 302
        assert (story.again().grade, PepReview.objects.get().computed) == ("amber", "green")

    @pytest.mark.parametrize("odd", [{"mark_voice": "blue"}, {"draft": "x"}, {"submission": "²"}])
    def test_odd_bytes_decide_nothing(self, odd):
        story = stages.submitted()
        answer = desk(story.people.ala).post(self.url(story), stages.answer_form(story.pep, **odd))
        assert (answer.status_code, PepReview.objects.count()) == (200, 0)

    def test_queries_do_not_grow_with_answers_sent_before(self, django_assert_max_num_queries):
        story = stages.returned()
        stages.fill(story, "targets")
        stages.submitted(story)
        client = desk(story.people.ala)
        with django_assert_max_num_queries(64):
            assert len(client.get(self.url(story, "quality")).context["reviews"]) == 1
