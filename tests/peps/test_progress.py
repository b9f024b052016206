"""How far each person's part is: one rule with the gate and with finishing, links that the reader may open, constant queries."""

import pytest
from django.urls import reverse

from peps import layouts
from peps.actions import delegating, writing
from peps.actions.submitting import gate
from tests.factories.accounts import UserFactory
from tests.factories.peps import VoiceStatementFactory
from tests.peps import stages

pytestmark = pytest.mark.django_db


def parts(client, user, story) -> dict[str, dict]:
    client.force_login(user)
    page = client.get(reverse("peps:detail", args=[story.pep.uuid]))
    return {part["name"]: part for part in page.context["progress"]}


def required(story, key: str) -> int:
    section = story.section(key)
    spec = layouts.of_version(story.pep.layout).section(key)
    return (
        len(spec.missing(story.pep.phase, story.pep.kind, {}, layouts.Lines(story.pep.opened_on), story.pep.year_group))
        if section
        else 0
    )


def test_what_is_missing_is_what_the_gate_says(client):
    story = stages.held(stages.prepared())
    shown = parts(client, story.people.teacher, story)
    words = sorted(thing["text"].lower() for part in shown.values() for thing in part["things"])
    assert words == sorted(one.words.lower() for one in gate(story.pep))


def test_an_answer_counts_when_it_is_there(client):
    story = stages.accepted()
    before = parts(client, story.people.teacher, story)["Key adult with the child"]["words"]
    asked = required(story, "my_views")
    assert before == f"0 of {asked} required answers, 0%"
    answers = {"how_given": "Spoke", "given_on": "2026-11-03"}
    writing.save_answers(section=story.section("my_views"), answers=answers, seen={}, by=story.people.teacher)
    after = parts(client, story.people.teacher, story)["Key adult with the child"]["words"]
    assert after == f"2 of {asked} required answers, {200 // asked}%"


def test_an_answer_that_stands_in_for_another_asks_for_one_less(client):
    story = stages.accepted()
    asked = required(story, "my_views")
    answers = {"no_words_because": "On holiday"}
    writing.save_answers(section=story.section("my_views"), answers=answers, seen={}, by=story.people.teacher)
    words = parts(client, story.people.teacher, story)["Key adult with the child"]["words"]
    assert words == f"0 of {asked - 1} required answers, 0%"


def test_what_was_said_by_a_link_counts_as_the_gate_counts_it(client):
    story = stages.accepted()
    VoiceStatementFactory(link__pep=story.pep)
    section, user = story.section("my_views"), story.people.teacher
    asked = required(story, "my_views")
    missing = len(writing.missing_fields(section))
    words = parts(client, user, story)["Key adult with the child"]["words"]
    assert words == f"{asked - missing} of {asked} required answers, {100 * (asked - missing) // asked}%"
    assert 0 < missing < asked
    understood = {"what_adults_understood": "She is proud"}
    writing.save_answers(section=section, answers=understood, seen={}, by=user)
    assert writing.missing_fields(story.section("my_views")) == ()
    words = parts(client, user, story)["Key adult with the child"]["words"]
    assert words == f"{asked} of {asked} required answers, 100%"


def test_a_section_with_a_colleague_is_the_colleagues(client):
    story = stages.accepted()
    colleague = UserFactory(role="teacher", name="Colin League")
    delegating.delegate(section=story.section("attendance"), colleague=colleague, by=story.people.teacher)
    part = parts(client, story.people.teacher, story)["Colleague: Colin League"]
    assert part["words"] == f"0 of {required(story, 'attendance')} required answers, 0%"
    assert [thing["href"] for thing in part["things"]] == [
        reverse("peps:write", args=[story.section("attendance").uuid])
    ]


def test_a_link_leads_where_its_reader_may_go(client):
    story = stages.accepted()
    things = {
        thing["text"]: thing["href"]
        for part in parts(client, story.people.coordinator, story).values()
        for thing in part["things"]
    }
    assert things["“My views” is not finished"] == ""
    assert things["“Child and care” is not finished"] == reverse(
        "peps:section", args=[story.section("child_and_care").uuid]
    )


def test_nothing_is_missing_when_it_may_be_sent_in_and_nothing_is_said_after(client):
    story = stages.written()
    shown = parts(client, story.people.teacher, story)
    assert [part["things"] for part in shown.values()] == [[]] * len(shown)
    assert [part["words"] for part in shown.values() if part["words"] and "100%" not in part["words"]] == []
    assert parts(client, story.people.teacher, stages.submitted(story)) == {}


def test_as_many_queries_for_an_empty_pep_as_for_a_full_one(
    client, django_assert_max_num_queries, django_assert_num_queries
):
    story = stages.accepted()
    parts(client, story.people.coordinator, story)
    with django_assert_max_num_queries(40) as empty:
        parts(client, story.people.coordinator, story)
    stages.prepared(story)
    with django_assert_num_queries(len(empty.captured_queries)):
        parts(client, story.people.coordinator, story)
