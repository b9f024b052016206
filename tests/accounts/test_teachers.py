"""A school's designated teacher and deputies: who follows whom, and on which day which of them reaches the children."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from children.models import Child
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.children import ChildFactory, SchoolFactory
from virtualschool.accounts.actions import appoint_teacher
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def keeper():
    return UserFactory(role="data")


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def lead(school):
    """The designated teacher of today."""
    person = UserFactory(role="teacher", name="Lena Lead")
    MembershipFactory(user=person, organisation=school.organisation, designated=True)
    return person


def who(school, on=None, position="designated_teacher") -> list[str]:
    return [row.user.name for row in school.organisation.memberships.current(on or today()).filter(position=position)]


def test_the_successor_reaches_the_children_from_their_day_and_the_one_before_until_then(keeper, school, lead, clock):
    child = ChildFactory(in_care=True, school=school)
    successor, start = UserFactory(role="teacher", name="Sol Successor"), today() + 3 * DAY
    appoint_teacher(organisation=school.organisation, user=successor, start=start, by=keeper)
    assert [who(school, on) for on in (start - DAY, start)] == [["Lena Lead"], ["Sol Successor"]]
    seen = []
    for day in (start - DAY, start):
        clock.move_to(f"{day.isoformat()}T00:00:00+00:00")
        seen.append([list(Child.objects.visible_to(person)) for person in (lead, successor)])
    assert seen == [[[child], []], [[], [child]]]


def test_it_is_on_record(keeper, school):
    person = UserFactory(role="teacher")
    appoint_teacher(organisation=school.organisation, user=person, start=today(), by=keeper)
    event = AuditEvent.objects.get(verb="school.teacher_appointed")
    assert (event.by, event.subject_id) == (str(keeper.pk), str(school.organisation.pk))
    assert event.data == {"user": person.pk, "position": "designated_teacher", "start": "2026-11-10"}


def test_the_same_person_again_changes_nothing(keeper, school, lead):
    before = school.organisation.memberships.get()
    again = appoint_teacher(organisation=school.organisation, user=lead, start=today(), by=keeper)
    assert (again, school.organisation.memberships.get().end) == (before, None)
    assert not AuditEvent.objects.filter(verb="school.teacher_appointed").exists()


def test_deputies_stand_beside_the_designated_teacher(keeper, school, lead):
    for name in ("Dee Deputy", "Dan Deputy"):
        person = UserFactory(role="teacher", name=name)
        appoint_teacher(organisation=school.organisation, user=person, start=today(), by=keeper, deputy=True)
    assert (who(school), sorted(who(school, position="deputy"))) == (["Lena Lead"], ["Dan Deputy", "Dee Deputy"])


def test_a_deputy_who_becomes_the_designated_teacher_is_no_deputy_any_more(keeper, school, lead):
    deputy = UserFactory(role="teacher", name="Dee Deputy")
    MembershipFactory(user=deputy, organisation=school.organisation, deputy=True)
    appoint_teacher(organisation=school.organisation, user=deputy, start=today(), by=keeper)
    assert (who(school), who(school, position="deputy")) == (["Dee Deputy"], [])
    assert (who(school, today() - DAY), who(school, today() - DAY, "deputy")) == (["Lena Lead"], ["Dee Deputy"])


def test_a_designated_teacher_who_steps_down_to_deputy_leaves_the_place_open(keeper, school, lead):
    appoint_teacher(organisation=school.organisation, user=lead, start=today(), by=keeper, deputy=True)
    assert (who(school), who(school, position="deputy")) == ([], ["Lena Lead"])


def test_somebody_appointed_on_the_same_day_by_mistake_never_held_it(keeper, school):
    first, second = UserFactory(role="teacher", name="First"), UserFactory(role="teacher", name="Second")
    for person in (first, second):
        appoint_teacher(organisation=school.organisation, user=person, start=today(), by=keeper)
    assert who(school) == ["Second"]
    assert first.memberships.get().end == today()


def test_one_who_is_to_come_is_not_pushed_aside_unseen(keeper, school, lead):
    appoint_teacher(
        organisation=school.organisation, user=UserFactory(role="teacher"), start=today() + 9 * DAY, by=keeper
    )
    with pytest.raises(ValidationError, match="already has a designated teacher in that time"):
        appoint_teacher(organisation=school.organisation, user=UserFactory(role="teacher"), start=today(), by=keeper)


@pytest.mark.parametrize(
    ("person", "words"),
    [({"role": "ala"}, "does not have a designated teacher"), ({"role": "teacher", "deactivated": True}, "does not")],
)
def test_only_an_open_account_of_a_designated_teacher(keeper, school, person, words):
    with pytest.raises(Refused, match=words):
        appoint_teacher(organisation=school.organisation, user=UserFactory(**person), start=today(), by=keeper)


def test_only_at_a_school(keeper):
    with pytest.raises(Refused, match="Only a school"):
        appoint_teacher(organisation=OrganisationFactory(), user=UserFactory(role="teacher"), start=today(), by=keeper)


def test_only_by_those_who_keep_the_register(school):
    with pytest.raises(Refused, match="kept by the Virtual School"):
        appoint_teacher(
            organisation=school.organisation,
            user=UserFactory(role="teacher"),
            start=today(),
            by=UserFactory(administrator=True),
        )
