"""What the database states of accounts, places and cover."""

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction

from tests.factories.accounts import CoverFactory, MembershipFactory, OrganisationFactory, UserFactory
from virtualschool.accounts.models import Cover, Organisation, User
from virtualschool.audit.models import Change
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refused(make) -> bool:
    try:
        with transaction.atomic():
            make()
    except (IntegrityError, DataError):
        return True
    return False


def test_an_address_is_one_persons_whatever_its_case():
    UserFactory(email="one@council.example")
    assert refused(lambda: UserFactory(email="ONE@council.example"))


def test_a_role_is_one_of_the_twelve():
    assert refused(lambda: UserFactory(role="superuser"))


def test_a_school_has_one_designated_teacher_at_a_time_and_any_number_of_deputies():
    school = OrganisationFactory(of_school=True)
    first = MembershipFactory(organisation=school, designated=True, end=today())
    assert MembershipFactory(organisation=school, designated=True, start=today()).pk
    assert refused(
        lambda: MembershipFactory(organisation=school, designated=True, start=first.start, end=today() + DAY)
    )
    assert MembershipFactory.create_batch(2, organisation=school, deputy=True)


def test_somebody_belongs_once_at_a_time():
    row = MembershipFactory(end=today())
    again = {"user": row.user, "organisation": row.organisation}
    assert refused(lambda: MembershipFactory(**again, start=today() - DAY))
    assert MembershipFactory(**again, start=today()).pk


@pytest.mark.parametrize("make", [MembershipFactory, CoverFactory])
def test_no_period_runs_backwards(make):
    assert refused(lambda: make(start=today(), end=today() - DAY))


def test_cover_is_by_one_other_person_at_a_time():
    row = CoverFactory()
    assert refused(lambda: CoverFactory(user=row.user))
    assert refused(
        lambda: Cover.objects.create(
            user=row.user, covered_by=row.user, start=row.end, end=row.end + DAY, reason="x", created_by=row.user
        )
    )
    assert CoverFactory(user=row.user, start=row.end, end=row.end + DAY).pk


def test_a_code_is_one_organisations_of_its_kind():
    team = OrganisationFactory(code="X1")
    assert refused(lambda: OrganisationFactory(code=team.code))
    assert OrganisationFactory(of_school=True, code=team.code).pk
    assert len({OrganisationFactory(of_service=True, code="").pk for _ in range(2)}) == 2


def test_who_sees_which_account_body_and_cover():
    admin, person, closed = UserFactory(administrator=True), UserFactory(), UserFactory(deactivated=True)
    cover, others, team = CoverFactory(user=person), CoverFactory(), OrganisationFactory()
    assert list(User.objects.visible_to(person)) == [person]
    assert set(User.objects.visible_to(admin)) == set(User.objects.all())
    assert list(Cover.objects.visible_to(person)) == list(Cover.objects.visible_to(cover.covered_by)) == [cover]
    assert set(Cover.objects.visible_to(admin)) == {cover, others}
    assert [team in Organisation.objects.visible_to(who) for who in (person, closed)] == [True, False]


def test_history_keeps_every_change_but_no_password():
    person = UserFactory(name="Before")
    person.name, person.password = "After", "secret-hash"
    person.save()
    rows = Change.objects.filter(table_name="accounts_user", row_id=str(person.pk)).order_by("pk")
    assert [(row.old or {}).get("name") for row in rows][-1] == "Before"
    assert rows.last().new["name"] == "After"
    assert rows.last().new["password"] == "(not kept)"
    assert "secret-hash" not in str([(row.old, row.new) for row in rows])
