"""A PEP as a PDF: who gets one, what is in it for whom, and that a screen reader can read it."""

import io

import pikepdf
import pytest
from django.urls import reverse

from children.models import CarePlacement
from peps import layouts, papers
from peps.papers import Recipient
from peps.views.papers import document
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
        for wrong in ({"recipient": "everybody"}, {"part": "nothing"}, {"recipient": ""}):
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
            Recipient.FAMILY: False,
        }

    def test_costs_are_for_those_who_read_money(self):
        story = stages.submitted()
        assert "Reading tuition" in words(paper_for(story, "teacher", Recipient.SCHOOL))
        assert "Reading tuition" not in words(paper_for(story, "teacher", Recipient.FAMILY))

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
