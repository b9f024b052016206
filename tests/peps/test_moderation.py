"""The moderation of a term: every figure opens the list that it counts, and the queries do not grow with it."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peps import coach
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory
from tests.factories.peps import PepFactory, PepReviewFactory, SecondMarkFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("peps:moderation")


@pytest.fixture
def client():
    client = Client()
    client.force_login(UserFactory(role="vsh"))
    return client


def review(**fields):
    child = ChildFactory(in_care=True)
    pep = PepFactory(complete=True, child=child, period=child.periods_of_care.get(), term=fields.pop("term", "autumn"))
    return PepReviewFactory(pep=pep, by_rubric=True, **fields)


def pair(*, voice="green", grade="green", **fields):
    first = review(**fields)
    marks = first.marks | {"voice": {"band": voice, "note": ""}}
    return SecondMarkFactory(review=first, marked=True, marks=marks, grade=grade)


def figures(client, place, **query):
    """What a table of the page says, by its rows' heads: number and where it leads."""
    drawn = client.get(PAGE, query).context["tables"][place]
    return {row[0].cell.text: [(one.cell.text, one.cell.href) for one in row[1:]] for row in drawn.rows}


def rows(client, href):
    return len(client.get(href).context["pages"].rows)


def test_pairs_by_question_open_their_lists(client):
    for voice in ("green", "amber", "red", "gold"):
        pair(voice=voice)
    pair(voice="red", term="spring")
    found = figures(client, 0)
    assert [text for text, _ in found["Voice"]] == ["1", "2", "1"]
    assert [text for text, _ in found["The grade as a whole"]] == ["4", "0", "0"]
    assert [rows(client, href) for _, href in found["Voice"]] == [1, 2, 1]
    assert rows(client, found["The grade as a whole"][0][1]) == 4


def test_what_waits_counts_nowhere(client):
    SecondMarkFactory(review=review())
    assert client.get(PAGE).context["tables"][0].rows == ()


def test_notes_of_the_coach_by_grade_open_their_lists(client):
    review(coach_notes=["target.short", "target.no_how_often"])
    review(coach_notes=["target.short"], grade="amber", computed="amber")
    review()
    found = figures(client, 1)
    assert {head: [text for text, _ in cells] for head, cells in found.items()} == {
        "None": ["0", "1", "0", "0"],
        "A target is very short": ["0", "1", "1", "0"],
        "A target does not say how often": ["0", "1", "0", "0"],
    }
    assert [rows(client, href) for cells in found.values() for _, href in cells if href] == [1, 1, 1, 1]


def test_every_kind_of_note_has_words():
    source = Path(coach.__file__).read_text()
    kinds = set(re.findall(r'ote\(\s*f?"([a-z]+\.[a-z_]+)', source)) - {"target.no_"}
    kinds |= {f"target.no_{name}" for name in coach.ASKED_AT_THE_GATE}
    assert kinds == set(coach.KINDS)


@pytest.mark.parametrize("term", ["", "2026-winter", "x", "1-autumn"])
def test_a_term_that_is_none_is_this_one(client, term):
    assert client.get(PAGE, {"term": term}).context["heading"] == "Moderation: autumn 2026/27"


def test_another_term_has_its_own_figures(client):
    pair()
    other = client.get(PAGE).context["terms"][1]["href"]
    assert client.get(PAGE + other).context["tables"][0].rows == ()


@pytest.mark.parametrize(
    "query", [{"apart": "9"}, {"question": "house_1:nothing"}, {"apart": "0", "question": "x"}, {"term": "1"}]
)
def test_an_odd_filter_finds_nothing(client, query):
    pair()
    assert len(client.get(reverse("peps:second_list"), query).context["pages"].rows) == 0


def test_queries_do_not_grow(client):
    def asked():
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE)
        return len(seen)

    pair(coach_notes=["target.short"])
    asked()
    few = asked()
    pair(voice="red", coach_notes=["target.short"])
    pair(voice="amber")
    assert asked() == few
