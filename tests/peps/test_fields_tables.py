"""A table among the questions: filled without a script, refused by row and column, kept as rows, read as rows."""

import pytest
from django.urls import reverse

from peps import papers
from peps.actions import writing
from peps.actions.writing import Seen, digest
from peps.enums import Settle
from peps.models import PepAnswer, PepSetAside
from peps.papers import Recipient
from peps.views.papers import document
from tests.peps import stages

pytestmark = pytest.mark.django_db
ROWS = [{"school": "Oldhall Primary", "start": "2024-09-01"}, {"school": "Moorside", "why": "Moved"}]


@pytest.fixture
def story():
    return stages.accepted()


def write(client, story, **data):
    client.force_login(story.people.teacher)
    return client.post(reverse("peps:write", args=[story.section("education_now").uuid]), data)


def cells(rows, name="schools_before"):
    """As a browser sends them."""
    return {f"{name}-{place}-{key}": value for place, row in enumerate(rows) for key, value in row.items()} | {
        f"{name}-rows": len(rows)
    }


def kept(field="schools_before"):
    return PepAnswer.objects.get(field=field).value


class TestWriting:
    def test_rows_are_kept_without_what_is_empty(self, client, story):
        sent = cells(
            [
                {"school": "Oldhall Primary", "start-day": "1", "start-month": "9", "start-year": "2024", "why": ""},
                {"school": "", "why": ""},
                {"school": " Moorside ", "why": "Moved"},
            ]
        )
        assert write(client, story, draft="1", **sent).status_code == 302
        assert kept() == ROWS

    def test_a_page_sent_back_as_it_was_writes_nothing(self, client, story):
        self.save(story, ROWS)
        page = self.page(client, story)
        seen = page.context["form"]["seen_schools_before"].value()
        sent = cells(
            [
                {"school": "Oldhall Primary", "start-day": "1", "start-month": "9", "start-year": "2024"},
                {"school": "Moorside", "why": "Moved"},
            ]
        )
        write(client, story, draft="1", seen_schools_before=seen, **sent)
        assert PepAnswer.objects.get(field="schools_before").version == 1

    def test_one_more_row_saves_nothing_and_keeps_what_was_typed(self, client, story):
        answer = write(client, story, **cells([{"school": "Oldhall"}, {"why": "x"}]), **{"schools_before-more": "1"})
        text = answer.content.decode()
        assert answer.status_code == 200
        assert ("Oldhall" in text, "School 3" in text, "School 4" in text) == (True, True, False)
        assert "There is a problem" not in text
        assert not PepAnswer.objects.exists()

    def test_what_is_wrong_is_told_by_row_and_column_and_leads_there(self, client, story):
        sent = cells(
            [{"school": "Oldhall"}, {"school": "B", "start-day": "31", "start-month": "2", "start-year": "2024"}]
        )
        text = write(client, story, draft="1", **sent).content.decode()
        assert '<a href="#id_schools_before-1-start-day">School 2: from must be a real date</a>' in text
        assert "From must be a real date" in text

    def test_finishing_asks_for_what_a_row_leaves_out(self, client, story):
        sent = {"hours_offered": "25", "key_adult": "Ms A", "clubs": "Chess", **cells([{"why": "Moved"}, {}])}
        text = write(client, story, **sent).content.decode()
        assert '<a href="#id_schools_before-0-school">School 1: enter school or setting</a>' in text

    @pytest.mark.parametrize("count", ["999999", "-1", "x", "", "²"])
    def test_an_odd_number_of_rows_is_no_error_of_ours(self, client, story, count):
        sent = cells([{"school": "Oldhall"}]) | {"schools_before-rows": count}
        assert write(client, story, draft="1", **sent).status_code == 302
        assert kept() == [{"school": "Oldhall"}]

    def test_bytes_that_no_text_has_are_refused(self, client, story):
        answer = write(client, story, draft="1", **cells([{"school": "Old\x00hall"}]))
        assert (answer.status_code, PepAnswer.objects.count()) == (400, 0)

    @staticmethod
    def save(story, rows, by=None):
        by = by or story.people.teacher
        writing.save_answers(section=story.section("education_now"), answers={"schools_before": rows}, seen={}, by=by)

    @staticmethod
    def page(client, story):
        client.force_login(story.people.teacher)
        return client.get(reverse("peps:write", args=[story.section("education_now").uuid]))


class TestTwoWriters:
    def test_a_table_that_somebody_else_saved_is_set_aside_and_both_are_kept_on_choosing(self, client, story):
        TestWriting.save(story, ROWS[:1])
        TestWriting.save(story, ROWS[1:])
        aside = PepSetAside.objects.get()
        client.force_login(story.people.teacher)
        text = client.get(reverse("peps:conflicts", args=[aside.section.uuid])).content.decode()
        assert [one in text for one in ("Oldhall Primary", "1 September 2024", "Moorside", "Moved")] == [True] * 4
        writing.settle(aside=aside, choice=Settle.BOTH, by=story.people.teacher)
        assert kept() == ROWS

    def test_rows_with_one_name_become_one(self, story):
        first = [{"row": "Carer", "does": ["Day-to-day decisions"]}, {"row": "Mother", "does": ["Emergency contact"]}]
        second = [
            {"row": "Carer", "does": ["Emergency contact"]},
            {"row": "Social worker", "does": ["Emergency contact"]},
        ]
        for rows in (first, second):
            writing.save_answers(
                section=story.section("people_and_permissions"),
                answers={"parts": rows},
                seen={},
                by=story.people.socialworker,
            )
        writing.settle(aside=PepSetAside.objects.get(), choice=Settle.BOTH, by=story.people.socialworker)
        assert kept("parts") == [second[0], first[1], second[1]]

    def test_the_order_in_which_the_database_keeps_a_row_is_no_change(self):
        assert digest([{"a": 1, "bb": 2}]) == digest([{"bb": 2, "a": 1}])
        assert Seen(1, digest([{"a": "x\r\ny"}])) == Seen(1, digest([{"a": "x\ny"}]))


class TestReading:
    def test_each_fact_stands_under_its_name(self, client, story):
        TestWriting.save(story, ROWS)
        client.force_login(story.people.teacher)
        text = client.get(reverse("peps:read", args=[story.pep.uuid])).content.decode()
        assert "<dt>From</dt><dd>1 September 2024</dd>" in text
        assert "<dt>Why the child left</dt><dd>Moved</dd>" in text

    def test_on_paper_too(self, story):
        TestWriting.save(story, ROWS)
        teacher = story.people.teacher
        groups = papers.groups_for(teacher, Recipient.MYSELF)
        paper = document(story.again(), teacher, Recipient.MYSELF, groups, "education_now")
        row = next(row for part in paper.parts for row in part.rows if row.key == "Schools and settings before")
        assert [(one.title, list(one.facts)) for one in row.records] == [
            ("Oldhall Primary", [("From", "1 September 2024")]),
            ("Moorside", [("Why the child left", "Moved")]),
        ]
