"""Who may, where a whole action would say too little: standing, covers, grants and the reasons told."""

import pytest

from peps import policies
from peps.enums import Seat
from peps.models import Pep
from peps.policies import Standing
from tests.factories.accounts import CoverFactory, UserFactory
from tests.factories.children import AccessGrantFactory
from tests.factories.peps import PepAuthorFactory
from tests.peps import stages
from virtualschool.kernel.dates import today
from virtualschool.overview.homes import planning

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


class TestToGrade:
    """What is offered to be graded is what the policy lets be graded."""

    def offered(self, pep, *people):
        waiting = Pep.objects.to_grade()
        return [user.role for user in people if waiting.gradable_by(user).filter(pk=pep.pk).exists()]

    def allowed(self, pep, *people):
        return [user.role for user in people if policies.can_grade(user, pep)]

    def test_to_advocates_and_the_head_of_the_virtual_school(self):
        story = stages.submitted()
        people = [*story.people.people.values(), *story.people.outsiders.values()]
        assert self.offered(story.pep, *people) == self.allowed(story.pep, *people) == ["vsh", "ala"]

    @pytest.mark.parametrize("seat", [Seat.SOCIAL_WORKER, Seat.DESIGNATED_TEACHER])
    def test_not_to_whoever_was_asked_to_its_meeting_as_one_who_writes_it(self, seat):
        story = stages.submitted()
        ala = story.people.ala
        story.meeting.invitations.filter(user=ala).update(user=None)
        story.meeting.invitations.filter(seat=seat).update(user=ala)
        people = (ala, story.people.vsh)
        assert self.offered(story.pep, *people) == self.allowed(story.pep, *people) == ["vsh"]
        assert [planning.peps_in_qa(user).count for user in people] == [0, 1]

    def test_not_to_an_author(self):
        story = stages.submitted()
        PepAuthorFactory(pep=story.pep, user=story.people.ala)
        assert self.offered(story.pep, story.people.ala) == self.allowed(story.pep, story.people.ala) == []

    def test_not_of_a_child_whose_care_is_over(self):
        story = stages.submitted()
        story.people.amy.periods_of_care.update(end=today(), end_reason="E11")
        people = (story.people.ala, story.people.vsh)
        assert self.offered(story.pep, *people) == self.allowed(story.pep, *people)


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
