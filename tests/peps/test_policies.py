"""Who may, where a whole action would say too little: standing, covers, grants and the reasons told."""

import pytest

from peps import policies
from peps.policies import Standing
from tests.factories.accounts import CoverFactory, UserFactory
from tests.factories.children import AccessGrantFactory
from tests.peps import stages

pytestmark = pytest.mark.django_db


def test_standing_is_one_query(django_assert_num_queries):
    story = stages.submitted()
    with django_assert_num_queries(1):
        assert policies.standing(story.people.teacher, story.pep) == Standing(own=True, wrote=True)
    assert policies.standing(story.people.ala, story.pep) == Standing(own=True, wrote=False)
    assert policies.standing(story.people.outsiders["teacher"], story.pep) == Standing(own=False, wrote=False)


def test_a_grant_is_no_reach_of_ones_own():
    story = stages.planned()
    manager = story.people.outsiders["manager"]
    AccessGrantFactory(child=story.people.amy, user=manager)
    assert policies.standing(manager, story.pep).own is False


def test_who_covers_stands_as_the_one_who_is_away():
    story = stages.planned()
    cover = UserFactory(role="socialworker")
    CoverFactory(user=story.people.socialworker, covered_by=cover)
    assert policies.standing(cover, story.pep).own is True
    assert policies.can_write_section(cover, story.section("child_and_care")).allowed is True


@pytest.mark.parametrize(
    ("policy", "role", "reason", "source"),
    [
        (
            "can_schedule",
            "ala",
            "PEP meetings are arranged by the PEP coordinators and the child's school.",
            policies.ROLES,
        ),
        ("can_cancel", "teacher", "This is done by the PEP coordinators.", policies.ROLES),
        ("can_submit", "teacher", "The PEP is “planned”: it is sent in after its meeting.", policies.GUIDANCE),
        (
            "can_grade",
            "coordinator",
            "PEPs are quality-assured by the Area Learning Advocates and the Virtual School Head.",
            policies.SEPARATION,
        ),
    ],
)
def test_a_refusal_says_why_and_by_what(policy, role, reason, source):
    story = stages.planned()
    verdict = getattr(policies, policy)(story.people[role], story.pep)
    assert (verdict.allowed, verdict.reason, verdict.source) == (False, reason, source)


def test_a_section_names_its_owner():
    story = stages.scheduled()
    verdict = policies.can_write_section(story.people.teacher, story.section("health_and_wellbeing"))
    assert verdict.reason == "“Health and wellbeing” is written by the social worker."


@pytest.mark.parametrize(
    ("role", "may"), [("ala", True), ("iro", True), ("teacher", True), ("data", False), ("sen", False)]
)
def test_only_roles_that_read_peps_list_them(role, may):
    assert policies.can_list(UserFactory(role=role)).allowed is may
