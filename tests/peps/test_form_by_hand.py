"""The year's form of a PEP set by hand: what is asked, what stays of what was written, who may, and how it is undone."""

import pytest
from django.urls import reverse

from peps import policies
from peps.actions import submitting
from peps.actions.form import set_form
from peps.enums import PepPhase, SectionState
from peps.models import Pep, PepAnswer, PepSection
from peps.views.reading import OTHER_FORM, answer_rows, section_cards
from tests.factories.peps import PepAnswerFactory
from tests.peps import stages
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
WHY = "Taught two years below, by the plan of her special school"


@pytest.fixture
def story():
    return stages.scheduled()


def set_to(story, year, by=None, why=WHY):
    return set_form(pep=story.pep, year=year, why=why, by=by or story.people.coordinator)


def other_year(story):
    """Post-16, whose form asks other things than that of Amy's year."""
    assert story.again().phase != PepPhase.POST_16
    return 12


def asked_in(story):
    """Every question of the form as it is now, by section."""
    return {
        section.key: {row["key"] for row in answer_rows(list(FieldGroup), section)}
        for section in PepSection.objects.filter(pep=story.again(), other_form=False).select_related("pep__child")
    }


def only_in_the_old(story):
    """A section of the PEP and a question of it that the other year's form does not ask."""
    year, pep = other_year(story), story.pep
    spec_of = stages.layouts.of_version(pep.layout).section
    for section in pep.sections.all():
        for spec in spec_of(section.key).fields_for(pep.phase, pep.kind, pep.year_group):
            text = spec.type in (stages.FieldType.TEXT, stages.FieldType.LONG_TEXT)
            if text and not spec.applies(PepPhase.POST_16, pep.kind, year):
                return section, spec
    raise AssertionError("The two forms ask the same.")


class TestAction:
    def test_asks_what_the_year_asks_and_says_why(self, story):
        before, year = asked_in(story), other_year(story)
        set_to(story, year)
        pep = story.again()
        assert (pep.year_group, pep.phase, pep.form_why) == (12, PepPhase.POST_16, WHY)
        assert asked_in(story) != before
        event = AuditEvent.objects.get(verb="pep.form_set")
        assert (event.why, event.data["year"], event.data["phase"]) == (WHY, 12, "16")

    def test_set_back_it_is_as_it_was(self, story):
        before, was = asked_in(story), story.again().year_group
        set_to(story, other_year(story))
        set_to(story, was, why="It was a mistake")
        pep = story.again()
        after = asked_in(story)
        assert (pep.year_group, pep.form_why) == (was, "")
        assert {key: after[key] for key in before} == before

    def test_what_was_written_stays_and_says_so(self, story):
        section, spec = only_in_the_old(story)
        PepAnswerFactory(section=section, field=spec.key, value="Words that nobody loses")
        set_to(story, other_year(story))
        assert PepAnswer.objects.get(section=section, field=spec.key).value == "Words that nobody loses"
        cards = {card["key"]: card["rows"] for card in section_cards(list(FieldGroup), story.again())}
        (row,) = [row for row in cards[section.key] if row["key"] == spec.label]
        assert row["lines"] == ["Words that nobody loses", OTHER_FORM]

    def test_a_section_of_the_old_form_alone_is_asked_of_nobody_and_still_read(self, story):
        section = story.section("education_now")
        PepAnswerFactory(section=section, field="other_words", value="x")
        PepSection.objects.filter(pk=section.pk).update(other_form=True, state=SectionState.STARTED)
        missing = submitting.gate(story.again())
        assert section.key not in {one.section.key for one in missing if one.section}
        section.refresh_from_db()
        assert not policies.can_write_section(story.people.teacher, section)

    def test_a_finished_section_that_is_asked_more_opens_again(self, story):
        PepSection.objects.filter(pep=story.pep).update(
            state=SectionState.COMPLETE, completed_by=story.people.teacher, completed_at=stages.at(stages.today())
        )
        set_to(story, other_year(story))
        assert PepSection.objects.filter(pep=story.pep, state=SectionState.STARTED, completed_by=None).exists()

    def test_not_twice_and_not_without_a_reason_or_for_a_year_there_is_not(self, story):
        set_to(story, 12)
        with pytest.raises(Conflict, match="already"):
            set_to(story, 12)
        for year, why in ((11, " "), (11, "x" * 201), (99, WHY), (-9, WHY)):
            with pytest.raises(ValueError, match="for a reason"):
                set_to(story, year, why=why)

    @pytest.mark.parametrize("role", ["teacher", "socialworker", "manager", "iro"])
    def test_by_nobody_else(self, story, role):
        with pytest.raises(Refused, match="set by the PEP coordinators"):
            set_to(story, 12, by=story.people[role])

    @pytest.mark.parametrize("bring", [stages.submitted, stages.returned])
    def test_not_once_it_was_sent_in(self, bring):
        story = bring()
        with pytest.raises(Refused):
            set_to(story, 12)
        assert story.again().form_why == ""


class TestPage:
    def url(self, story):
        return reverse("peps:form", args=[story.pep.uuid])

    @pytest.mark.parametrize("role", ["coordinator", "ala"])
    def test_is_set_there_and_everybody_reads_which_and_why(self, client, story, role):
        client.force_login(story.people[role])
        assert "Set the form by hand" in client.get(story.pep.get_absolute_url()).content.decode()
        assert client.post(self.url(story), {"year": "12", "why": WHY}).status_code == 302
        for reader in ("teacher", "socialworker"):
            client.force_login(story.people[reader])
            page = client.get(story.pep.get_absolute_url()).content.decode()
            assert f"Set by hand: {WHY}" in page
            assert "Post-16, Year 12" in page
            assert self.url(story) not in page

    def test_pressed_twice_it_says_so(self, client, story):
        client.force_login(story.people.coordinator)
        for status in (302, 200):
            assert client.post(self.url(story), {"year": "12", "why": WHY}).status_code == status
        assert AuditEvent.objects.filter(verb="pep.form_set").count() == 1

    @pytest.mark.parametrize("odd", [{"year": "99"}, {"year": "x"}, {"why": ""}, {"why": "x" * 100_000}])
    def test_odd_answers_are_told(self, client, story, odd):
        client.force_login(story.people.coordinator)
        assert client.post(self.url(story), {"year": "12", "why": WHY} | odd).status_code == 200
        assert Pep.objects.get(pk=story.pep.pk).form_why == ""
