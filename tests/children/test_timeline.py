"""One child's moments: what is told, in which order, and to whom."""

from datetime import timedelta

import pytest

from children import timeline
from children.models import CareEpisode
from tests import personas
from tests.factories.children import (
    AttainmentFactory,
    CareReviewFactory,
    ChildFileFactory,
    EnrolmentFactory,
    MissingEpisodeFactory,
    NoteFactory,
    SenRecordFactory,
)
from virtualschool.accounts.roles import ROLES
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people():
    """Amy has moved placement, has a note, a health file, a review, a missing episode and school facts."""
    people = personas.cast()
    amy = people.amy
    first = amy.care_episodes.get()
    moved = today() - 50 * DAY
    first.end, first.reason_ceased, first.reason_place_change = moved, "X1", "CARPL"
    first.save()
    CareEpisode.objects.create(
        child=amy, period=first.period, start=moved, reason_new="B", legal_status="C1", placement_type="K2"
    )
    NoteFactory(child=amy, author=people.ala)
    ChildFileFactory(child=amy, field_group="health")
    CareReviewFactory(child=amy)
    MissingEpisodeFactory(child=amy)
    AttainmentFactory(child=amy)
    SenRecordFactory(child=amy)
    return people


def titles(people, role) -> list[str]:
    return [moment.title for moment in timeline.moments(people.amy, user=people[role])]


SCHOOL = {"Started at Amy's School", "Special educational needs: SEN support", "KS2 Reading: EXS"}
WORKERS = {
    "Social worker: Sam Worker",
    "Social work team: North team",
    "Independent Reviewing Officer: Ira Reviewer",
    "Area Learning Advocate: Alan Advocate",
    "PEP coordinator: Cora Coordinator",
    "PEP support officer: Sue Support",
}
CARE = {"Care started", "Legal status", "Care placement changed", "Review of the care plan"}
WRITTEN = {"Telephone call", "Missing: began", "Missing: ended"}
HEALTH = {"File: Timetable"}


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"dpo"}))
def test_each_role_is_told_what_it_reads(people, role):
    told = SCHOOL | WORKERS
    if role not in {"teacher", "sen", "admissions"}:
        told |= CARE
    if role in {"vsh", "ala", "socialworker", "manager"}:
        told |= WRITTEN | HEALTH
    assert set(titles(people, role)) == told


def test_the_latest_comes_first_and_codes_are_in_words(people):
    moments = timeline.moments(people.amy, user=people.coordinator)
    assert [moment.on for moment in moments] == sorted((moment.on for moment in moments), reverse=True)
    said = {(moment.title, moment.text) for moment in moments if moment.kind == "care"}
    assert {
        ("Legal status", "Full care order"),
        ("Legal status", "Interim care order"),
        ("Care placement changed", "Care plan"),
    } <= said


def test_address_and_carer_are_in_no_moment(people):
    told = " ".join(f"{moment.title} {moment.text}" for moment in timeline.moments(people.amy, user=people.vsh))
    assert not any(words in told for words in ("Hidden Lane", "Secretname", "ZZ9 9ZZ"))


def test_what_is_to_come_is_not_told(people):
    EnrolmentFactory(child=people.amy, school=people.other_school, kind="guest", planned=True)
    assert "Started at Bob's School" not in titles(people, "vsh")


def test_a_change_of_worker_is_told_once(people):
    tie = people.amy.relationships.get(kind="iro")
    tie.end = today()
    tie.save()
    assert "No Independent Reviewing Officer" in titles(people, "vsh")
    people.amy.relationships.create(kind="iro", user=people.outsiders["iro"], start=today())
    told = titles(people, "vsh")
    assert "No Independent Reviewing Officer" not in told
    assert "Independent Reviewing Officer: Other Ira Reviewer" in told


@pytest.mark.parametrize("rows", [1, 30])
def test_however_much_happened_the_questions_are_the_same(people, django_assert_num_queries, rows):
    for number in range(rows):
        NoteFactory(child=people.amy)
        AttainmentFactory(child=people.amy, subject=f"Subject {number}")
        EnrolmentFactory(
            child=people.amy,
            school=people.other_school,
            kind="guest",
            start=today() - (number + 1) * DAY,
            end=today() - number * DAY,
        )
    with django_assert_num_queries(11):
        timeline.moments(people.amy, user=people.vsh)
