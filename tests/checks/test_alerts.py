"""Alerts reported at once, resolved and answered."""

import pytest

from children import alerts
from children.enums import AlertState
from children.evidence import evidence, fact
from children.models import Alert, Clock
from tests import personas
from tests.factories.children import AlertFactory, ChildFactory, ClockFactory
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return personas.cast()


def report(child, **fields):
    told = evidence("At risk", fact(today(), "Reported"))
    facts = {"check_name": "tests.fact", "natural_key": "thing:1", "evidence": told, "on": today()}
    return alerts.report(child=child, **{**facts, **fields})


def test_reporting_twice_is_one_alert():
    child = ChildFactory(in_care=True)
    assert report(child) == report(child)
    assert Alert.objects.get().evidence == {
        "sentence": "At risk",
        "facts": [{"on": "2026-11-10", "words": "Reported", "href": ""}],
    }


def test_reporting_again_after_it_was_resolved_is_a_new_alert():
    child = ChildFactory(in_care=True)
    first = report(child)
    assert alerts.resolve(check_name="tests.fact", natural_key="thing:1")
    assert not alerts.resolve(check_name="tests.fact", natural_key="thing:1")
    assert report(child).pk != first.pk


@pytest.mark.parametrize(
    ("group", "roles"),
    [
        (
            FieldGroup.EDUCATION,
            {
                "vsh",
                "ala",
                "coordinator",
                "support",
                "socialworker",
                "manager",
                "iro",
                "teacher",
                "data",
            },
        ),
        (FieldGroup.LEGAL, {"vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro", "data"}),
        (FieldGroup.NARRATIVE, {"vsh", "ala", "socialworker", "manager"}),
        (FieldGroup.MARKING, {"vsh", "ala"}),
        (FieldGroup.HEALTH, {"vsh", "ala", "socialworker", "manager"}),
    ],
)
def test_is_seen_by_those_who_reach_the_child_and_read_what_it_tells(people, group, roles):
    alert = AlertFactory(child=people.amy, field_group=group)
    seen = {role for role, user in people.people.items() if alert in Alert.objects.visible_to(user)}
    assert seen == roles
    assert [role for role, user in people.outsiders.items() if alert in Alert.objects.visible_to(user)] == []


def test_an_officer_with_a_grant_sees_the_matter_s_own_alerts_and_clocks_and_no_other_team_s(people):
    mine = {"sen": "referrals.SenMatter:one", "admissions": "referrals.Application:one"}
    for team, kind in (("sen", "sen"), ("admissions", "admission")):
        grant = people.amy.access_grants.get(kind=kind)
        type(grant).objects.filter(pk=grant.pk).update(matter=mine[team])
        AlertFactory(child=people.amy, check_name=f"{team}.overdue")
        ClockFactory(child=people.amy, matter=mine[team])
        ClockFactory(child=people.amy, matter=f"{mine[team]}:other")
    for team, matter in mine.items():
        assert [one.check_name for one in Alert.objects.visible_to(people[team])] == [f"{team}.overdue"]
        assert [one.matter for one in Clock.objects.visible_to(people[team])] == [matter]
        assert not Alert.objects.visible_to(people.outsiders[team]).exists()
    people.amy.access_grants.update(closes_at=now())
    assert not any(Clock.objects.visible_to(people[team]).exists() for team in mine)


class TestAnswer:
    def test_keeps_who_what_and_why_and_leaves_the_alert_open(self, people):
        alert = AlertFactory(child=people.amy)
        alerts.answer_alert(alert=alert, answer="no_concern", reason="A planned move", by=people.ala)
        alert.refresh_from_db()
        assert (alert.answer, alert.answer_reason, alert.answered_by) == ("no_concern", "A planned move", people.ala)
        assert (alert.answered_at, alert.state) == (now(), AlertState.OPEN)
        event = AuditEvent.objects.get(verb="alert.answered")
        assert (event.why, event.child_id) == ("A planned move", str(people.amy.pk))

    @pytest.mark.parametrize("role", ["coordinator", "socialworker", "teacher", "iro", "data"])
    def test_is_refused_to_other_roles(self, people, role):
        with pytest.raises(Refused, match="Alerts are answered by"):
            alerts.answer_alert(alert=AlertFactory(child=people.amy), answer="noted", reason="x", by=people[role])

    def test_needs_a_reason(self, people):
        with pytest.raises(ValueError, match="reason"):
            alerts.answer_alert(alert=AlertFactory(child=people.amy), answer="noted", reason=" ", by=people.ala)

    def test_of_a_resolved_alert_is_a_conflict(self, people):
        with pytest.raises(Conflict):
            alerts.answer_alert(
                alert=AlertFactory(child=people.amy, resolved=True), answer="noted", reason="x", by=people.ala
            )
