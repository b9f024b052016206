"""The coach's notes: each from its cause, gone with it, put aside with a reason, and never in the way."""

from dataclasses import replace

import pytest
from django.urls import reverse

from peps import coach
from peps.actions import coaching, submitting
from peps.enums import PepState
from peps.models import NoteSetAside, PepAnswer, PepTarget
from tests.factories.peps import PepFactory, PepTargetFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
GOOD = replace(
    stages.TARGET,
    what="Reading with an adult",
    how_often="Three mornings a week",
)


def kinds(pep) -> list[str]:
    return [note.id.split(":")[0] for note in coach.notes(pep)]


@pytest.fixture
def story():
    """A PEP that is ready to go in, with one target of which there is nothing to say."""
    story = stages.written()
    PepTarget.objects.filter(pep=story.pep).update(what=GOOD.what, how_often=GOOD.how_often)
    return story


def carried_over(story, section: str, field: str, words: str) -> None:
    """The PEP before this one said ``words`` in a field."""
    before = PepFactory(child=story.pep.child, period=story.pep.period, complete=True)
    kept = before.sections.create(key=section, owner="key_adult", position=1)
    PepAnswer.objects.create(
        section=kept, field=field, value=words, written_by=story.people.ala, written_at=story.meeting.starts_at
    )
    story.pep.previous = before
    story.pep.save(update_fields=["previous"])


class TestNotes:
    def test_of_a_good_pep_there_is_nothing_to_say(self, story):
        assert coach.notes(story.pep) == []

    @pytest.mark.parametrize(
        ("change", "kind"),
        [
            ({"goal": "Read better"}, "target.short"),
            ({"what": " "}, "target.nothing_done"),
            ({"how_often": ""}, "target.no_how_often"),
            ({"named_person": "All staff."}, "target.nobody_in_particular"),
            ({"named_person": "TBC"}, "target.nobody_in_particular"),
            ({"start_point": "Reads slowly", "goal": "Reads fluently to a friend"}, "target.no_number"),
            ({"what": "A tutor for £400"}, "money.not_tied"),
        ],
    )
    def test_of_a_target(self, story, change, kind):
        PepTarget.objects.filter(pep=story.pep).update(**change)
        assert kinds(story.pep) == [kind]

    @pytest.mark.parametrize("words", ["A tutor for £500", "A tutor, £500.00 in all"])
    def test_a_sum_that_is_a_lines_is_tied(self, story, words):
        PepTarget.objects.filter(pep=story.pep).update(what=words)
        assert kinds(story.pep) == []

    def test_money_spoken_of_without_a_line(self, story):
        PepTarget.objects.filter(pep=story.pep).update(what="A tutor paid from PP+")
        story.cost.delete()
        assert kinds(story.pep) == ["target.no_cost"]

    def test_what_the_gate_does_not_ask_the_coach_says(self, story):
        PepTarget.objects.filter(pep=story.pep).update(by_when=None, named_person="", measure="")
        assert kinds(story.pep) == []
        set_rule("pep.submit.required", ["voice"])
        assert kinds(story.pep) == ["target.no_by_when", "target.no_named_person", "target.no_measure"]

    def test_a_target_that_is_last_times(self, story):
        carried_over(story, "my_views", "my_words", "x")
        PepTarget.objects.create(
            pep=story.pep.previous, area="english", start_point="", goal="reads  70 words a Minute."
        )
        assert kinds(story.pep) == ["target.same_as_last"]

    def test_a_line_without_its_kind_of_help(self, story):
        story.cost.category = ""
        story.cost.save()
        note, *others = coach.notes(story.pep)
        assert (note.id, others, story.cost.item in note.words) == (f"cost.no_category:{story.cost.uuid}", [], False)

    def test_a_voice_that_is_last_times_whatever_its_capitals(self, story):
        carried_over(story, "my_views", "my_words", "i like  maths when it is QUIET.")
        assert kinds(story.pep) == ["voice.same_as_last"]

    def test_answers_carried_over_are_one_note_that_quotes_none(self, story):
        carried_over(story, "child_and_care", "story_for_school", "In a few more words")
        note, *others = coach.notes(story.pep)
        assert (note.id, others) == ("words.same_as_last:child_and_care", [])
        assert "In a few more words" not in note.words

    def test_the_same_number_of_queries_for_one_target_and_for_many(self, story, django_assert_num_queries):
        carried_over(story, "my_views", "my_words", "Other words")
        with django_assert_num_queries(9):
            coach.notes(story.pep)
        for _ in range(10):
            PepTargetFactory(pep=story.pep, goal=GOOD.goal, what=GOOD.what)
        with django_assert_num_queries(9):
            coach.notes(story.pep)


class TestPuttingAside:
    def shortened(self, story):
        PepTarget.objects.filter(pep=story.pep).update(goal="Read better")
        return coach.notes(story.pep)[0]

    def test_it_goes_from_the_page_with_its_reason_to_whoever_answers(self, client, story):
        note = self.shortened(story)
        client.force_login(story.people.teacher)
        page = reverse("peps:submit", args=[story.pep.uuid])
        assert "that they cannot do now" in client.get(page).content.decode()
        address = f"{reverse('peps:set_note_aside', args=[story.pep.uuid])}?note={note.id}"
        assert note.words in client.get(address).content.decode()
        answer = client.post(address, {"note": note.id, "why": "Her own words for it"})
        assert answer.headers["Location"] == page
        assert "that they cannot do now" not in client.get(page).content.decode()
        submitting.submit_pep(pep=story.pep, by=story.people.teacher)
        client.force_login(story.people.ala)
        assert "Her own words for it" in client.get(reverse("peps:quality", args=[story.pep.uuid])).content.decode()

    def test_twice_is_once(self, story):
        note = self.shortened(story)
        for why in ("Her own words", "Again"):
            coaching.set_aside(pep=story.pep, note=note.id, why=why, by=story.people.teacher)
        assert [one.why for one in NoteSetAside.objects.all()] == ["Her own words"]
        assert AuditEvent.objects.filter(verb="pep.note_set_aside").count() == 1

    def test_a_note_that_is_no_more_is_a_conflict(self, client, story):
        note = self.shortened(story)
        PepTarget.objects.filter(pep=story.pep).update(goal=stages.TARGET.goal)
        with pytest.raises(Conflict):
            coaching.set_aside(pep=story.pep, note=note.id, why="x", by=story.people.teacher)
        client.force_login(story.people.teacher)
        address = reverse("peps:set_note_aside", args=[story.pep.uuid])
        for given in (note.id, "", "no:such"):
            assert client.get(address, {"note": given}).headers["Location"] == reverse(
                "peps:submit", args=[story.pep.uuid]
            )
            assert client.post(address, {"note": given, "why": "x"}).status_code == 409

    def test_without_a_reason_it_stays(self, client, story):
        note = self.shortened(story)
        client.force_login(story.people.teacher)
        answer = client.post(reverse("peps:set_note_aside", args=[story.pep.uuid]), {"note": note.id, "why": " "})
        assert (answer.status_code, NoteSetAside.objects.exists()) == (200, False)

    def test_not_by_whoever_does_not_send_it_in(self, story):
        note = self.shortened(story)
        for role in ("socialworker", "ala", "iro"):
            with pytest.raises(Refused):
                coaching.set_aside(pep=story.pep, note=note.id, why="x", by=story.people[role])

    def test_notes_hinder_nobody(self, story):
        self.shortened(story)
        assert submitting.submit_pep(pep=story.pep, by=story.people.teacher).state == PepState.SUBMITTED
