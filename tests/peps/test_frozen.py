"""A completed PEP keeps what the record said, and shows that ever after; one without it says so."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from children.models import CarePlacement, Child, ChildFile, School
from peps import frozen, layouts, papers
from peps.enums import PepState
from peps.models import MeetingAction, Pep, PepMeeting, PepTarget, PepVersion
from peps.papers import Recipient
from peps.record import SOURCES
from peps.views.kept import NOT_KEPT
from peps.views.papers import document
from tests.factories.peps import (
    MeetingActionFactory,
    PepFactory,
    PepFileFactory,
    PepTargetFactory,
    PepVersionFactory,
    VoiceLinkFactory,
    VoiceStatementFactory,
)
from tests.peps import stages
from virtualschool.kernel.dates import now
from virtualschool.kernel.formfields import long_date

pytestmark = pytest.mark.django_db
GUARDED = ("Secretname", "Hidden Lane", "ZZ9 9ZZ")


def html(user, name: str, *args) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"peps:{name}", args=args)).content.decode()


def on_paper(story, role: str) -> str:
    user = story.people[role]
    groups = papers.groups_for(user, Recipient.MYSELF)
    return repr(document(story.again(), user, Recipient.MYSELF, groups, "whole"))


def guarded_placement(child) -> None:
    CarePlacement.objects.filter(child=child).update(
        carer_name="Carer Secretname", address="1 Hidden Lane", postcode="ZZ9 9ZZ"
    )


def test_every_page_of_a_completed_pep_shows_the_record_as_it_stood(clock):
    story = stages.submitted()
    guarded_placement(story.pep.child)
    on = stages.today()
    stages.approved(story)
    clock.move_to(date(2027, 2, 1))
    Child.objects.filter(pk=story.pep.child_id).update(first_language="Laterlingua")
    School.objects.filter(pk=story.pep.school_id).update(head_name="Newhead Laterton")
    pages = {
        role: [
            html(story.people[role], "version", story.pep.uuid, 1),
            html(story.people[role], "read", story.pep.uuid),
            on_paper(story, role),
        ]
        for role in ("socialworker", "teacher")
    }
    stood = f"as the record stood on {long_date(on)}"
    for told in (page for of_role in pages.values() for page in of_role):
        assert stood in told
        assert [word for word in ("Laterlingua", "Newhead Laterton", *GUARDED) if word in told] == []
    assert ["Times in care" in told for told in pages["socialworker"]] == [True] * 3
    assert ["Times in care" in told for told in pages["teacher"]] == [False] * 3
    assert stood in html(story.people.teacher, "section", story.section("education_now").uuid)
    assert stood in html(story.people.teacher, "detail", story.pep.uuid)


def test_what_is_kept_is_every_fact_of_its_sections_but_its_own_progress():
    story = stages.submitted()
    guarded_placement(story.pep.child)
    stages.approved(story)
    version = PepVersion.objects.get()
    kept = version.content["record"]
    layout, keys = layouts.of_version(story.pep.layout), set(story.pep.sections.values_list("key", flat=True))
    asked = [*layout.front, *(fact for section in layout if section.key in keys for fact in section.facts)]
    wanted = {fact.key for fact in asked if story.pep.phase in fact.phases} - frozen.OF_PROGRESS
    assert (set(kept["facts"]), wanted <= set(SOURCES)) == (wanted, True)
    assert kept["facts"]["version"] == [f"1, of the form of {layout.title}"]
    assert [word for word in GUARDED if word in repr(version.content)] == []


def test_one_completed_before_says_so_and_an_open_one_shows_today():
    story = stages.planned()
    found = [frozen.behind(story.pep)[1]]
    Pep.objects.filter(pk=story.pep.pk).delete()
    known = {f"pep__{name}": getattr(story.pep, name) for name in ("child", "school", "period")}
    version = PepVersionFactory(**known)
    found.append(frozen.behind(version.pep)[1])
    assert (version.pep.state, found) == (PepState.COMPLETE, ["", frozen.TODAYS])
    assert frozen.NOT_KEPT in html(story.people.ala, "version", version.pep.uuid, 1)
    assert frozen.TODAYS in html(story.people.ala, "read", version.pep.uuid)


def test_a_version_holds_the_words_given_by_a_link_for_those_who_read_the_voice():
    story = stages.submitted()
    child, carer = (VoiceLinkFactory(pep=story.pep, audience=one) for one in ("child", "carer"))
    VoiceStatementFactory(link=child)
    VoiceStatementFactory(
        link=carer, answers=[{"key": "home", "asked": "How is home?", "value": "x", "words": "Reads to the cat"}]
    )
    stages.approved(story)
    VoiceStatementFactory(
        link=VoiceLinkFactory(pep=story.pep, audience="parent"),
        answers=[{"key": "home", "asked": "How is home?", "value": "x", "words": "Said too late"}],
    )
    asked = ("My kite", "What are you proud of?", "Reads to the cat", "Said too late")
    found = {
        role: [words in html(story.people[role], "version", story.pep.uuid, 1) for words in asked]
        for role in ("teacher", "coordinator")
    }
    assert found == {"teacher": [True, True, True, False], "coordinator": [False] * 4}


class TestEvidence:
    """Beside what was written, a version keeps what became of the last targets, the files, what was agreed and the next day."""

    GOAL, PROOF, ACTION = "Reads 50 words a minute", "Her reading diary", "Ring the exam board"

    def story(self):
        """A completed PEP with evidence of every kind, all of which is something else by now."""
        story = stages.submitted()
        last = PepFactory(child=story.pep.child, period=story.pep.period, complete=True)
        target = PepTargetFactory(pep=last, goal=self.GOAL, outcome="partly", evidence=self.PROOF)
        Pep.objects.filter(pk=story.pep.pk).update(previous=last)
        action = MeetingActionFactory(meeting=story.meeting, what=self.ACTION)
        section = story.section("education_now")
        files = [PepFileFactory(section=section, file__title="Autumn report", file__size=20480)]
        drawing = {"kind": "drawing", "file__title": "My house", "file__field_group": "voice", "file__matter": "m"}
        files.append(PepFileFactory(pep=story.pep, section=None, meeting=story.meeting, **drawing))
        stages.approved(story)
        PepTarget.objects.filter(pk=target.pk).update(evidence="Said later")
        MeetingAction.objects.filter(pk=action.pk).update(what="Agreed later")
        PepMeeting.objects.filter(pk=story.meeting.pk).update(next_meeting_on=date(2030, 1, 2))
        ChildFile.objects.filter(pk=files[0].file_id).update(title="Named later")
        return story

    def test_it_is_shown_as_it_stood_by_the_readers_kinds_of_information(self):
        story = self.story()
        booked = long_date(stages.today() + timedelta(days=100))
        always = (self.GOAL, self.PROOF, self.ACTION, booked, "Autumn report", "20.0\xa0KB")
        for role, place in (("teacher", ("version", 1)), ("ala", ("version", 1)), ("ala", ("quality",))):
            told = html(story.people[role], place[0], story.pep.uuid, *place[1:])
            assert [words for words in (*always, "My house") if words not in told] == []
            assert [words for words in ("Said later", "Agreed later", "2030", "Named later") if words in told] == []
        assert "My house" not in html(story.people.coordinator, "version", story.pep.uuid, 1)
        ChildFile.objects.update(removed_at=now())
        assert html(story.people.ala, "version", story.pep.uuid, 1).count("removed since") == 2

    def test_a_version_from_before_it_was_kept_says_so(self):
        story = self.story()
        content = PepVersion.objects.get().content
        old = {name: value for name, value in content.items() if name not in ("last_targets", "year_group", "files")}
        old["meeting"] = {name: content["meeting"][name] for name in ("held_at", "place", "chair")}
        old["files"] = [{"place": "meeting", "kind": "drawing", "title": "My house", "sha256": "0"}]
        PepVersionFactory(pep=story.pep, number=2, why="Corrected", content=old)
        told = html(story.people.teacher, "version", story.pep.uuid, 2)
        assert (told.count(NOT_KEPT), "its size was not kept" in told) == (4, True)
        assert "My house" not in html(story.people.coordinator, "version", story.pep.uuid, 2)

    def test_an_open_pep_shows_whoever_grades_it_the_same_as_it_stands(self):
        story = self.story()
        Pep.objects.filter(pk=story.pep.pk).update(state=PepState.RETURNED)
        told = html(story.people.ala, "quality", story.pep.uuid)
        assert [
            words for words in (self.GOAL, "Said later", "Agreed later", "2 January 2030") if words not in told
        ] == []
