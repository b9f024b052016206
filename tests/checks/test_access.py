"""Grants for a matter, and breaking glass: an hour, with a reason, told at once, never through a seal."""

from datetime import timedelta
from uuid import uuid4

import pytest

from children import access
from children.enums import GrantKind
from children.models import AccessGrant, Child
from tests import personas
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db
REASON = "Police are with the child at the station"


@pytest.fixture
def people():
    return personas.cast()


def sees(user, child):
    return Child.objects.visible_to(user).filter(pk=child.pk).exists()


class TestGrant:
    def test_reaches_until_the_matter_closes_it(self, people):
        sen = people.outsiders["sen"]
        assert not sees(sen, people.amy)
        first = access.grant(child=people.amy, user=sen, kind=GrantKind.SEN, matter="referrals.X:1", reason="EHCP")
        again = access.grant(child=people.amy, user=sen, kind=GrantKind.SEN, matter="referrals.X:1", reason="EHCP")
        assert (first, sees(sen, people.amy)) == (again, True)
        assert access.close(matter="referrals.X:1") == 1
        assert not sees(sen, people.amy)
        assert access.close(matter="referrals.X:1") == 0

    def test_to_a_role_reaches_every_holder(self, people):
        matter = "referrals.X:2"
        access.grant(child=people.amy, role="admissions", kind=GrantKind.ADMISSION, matter=matter, reason="Move")
        assert sees(people.outsiders["admissions"], people.amy)

    def test_may_be_opened_again(self, people):
        sen = people.outsiders["sen"]
        for _ in range(2):
            access.grant(child=people.amy, user=sen, kind=GrantKind.SEN, matter="referrals.X:3", reason="EHCP")
            access.close(matter="referrals.X:3", child=people.amy)
        assert AccessGrant.objects.filter(matter="referrals.X:3").count() == 2


class TestBreakGlass:
    def test_opens_the_record_for_an_hour_and_not_longer(self, people, clock):
        manager = people.outsiders["manager"]
        opened = access.break_glass(child_uuid=people.amy.uuid, reason=REASON, by=manager)
        assert (opened.closes_at, opened.kind) == (now() + timedelta(minutes=60), "break_glass")
        assert access.open_glass(by=manager, child=people.amy) == opened
        clock.shift(timedelta(minutes=59))
        assert sees(manager, people.amy)
        clock.shift(timedelta(minutes=1))
        assert not sees(manager, people.amy)
        assert access.open_glass(by=manager, child=people.amy) is None

    def test_tells_the_data_protection_officer_at_once(self, people):
        access.break_glass(child_uuid=people.amy.uuid, reason=REASON, by=people.outsiders["manager"])
        message = Message.objects.get(kind=access.OPENED)
        assert (message.to, message.urgent) == (people.dpo, True)
        event = AuditEvent.objects.get(verb=access.OPENED)
        assert (event.why, event.child_id) == (REASON, str(people.amy.pk))

    def test_again_within_the_hour_is_the_same_grant(self, people):
        manager = people.outsiders["manager"]
        first = access.break_glass(child_uuid=people.amy.uuid, reason=REASON, by=manager)
        assert access.break_glass(child_uuid=people.amy.uuid, reason=REASON, by=manager) == first

    @pytest.mark.parametrize("reason", ["", "x" * 19, " " * 30])
    def test_needs_a_reason_of_twenty_characters(self, people, reason):
        with pytest.raises(Refused, match="at least 20 characters"):
            access.break_glass(child_uuid=people.amy.uuid, reason=reason, by=people.outsiders["manager"])
        assert AccessGrant.objects.filter(kind="break_glass").count() == 0

    @pytest.mark.parametrize("role", ["socialworker", "iro", "teacher", "coordinator", "vsh"])
    def test_is_a_team_managers_alone(self, people, role):
        with pytest.raises(Refused, match="Only a social work team manager"):
            access.break_glass(child_uuid=people.amy.uuid, reason=REASON, by=people[role])

    def test_never_opens_a_seal_nor_a_child_who_left(self, people):
        manager = people.outsiders["manager"]
        Child.objects.filter(pk=people.amy.pk).update(sealed=True)
        people.bob.periods_of_care.update(end=today())
        for child in (people.amy, people.bob):
            with pytest.raises(Refused, match="no such child"):
                access.break_glass(child_uuid=child.uuid, reason=REASON, by=manager)
        with pytest.raises(Refused, match="no such child"):
            access.break_glass(child_uuid=uuid4(), reason=REASON, by=manager)


class TestOutsideTeam:
    def find(self, people, **facts):
        return list(access.outside_team(by=people.outsiders["manager"], **facts))

    def test_finds_by_exact_number_or_by_name_with_date_of_birth(self, people):
        amy = people.amy
        Child.objects.filter(pk=amy.pk).update(upn="A123456789012")
        by_name = {"last_name": "madeup", "date_of_birth": amy.date_of_birth}
        for facts in ({"number": amy.child_id.lower()}, {"number": "A123456789012"}, by_name):
            assert self.find(people, **facts) == [amy]

    def test_finds_nothing_by_part_of_a_name_or_without_the_date(self, people):
        for facts in ({"number": people.amy.child_id[:3]}, {"last_name": "Madeup"}, {}):
            assert self.find(people, **facts) == []

    def test_finds_no_child_of_ones_own_and_no_sealed_one(self, people):
        assert self.find(people, number=people.bob.child_id) == []
        Child.objects.filter(pk=people.amy.pk).update(sealed=True)
        assert self.find(people, number=people.amy.child_id) == []
