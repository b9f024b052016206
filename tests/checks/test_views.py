"""Alerts, clocks and the search outside the team, as pages."""

import pytest
from django.urls import reverse

from children import clocks
from children.models import AccessGrant, Clock
from referrals.evidence import reported
from tests import personas
from tests.factories.children import AlertFactory, ChildFactory, rule_row
from tests.factories.referrals import RiskReportFactory
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
REASON = "Police are with the child at the station"


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def alert(people):
    facts = [{"on": "2026-11-01", "words": "Left the last school's roll", "href": ""}]
    return AlertFactory(
        child=people.amy,
        evidence={"sentence": "On no school's roll since 1 November 2026", "facts": facts},
        rule=rule_row("education.no_school", today()),
    )


def url(name, *args):
    return reverse(f"watch:{name}", args=args)


def get(client, user, name, *args, **data):
    client.force_login(user)
    return client.get(url(name, *args), data)


class TestAlerts:
    def test_list_is_cut_to_the_reader(self, client, people, alert):
        AlertFactory(child=people.bob, field_group="health", evidence={"sentence": "A health fact", "facts": []})
        for user, own, health in (
            (people.ala, True, True),
            (people.coordinator, True, False),
            (people.teacher, True, False),
            (people.outsiders["socialworker"], False, True),
        ):
            shown = get(client, user, "alerts").content.decode()
            assert ("On no school" in shown, "A health fact" in shown) == (own, health), user.role

    def test_who_opens_one(self, client, people, alert):
        for role, user in people.people.items():
            unknown = role in ("dpo", "sen", "admissions")
            assert get(client, user, "alert", alert.uuid).status_code == (404 if unknown else 200), role
        for role, user in people.outsiders.items():
            assert get(client, user, "alert", alert.uuid).status_code == 404, role
        assert get(client, people.dpo, "alerts").status_code == 403

    def test_one_shows_facts_rule_and_source(self, client, people, alert):
        shown = get(client, people.ala, "alert", alert.uuid).content.decode()
        for words in (
            "1 November 2026",
            "Left the last school",
            "A child of school age with no school place",
            "Council policy",
            "Devon",
        ):
            assert words in shown, words

    def test_a_fact_leads_to_its_record_for_those_who_may_open_that(self, client, people):
        report = RiskReportFactory(child=people.amy)
        alert = AlertFactory(child=people.amy, evidence=reported(report))
        leads = {
            role: report.get_absolute_url() in get(client, people.people[role], "alert", alert.uuid).content.decode()
            for role in ("ala", "socialworker", "coordinator", "support", "iro")
        }
        assert leads == {"ala": True, "socialworker": True, "coordinator": False, "support": False, "iro": False}

    @pytest.mark.parametrize("href", ["/nowhere/", "javascript:alert(1)", "https://elsewhere.example/", "//x"])
    def test_a_fact_leads_nowhere_but_to_a_page_of_the_service(self, client, people, href):
        facts = [{"on": "2026-11-01", "words": "Reported", "href": href}]
        alert = AlertFactory(child=people.amy, evidence={"sentence": "A fact", "facts": facts})
        shown = get(client, people.ala, "alert", alert.uuid).content.decode()
        assert ("Reported" in shown, f'href="{href}"' in shown) == (True, False)

    def test_answer(self, client, people, alert):
        client.force_login(people.ala)
        assert client.post(url("alert", alert.uuid), {"answer": "noted"}).status_code == 200
        assert (
            client.post(url("alert", alert.uuid), {"answer": "noted", "reason": "A place is found"}).status_code == 302
        )
        alert.refresh_from_db()
        assert (alert.answer, alert.answer_reason) == ("noted", "A place is found")
        assert "A place is found" in get(client, people.coordinator, "alert", alert.uuid).content.decode()

    def test_answer_is_refused_with_the_reason(self, client, people, alert):
        shown = get(client, people.socialworker, "alert", alert.uuid).content.decode()
        assert "Alerts are answered by the Area Learning Advocates" in shown
        answer = client.post(url("alert", alert.uuid), {"answer": "noted", "reason": "x"})
        assert answer.status_code == 403

    def test_filters(self, client, people, alert):
        AlertFactory(child=people.bob, check_name="placement.signals", evidence={"sentence": "Bobs fact", "facts": []})
        for data, amys, bobs in [
            ({"check": "education.no_school"}, True, False),
            ({"check": "nonsense"}, False, False),
            ({"school": people.school.urn}, True, False),
            ({"school": "Bob's"}, False, True),
            ({"mine": "yes"}, True, False),
            ({"answered": "yes"}, False, False),
            ({"answered": "no"}, True, True),
        ]:
            shown = get(client, people.ala, "alerts", **data).content.decode()
            assert ("On no school" in shown, "Bobs fact" in shown) == (amys, bobs), data

    def test_list_asks_as_often_for_one_as_for_many(self, client, people, alert, django_assert_num_queries):
        get(client, people.ala, "alerts")
        for more in (0, 20):
            AlertFactory.create_batch(more, child=ChildFactory(in_care=True))
            with django_assert_num_queries(9):
                client.get(url("alerts"))

    def test_list_logs_the_children_shown(self, client, people, alert):
        get(client, people.ala, "alerts")
        assert AccessLog.objects.latest("pk").child_ids == [people.amy.pk]


class TestClock:
    def start(self, people):
        return clocks.start_clock(
            child=people.amy,
            rule_key="pep.initial.deadline",
            about="First PEP",
            matter="peps.Pep:1",
            started_on=today(),
            started_by="came into care",
        )

    def test_page_tells_the_whole_reckoning(self, client, people):
        clock = self.start(people)
        Clock.objects.filter(pk=clock.pk).update(pauses=[[str(today()), str(today()), "Child missing"]])
        shown = get(client, people.iro, "clock", clock.uuid).content.decode()
        for words in (
            "10 working days",
            "Law or statutory guidance",
            "came into care",
            "24 November 2026",
            "Saturday",
            "Child missing",
        ):
            assert words in shown, words

    def test_of_a_stopped_clock_says_when_and_why(self, client, people):
        clock = clocks.cancel_clock(self.start(people), today(), "Left care")
        shown = get(client, people.ala, "clock", clock.uuid).content.decode()
        assert ("cancelled on 10 November 2026" in shown, "Left care" in shown) == (True, True)

    def test_is_not_there_for_a_stranger(self, client, people):
        assert get(client, people.outsiders["iro"], "clock", self.start(people).uuid).status_code == 404


class TestOutsideTeam:
    def test_is_a_managers_page(self, client, people):
        for role, user in people.people.items():
            assert get(client, user, "outside_team").status_code == (200 if role == "manager" else 403), role

    def search(self, client, people, **data):
        client.force_login(people.outsiders["manager"])
        return client.post(url("outside_team"), data)

    def found(self, answer):
        return [form.initial["found"] for _, form in answer.context["found"]]

    def test_search_then_reason_opens_the_childs_page(self, client, people):
        answer = self.search(client, people, number=people.amy.child_id)
        [signed] = self.found(answer)
        assert AccessLog.objects.latest("pk").kind == "search"
        opened = client.post(url("outside_team"), {"found": signed, "reason": REASON})
        assert opened.url == people.amy.get_absolute_url()
        log = AccessLog.objects.latest("pk")
        assert (log.kind, log.reason, log.child_ids) == ("break_glass", REASON, [people.amy.pk])
        assert client.get(opened.url).status_code == 200

    def test_a_short_reason_opens_nothing(self, client, people):
        [signed] = self.found(self.search(client, people, number=people.amy.child_id))
        answer = client.post(url("outside_team"), {"found": signed, "reason": "urgent"})
        assert "The reason must be 20 characters or more" in answer.content.decode()
        assert AccessGrant.objects.filter(kind="break_glass").count() == 0

    def test_only_a_search_result_of_ones_own_opens_a_record(self, client, people, clock):
        [signed] = self.found(self.search(client, people, number=people.amy.child_id))
        for user, found in (
            (people.outsiders["manager"], str(people.amy.uuid)),
            (people.outsiders["manager"], signed + "x"),
            (people.manager, signed),
        ):
            client.force_login(user)
            assert client.post(url("outside_team"), {"found": found, "reason": REASON}).status_code == 409
        clock.shift(3600)
        client.force_login(people.outsiders["manager"])
        assert client.post(url("outside_team"), {"found": signed, "reason": REASON}).status_code == 409
        assert AccessGrant.objects.filter(kind="break_glass").count() == 0

    @pytest.mark.parametrize("data", [{"submitted": "Find"}, {"last_name": "Madeup"}])
    def test_needs_exact_facts(self, client, people, data):
        answer = self.search(client, people, **data)
        assert "There is a problem" in answer.content.decode()

    def test_nobody_is_said(self, client, people):
        answer = self.search(client, people, number="C999999")
        assert "No such child" in answer.content.decode()
