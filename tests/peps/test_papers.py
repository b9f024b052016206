"""A PEP as a PDF: who gets one, what is in it for whom, and that a screen reader can read it."""

import io

import pikepdf
import pytest
from django.urls import reverse

from children.models import CarePlacement
from peps import layouts, papers, statements
from peps.enums import Audience
from peps.models import PepAnswer, PepSection
from peps.papers import Recipient
from peps.views.papers import document
from tests.factories.peps import VoiceStatementFactory
from tests.peps import stages
from virtualschool.accounts.roles import ONLY_BY_NAME, FieldGroup
from virtualschool.audit.models import AccessLog, AuditEvent

pytestmark = pytest.mark.django_db
EVERYBODY = ("socialworker", "vsh", "teacher", "iro", "coordinator")


def sent(client, user, pep, **data):
    client.force_login(user)
    given = {"recipient": "myself", "part": "whole"} | data
    return client.post(reverse("peps:paper", args=[pep.uuid]), given)


def paper_for(story, role: str, recipient: Recipient, part: str = "whole", asked=frozenset()):
    user = story.people[role]
    return document(story.again(), user, recipient, papers.groups_for(user, recipient, frozenset(asked)), part)


def words(paper) -> str:
    """Everything that stands on it."""
    rows = [*paper.facts, *(row for part in paper.parts for row in part.rows)]
    lines = [line for row in rows for line in (row.key, *row.lines, row.missing)]
    tables = [(record.title, *fact) for row in rows for record in row.records for fact in record.facts]
    lines += [line for record in tables for line in record]
    return "\n".join([paper.title, paper.caption, paper.footer, *(part.title for part in paper.parts), *lines])


class TestTheFile:
    def test_it_is_a_tagged_pdf_that_names_the_child_in_its_title(self, client):
        story = stages.submitted()
        answer = sent(client, story.people.iro, story.pep)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert "Amy" not in answer["Content-Disposition"]
        found = pikepdf.open(io.BytesIO(answer.content))
        assert (str(found.Root.Lang), str(found.docinfo.Title)) == ("en-GB", "Amy Madeup: termly PEP")
        assert "/StructTreeRoot" in found.Root
        assert bool(found.Root.ViewerPreferences.DisplayDocTitle)

    def test_what_was_given_to_whom_is_written_down(self, client):
        story = stages.submitted()
        sent(client, story.people.socialworker, story.pep, recipient="school")
        event = AuditEvent.objects.get(verb="pep.put_on_paper")
        assert (event.data["for"], event.data["part"], "legal" in event.data["fields"]) == ("school", "whole", False)
        seen = AccessLog.objects.filter(route="peps:paper").latest("pk")
        assert seen.child_ids == [story.pep.child_id]

    def test_it_asks_first_and_refuses_what_is_no_answer(self, client):
        story = stages.submitted()
        client.force_login(story.people.iro)
        assert "Who is it for?" in client.get(reverse("peps:paper", args=[story.pep.uuid])).content.decode()
        for wrong in ({"recipient": "everybody"}, {"recipient": "family"}, {"part": "nothing"}, {"recipient": ""}):
            answer = sent(client, story.people.iro, story.pep, **wrong)
            assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/html")
        assert not AuditEvent.objects.filter(verb="pep.put_on_paper").exists()

    def test_a_stranger_gets_none(self, client):
        story = stages.submitted()
        found = {user: sent(client, user, story.pep).status_code for user in story.people.outsiders.values()}
        assert set(found.values()) == {404}


class TestWhatIsOnIt:
    def test_nobody_gets_on_paper_what_they_do_not_read_on_the_page(self, client):
        story = stages.submitted()
        for role in EVERYBODY:
            given = papers.groups_for(story.people[role], Recipient.MYSELF)
            assert given <= story.people[role].role_class.reads - ONLY_BY_NAME

    def test_the_recipient_has_no_more_than_the_recipients_role_reads(self):
        story = stages.submitted()
        for recipient, reads in papers.HAS.items():
            assert papers.groups_for(story.people.vsh, recipient, frozenset(FieldGroup)) <= reads | frozenset(
                papers.BY_NAME
            )

    def test_legal_words_are_for_social_work_and_not_for_school_or_family(self):
        story = stages.submitted()
        legal = "Who has parental responsibility"
        found = {one: legal in words(paper_for(story, "socialworker", one)) for one in Recipient}
        assert found == {
            Recipient.MYSELF: True,
            Recipient.SCHOOL: False,
            Recipient.SOCIAL_WORK: True,
            Recipient.REVIEWING: True,
            Recipient.CHILD: False,
            Recipient.CARER: False,
            Recipient.PARENT: False,
        }

    def test_costs_are_for_those_who_read_money(self):
        story = stages.submitted()
        assert "Reading tuition" in words(paper_for(story, "teacher", Recipient.SCHOOL))
        assert "Reading tuition" not in words(paper_for(story, "teacher", Recipient.PARENT))

    def test_carer_and_address_only_when_asked_for_and_never_for_the_school(self):
        story = stages.submitted()
        CarePlacement.objects.filter(child=story.pep.child).update(
            carer_name="Carer Secretname", address="1 Hidden Lane", postcode="ZZ9 9ZZ"
        )
        both = {FieldGroup.CARER, FieldGroup.ADDRESS}
        asked = {one: words(paper_for(story, "socialworker", one, asked=both)) for one in Recipient}
        told = {one for one, text in asked.items() if "Secretname" in text or "Hidden Lane" in text or "ZZ9" in text}
        assert told == {Recipient.MYSELF, Recipient.SOCIAL_WORK}
        assert "Hidden Lane" not in words(paper_for(story, "socialworker", Recipient.MYSELF))
        assert "Hidden Lane" not in words(paper_for(story, "iro", Recipient.MYSELF, asked=both))

    def test_one_section_is_that_section_alone(self):
        story = stages.submitted()
        titles = [part.title for part in paper_for(story, "teacher", Recipient.MYSELF, part="education_now").parts]
        assert titles == [self.title(story, "education_now")]
        targets = [part.title for part in paper_for(story, "teacher", Recipient.MYSELF, part="targets").parts]
        assert targets == [self.title(story, "targets"), "Target 1: Reads 70 words a minute"]

    def test_a_pep_without_a_target_says_so(self):
        story = stages.planned()
        made = paper_for(story, "teacher", Recipient.MYSELF, part="targets")
        assert [part.title for part in made.parts] == [self.title(story, "targets"), "Targets"]

    @staticmethod
    def title(story, section: str) -> str:
        return layouts.of_version(story.pep.layout).section(section).title

    def test_of_a_section_that_the_maker_does_not_read_there_is_no_paper(self, client):
        story = stages.submitted()
        answer = sent(client, story.people.coordinator, story.pep, part="my_views")
        assert answer["Content-Type"].split(";")[0] == "text/html"


# Of each voice: what was given by a link, and what an adult wrote down.
SAID = {
    Audience.CHILD: ("My kite flies highest", "I like maths when it is quiet"),
    Audience.CARER: ("The mornings are hard at home", "Carer wrote down by an adult"),
    Audience.PARENT: ("I hope that she reads to me", "Parent wrote down by an adult"),
}
OF_OTHERS = "The football coach said this"
WHO_READS = "who_can_see"


class TestTheVoice:
    """Who reads the child's words was told to the child: no carer and no parent is among them, and neither reads the other's."""

    @pytest.fixture
    def story(self):
        story = stages.prepared(stages.accepted())
        for audience, (given, _) in SAID.items():
            answers = [{"key": "x", "asked": "What?", "value": given, "words": given}]
            VoiceStatementFactory(link__pep=story.pep, link__audience=audience, answers=answers)
        section, by = story.section("carer_views"), story.people.socialworker
        for field, value in (
            ("carer_homework", SAID[Audience.CARER][1]),
            ("parent_words", SAID[Audience.PARENT][1]),
            ("other_words", OF_OTHERS),
        ):
            self.put(section, field, value, by)
        return story

    @staticmethod
    def put(section: PepSection, field: str, value: str, by) -> None:
        facts = {"value": value, "written_by": by}
        PepAnswer.objects.update_or_create(section=section, field=field, defaults=facts)

    @staticmethod
    def heard(story, recipient: Recipient, part: str = "whole", **more) -> set[str]:
        user = story.people.socialworker
        groups = papers.groups_for(user, recipient)
        voices = papers.voices_for(recipient, **more)
        text = words(document(story.pep, user, recipient, groups, part, voices))
        whose = {str(one) for one, both in SAID.items() if all(said in text for said in both)}
        assert whose == {str(one) for one, both in SAID.items() if any(said in text for said in both)}
        return whose | ({"others"} if OF_OTHERS in text else set())

    def test_each_of_a_family_gets_their_own_words_and_nobody_elses(self, story):
        own = {one: self.heard(story, one) for one in papers.OWN_VOICE}
        assert own == {one: {one.value} for one in papers.OWN_VOICE}
        one_section = {one: self.heard(story, one, "carer_views") for one in papers.OWN_VOICE}
        assert one_section == {one: {one.value} - {"child"} for one in papers.OWN_VOICE}
        assert [self.heard(story, one, "my_views") for one in papers.OWN_VOICE] == [{"child"}, set(), set()]
        working = set(Recipient) - set(papers.OWN_VOICE)
        everybody = {"child", "carer", "parent", "others"}
        assert {one: self.heard(story, one) for one in working} == dict.fromkeys(working, everybody)
        named = {one: self.heard(story, one, child_too=True) for one in papers.OWN_VOICE}
        assert named == {one: {one.value, "child"} for one in papers.OWN_VOICE}

    def test_a_drawing_is_the_childs_and_a_file_beside_several_views_nobodys_of_the_three(self):
        child, carer, everybody = frozenset({Audience.CHILD}), frozenset({Audience.CARER}), frozenset(Audience)
        for section, may in (
            ("my_views", (True, False, True)),
            ("", (True, False, True)),
            ("carer_views", (False, False, True)),
        ):
            assert tuple(statements.may_have_file(section, one) for one in (child, carer, everybody)) == may

    def test_the_childs_answer_decides_and_is_told(self, client, story):
        my_views, user = story.section("my_views"), story.people.socialworker
        for answer, goes in (
            ("Ask me first", False),
            ("My school and my social worker", False),
            ("Everybody at my meeting", True),
        ):
            self.put(my_views, WHO_READS, answer, user)
            for recipient in papers.OF_A_CHILD:
                sent_back = sent(client, user, story.pep, recipient=recipient, child_too="on")
                assert (sent_back["Content-Type"] == "application/pdf") is goes
                if not goes:
                    (told,) = sent_back.context["form"].errors["child_too"]
                    assert told.startswith(
                        f"The child’s answer to who may read their words is “{answer}”: ask the child"
                    )
                    assert "Article 12" in told
        self.put(my_views, WHO_READS, "Ask me first", user)
        assert sent(client, user, story.pep, recipient="carer")["Content-Type"] == "application/pdf"
        events = AuditEvent.objects.filter(verb="pep.put_on_paper").order_by("pk")
        kept = [tuple(one.data["voices"]) for one in events]
        assert (set(kept[:-1]), kept[-1]) == ({("carer", "child"), ("child", "parent")}, ("carer",))

    def test_a_part_of_which_nothing_may_be_given_is_no_paper(self, client, story):
        answer = sent(client, story.people.socialworker, story.pep, recipient="carer", part="my_views")
        assert answer.context["form"].errors["part"] == ["Nothing in this part may be given to the carer."]

    def test_who_does_not_read_the_words_cannot_pass_them_on(self, client, story):
        client.force_login(story.people.coordinator)
        page = client.get(reverse("peps:paper", args=[story.pep.uuid]))
        assert "child_too" not in page.context["form"].fields
        sent(client, story.people.coordinator, story.pep, recipient="carer", child_too="on")
        assert "voice" not in AuditEvent.objects.get(verb="pep.put_on_paper").data["fields"]
