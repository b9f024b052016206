"""A section as it is read: answers first, what is still needed, and what was left open in one row."""

import pytest

from peps import policies
from peps.views.reading import LEFT_OPEN, answer_rows
from tests.peps import stages
from virtualschool.accounts.roles import FieldGroup

pytestmark = pytest.mark.django_db
SCHOOL = {FieldGroup.EDUCATION, FieldGroup.PEP}


def test_what_may_be_left_open_takes_one_row_and_what_is_needed_its_own():
    story = stages.scheduled()
    section = story.section("education_now")
    rows = answer_rows(SCHOOL, section)
    assert [row["key"] for row in rows if row.get("missing")] == [
        "Hours offered a week",
        "Key adult at school",
        "Clubs, music, sport, reading: life beyond lessons",
    ]
    assert (rows[-1]["key"], len(rows)) == (LEFT_OPEN, 4)


def test_answers_stand_in_the_order_of_the_questions():
    section = stages.prepared().section("education_now")
    asked = policies.fields_in(SCHOOL, section)
    assert [row["key"] for row in answer_rows(SCHOOL, section)] == [spec.label for spec in asked]
