"""The front sheet and the facts beside the questions come from the record, cut to what a role reads."""

from datetime import date

import pytest
from django.urls import reverse

from children.models import CarePlacement, Child, Enrolment
from peps import layouts, papers, record
from peps.forms.writing import FROM_RECORD
from peps.papers import Recipient
from peps.views.papers import document
from tests.peps import stages
from virtualschool.accounts.roles import FieldGroup

LAYOUT = layouts.of_version("2026_09")
FACTS = [*LAYOUT.front, *(fact for section in LAYOUT for fact in section.facts)]


def facts(story, section, role="socialworker"):
    rows = record.beside(record.Record(story.again()), section, story.people[role].role_class.reads)
    return {row["key"]: row["value"] or row.get("lines") for row in rows}


def sheet(story, role="teacher"):
    rows = record.front_sheet(record.Record(story.again()), story.people[role].role_class.reads)
    return {row["key"]: row["value"] or row.get("lines") for row in rows}


def test_every_fact_of_the_list_is_found_and_nothing_else_is():
    assert {fact.key for fact in FACTS} == set(record.SOURCES)


def test_every_beginning_of_the_list_is_found_and_no_childs_words_begin_with_anything():
    fields = [field for section in LAYOUT for field in section.fields if field.starts_with]
    assert {field.starts_with for field in fields} == set(record.STARTS)
    assert [field.key for field in fields if field.kept_as_given] == []


def test_no_fact_is_of_an_address_a_carer_or_a_family():
    guarded = {FieldGroup.ADDRESS, FieldGroup.CARER, FieldGroup.BIRTH_FAMILY, FieldGroup.ADOPTION_LINK}
    assert {fact.reads for fact in FACTS} & guarded == set()


@pytest.mark.django_db
class TestBeginnings:
    def test_an_unwritten_box_begins_with_the_record_and_says_so(self, client):
        story = stages.accepted()
        Enrolment.objects.filter(child=story.pep.child).update(hours_offered="12.5")
        client.force_login(story.people.teacher)
        form = client.get(reverse("peps:write", args=[story.section("education_now").uuid])).context["form"]
        assert (form["hours_offered"].value(), form["key_adult"].value()) == (12.5, "")
        assert form["hours_offered"].help_text.endswith(FROM_RECORD)
        assert FROM_RECORD not in form["key_adult"].help_text

    def test_whole_numbers_are_shown_whole(self):
        story = stages.planned()
        Enrolment.objects.filter(child=story.pep.child).update(hours_offered="25.0")
        specs = layouts.of_version("2026_09").section("education_now").fields
        assert str(record.begun(record.Record(story.again()), specs)["hours_offered"]) == "25"

    def test_what_a_writer_left_empty_or_said_stays(self, client):
        story = stages.accepted()
        Enrolment.objects.filter(child=story.pep.child).update(hours_offered="12.5")
        stages.fill(story, "education_now", finish=False)
        client.force_login(story.people.teacher)
        form = client.get(reverse("peps:write", args=[story.section("education_now").uuid])).context["form"]
        assert form["hours_offered"].value() != 12.5
        assert FROM_RECORD not in form["hours_offered"].help_text


@pytest.mark.django_db
class TestFrontSheet:
    def test_of_a_first_pep(self):
        found = sheet(stages.planned())
        assert [found[key] for key in ("Kind", "First PEP?", "Last PEP", "Last grade", "State")] == [
            "Termly PEP",
            "Yes",
            "None",
            "None",
            "Planned",
        ]

    def test_the_last_grade_feedback_and_targets_are_there_when_writing(self):
        story = stages.approved()
        last = story.again()
        story.pep = stages.Pep.objects.create(
            **{
                name: getattr(last, name)
                for name in ("child", "kind", "phase", "academic_year", "term", "period", "layout", "due_on")
            },
            occasion="another",
            opened_on=last.opened_on,
            opened_why="x",
            previous=last,
        )
        found = sheet(story)
        assert (found["First PEP?"], found["Last grade"]) == ("No", "Green")
        assert found["Last feedback"] == "Strong voice, clear targets"
        assert found["Last targets"] == "Reads 70 words a minute: not reviewed yet"

    def test_stands_on_the_pages_and_on_the_paper(self, client):
        story = stages.planned()
        client.force_login(story.people.teacher)
        for page in ("detail", "read"):
            text = client.get(reverse(f"peps:{page}", args=[story.pep.uuid])).content.decode()
            assert "Meetings of the term end on" in text
        groups = papers.groups_for(story.people.teacher, Recipient.MYSELF)
        paper = document(story.again(), story.people.teacher, Recipient.MYSELF, groups, "whole")
        assert "Meetings of the term end on" in [row.key for row in paper.facts]


@pytest.mark.django_db
class TestBesideTheQuestions:
    def test_who_the_child_is_for_all_and_the_care_for_those_who_read_it(self):
        story = stages.planned()
        worker, teacher = facts(story, "child_and_care"), facts(story, "child_and_care", "teacher")
        assert (worker["Legal name"], teacher["Legal name"]) == ("Amy Madeup", "Amy Madeup")
        assert worker["Times in care"] == "1"
        assert "Came into care" not in teacher

    def test_no_word_of_who_cares_for_the_child_or_where(self, client):
        story = stages.planned()
        CarePlacement.objects.filter(child=story.pep.child).update(
            carer_name="Carer Secretname", address="1 Hidden Lane", postcode="ZZ9 9ZZ"
        )
        client.force_login(story.people.socialworker)
        for page, of in (("read", story.pep), ("write", story.section("child_and_care"))):
            text = client.get(reverse(f"peps:{page}", args=[of.uuid])).content.decode()
            assert [word for word in ("Secretname", "Hidden Lane", "ZZ9") if word in text] == []

    def test_out_of_the_year_of_ones_age_warns(self):
        story = stages.planned()
        child = Child.objects.get(pk=story.pep.child_id)
        child.date_of_birth = date(2016, 1, 1)
        child.save()
        Enrolment.objects.filter(child=child).update(year_group=3)
        assert facts(story, "child_and_care")["Year group"] == ["Year 3", "Taught out of year group: by age Year 6"]

    def test_people_stand_with_how_they_are_reached_at_work(self):
        story = stages.planned()
        found = facts(story, "people_and_permissions", "teacher")
        assert story.people.socialworker.email in found["Social worker"]
        assert story.people.teacher.email in found["Designated teacher"]

    def test_is_shown_and_not_asked(self, client):
        story = stages.planned()
        client.force_login(story.people.socialworker)
        page = client.get(reverse("peps:write", args=[story.section("child_and_care").uuid]))
        assert "Known already, so nobody is asked." in page.content.decode()
        assert not {"legal_name", "date_of_birth", "upn"} & set(page.context["form"].fields)
