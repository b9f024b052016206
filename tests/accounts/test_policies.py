"""Who may keep accounts, cover and the register: every role, and the flag that is apart from the role."""

import pytest

from tests.factories.accounts import CoverFactory, MembershipFactory, OrganisationFactory, UserFactory
from virtualschool.accounts import policies
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ROLES

pytestmark = pytest.mark.django_db
REGISTER = {"vsh", "coordinator", "data"}


@pytest.fixture
def people() -> dict[str, User]:
    return {role: UserFactory(role=role) for role in ROLES}


def allowed(people, policy, *about) -> set[str]:
    return {role for role, person in people.items() if policy(person, *about)}


def test_no_role_keeps_accounts(people):
    other = UserFactory()
    policies_of_accounts = (
        (policies.can_keep_accounts,),
        (policies.can_keep_account, other),
        (policies.can_change_account_of, other),
        (policies.can_change_open_account, other),
        (policies.can_put_into, other, OrganisationFactory()),
        (policies.can_arrange_cover, other),
        (policies.can_end_cover, CoverFactory()),
    )
    assert [allowed(people, *policy) for policy in policies_of_accounts] == [set()] * 7


def test_administrators_of_any_role_keep_them():
    people = {role: UserFactory(role=role, administrator=True) for role in ROLES}
    other = UserFactory()
    for policy in (policies.can_keep_account, policies.can_change_account_of, policies.can_change_open_account):
        assert allowed(people, policy, other) == set(ROLES)


def test_a_closed_administrator_keeps_nothing():
    gone = UserFactory(administrator=True, deactivated=True)
    assert not policies.can_keep_accounts(gone)


def test_an_administrator_leaves_their_own_account_alone():
    admin = UserFactory(administrator=True)
    verdict = policies.can_change_account_of(admin, admin)
    assert (verdict.allowed, verdict.reason) == (False, "Another administrator does this for you.")
    assert policies.can_keep_account(admin, admin)


def test_the_last_active_administrator_stays_one():
    last = UserFactory(administrator=True)
    UserFactory(administrator=True, deactivated=True)
    assert policies.can_lose_administrator(last).reason.startswith("This is the last administrator.")
    another = UserFactory(administrator=True)
    assert policies.can_lose_administrator(last)
    assert policies.can_lose_administrator(another)


@pytest.mark.parametrize("person", [{}, {"administrator": True, "deactivated": True}])
def test_who_is_none_has_nothing_to_lose(person):
    assert policies.can_lose_administrator(UserFactory(**person))


def test_everybody_arranges_and_ends_their_own_cover(people):
    for person in people.values():
        assert policies.can_arrange_cover(person, person)
        assert policies.can_see_own_cover(person)
        cover = CoverFactory(user=person)
        assert policies.can_end_cover(person, cover)
        assert policies.can_end_cover(cover.covered_by, cover)


def test_cover_is_for_the_same_role(people):
    for role, person in people.items():
        covers = {other for other in ROLES if policies.covers_the_same_work(person, UserFactory(role=other))}
        assert covers == {role}


def test_the_register_is_the_virtual_schools(people):
    school = OrganisationFactory(of_school=True)
    assert allowed(people, policies.can_keep_teachers) == REGISTER
    assert allowed(people, policies.can_keep_teachers_of, school) == REGISTER
    assert allowed(people, policies.can_keep_teachers_of, OrganisationFactory()) == set()


def test_places_end_where_they_are_kept(people):
    school, team = MembershipFactory(organisation=OrganisationFactory(of_school=True)), MembershipFactory()
    assert allowed(people, policies.can_end_membership, school) == REGISTER
    assert allowed(people, policies.can_end_membership, team) == set()
    assert policies.can_end_membership(UserFactory(administrator=True), team)


def test_a_designated_teacher_is_one_by_role(people):
    assert {role for role, person in people.items() if policies.can_be_teacher(person)} == {"teacher"}
    assert not policies.can_be_teacher(UserFactory(role="teacher", deactivated=True))


def test_every_refusal_says_why_and_by_what():
    somebody, closed = UserFactory(), UserFactory(deactivated=True)
    refusals = [
        policies.can_keep_accounts(somebody),
        policies.can_change_account_of(UserFactory(administrator=True), closed) & policies.has_open_account(closed),
        policies.covers_the_same_work(somebody, closed),
        policies.covers_the_same_work(somebody, somebody),
        policies.can_keep_teachers(somebody),
        policies.can_be_teacher(somebody),
    ]
    assert [bool(verdict.reason.endswith(".") and verdict.source) for verdict in refusals] == [True] * 6
