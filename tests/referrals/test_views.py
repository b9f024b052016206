"""Two screens on a phone; the list and the report beside the night's facts."""

import pytest
from django.urls import reverse

from children.models import Alert
from referrals import evidence
from referrals.actions import risk as actions
from referrals.forms import risk as forms
from referrals.models import RiskReport
from referrals.timeline import moments
from tests import personas
from tests.factories.children import AlertFactory, ChildFactory, rule_row
from tests.factories.referrals import RiskAdditionFactory, RiskReportFactory
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
REPORT = {"vsh", "ala", "socialworker", "manager"}
READ = REPORT  # a report is narrative, which an IRO does not read
ANSWER = {"vsh", "ala"}
WORDS = {"why": "Notice was given", "how_soon": "week", "would_help": "Respite"}


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def report(people):
    made = actions.report_risk(
        child=people.amy, at_risk="care_placement", why="Notice was given", how_soon="week", by=people.socialworker
    )
    return made.report


def url(name, *args):
    return reverse(f"referrals:{name}", args=args)


def get(client, user, name, *args, **data):
    client.force_login(user)
    return client.get(url(name, *args), data)


def status(client, user, name, *args):
    return get(client, user, name, *args).status_code


def rows_beside(client, user, report):
    return get(client, user, "detail", report.uuid).context["signals"].rows


def test_of_more_children_than_are_shown_any_may_be_named(client, people, monkeypatch):
    monkeypatch.setattr(forms, "MOST_SHOWN", 1)
    second = ChildFactory(in_care=True, last_name="Zedmadeup", social_worker=people.socialworker)
    assert "name" in get(client, people.socialworker, "which_child").context["form"].fields
    sent = client.post(url("which_child"), {"name": "Zedmadeup", "at_risk": "school_place"})
    assert sent.url == url("report", second.uuid, "school_place")
    monkeypatch.setattr(forms, "MOST_SHOWN", 2)
    assert "name" not in get(client, people.socialworker, "which_child").context["form"].fields


def test_two_screens_and_who_has_it(client, people):
    client.force_login(people.socialworker)
    first = client.get(url("which_child"))
    assert ("Amy Madeup" in first.content.decode(), "Bob Madeup" in first.content.decode()) == (True, False)
    second = client.post(url("which_child"), {"child": str(people.amy.uuid), "at_risk": "school_place"})
    assert second.url == url("report", people.amy.uuid, "school_place")
    done = client.post(second.url, WORDS, follow=True)
    shown = done.content.decode()
    assert [
        words in shown for words in ("Alan Advocate", "Vera Head", "There is to be a plan by 17 November 2026")
    ] == [
        True,
        True,
        True,
    ]
    made = RiskReport.objects.get()
    assert (made.child, made.at_risk, made.why, made.would_help) == (
        people.amy,
        "school_place",
        "Notice was given",
        "Respite",
    )
    assert Alert.objects.open().count() == 1


class TestFirstScreen:
    def test_from_a_childs_page_asks_for_the_place_alone(self, client, people):
        client.force_login(people.socialworker)
        where = url("report_for", people.amy.uuid)
        assert "Amy Madeup" in client.get(where).content.decode()
        answer = client.post(where, {"at_risk": "school_place"})
        assert answer.url == url("report", people.amy.uuid, "school_place")
        assert client.get(url("report_for", people.bob.uuid)).status_code == 404

    @pytest.mark.parametrize(
        "data", [{"submitted": "Continue"}, {"at_risk": "care_placement"}, {"child": "x", "at_risk": "care_placement"}]
    )
    def test_asks_for_both(self, client, people, data):
        client.force_login(people.socialworker)
        answer = client.post(url("which_child"), data)
        assert (answer.status_code, "There is a problem" in answer.content.decode()) == (200, True)

    def test_offers_no_child_of_somebody_else(self, client, people):
        client.force_login(people.socialworker)
        answer = client.post(url("which_child"), {"child": str(people.bob.uuid), "at_risk": "care_placement"})
        assert (answer.status_code, "There is a problem" in answer.content.decode()) == (200, True)

    def test_an_advocate_names_any_child_on_the_roll(self, client, people):
        client.force_login(people.ala)
        answer = client.post(url("which_child"), {"name": "Bob Madeup", "at_risk": "care_placement"})
        assert answer.url == url("report", people.bob.uuid, "care_placement")

    def test_several_of_a_name_are_offered_to_choose_from(self, client, people):
        second = ChildFactory(in_care=True, first_names="Bob")
        client.force_login(people.ala)
        answer = client.post(url("which_child"), {"name": "Bob", "at_risk": "care_placement"})
        shown = answer.content.decode()
        assert "Several children match" in shown
        assert [str(child.uuid) in shown for child in (people.bob, second, people.amy)] == [True, True, False]

    def test_nobody_of_a_name_is_said(self, client, people):
        client.force_login(people.ala)
        answer = client.post(url("which_child"), {"name": "Zed", "at_risk": "care_placement"})
        assert "No child that you work with has this name or id" in answer.content.decode()


class TestWho:
    def test_reports(self, client, people):
        for role, user in people.people.items():
            assert status(client, user, "which_child") == (200 if role in REPORT else 403), role
            reaches = role != "dpo"
            wanted = 200 if role in REPORT else 403 if reaches else 404
            assert status(client, user, "report", people.amy.uuid, "care_placement") == wanted, role

    def test_reads(self, client, people, report):
        for role, user in people.people.items():
            assert status(client, user, "list") == (200 if role in READ else 403), role
            assert status(client, user, "detail", report.uuid) == (200 if role in READ else 404), role
        for role, user in people.outsiders.items():
            assert status(client, user, "detail", report.uuid) == 404, role

    @pytest.mark.parametrize("name", ["plan", "close"])
    def test_answers(self, client, people, report, name):
        for role, user in people.people.items():
            wanted = 200 if role in ANSWER else 403 if role in READ else 404
            assert status(client, user, name, report.uuid) == wanted, role


class TestDetail:
    def test_stands_beside_the_nights_facts_that_the_reader_reads(self, client, people, report):
        for group, sentence in (("legal", "2 changes of care placement"), ("address", "The home is far away")):
            AlertFactory(child=people.amy, field_group=group, evidence={"sentence": sentence, "facts": []})
        AlertFactory(child=people.bob, evidence={"sentence": "About somebody else", "facts": []})
        shown = get(client, people.ala, "detail", report.uuid).content.decode()
        assert [words in shown for words in ("2 changes of care", "home is far away", "somebody else")] == [
            True,
            False,
            False,
        ]
        shown = get(client, people.socialworker, "detail", report.uuid).content.decode()
        assert ("2 changes of care" in shown, "home is far away" in shown) == (True, True)

    def test_each_fact_has_its_answer_or_the_way_to_one(self, client, people, report):
        facts = {"child": people.amy, "field_group": "legal", "check_name": "placement.signals"}
        facts["rule"] = rule_row("placement.signals.moves", today())
        waits = AlertFactory(**facts, evidence={"sentence": "2 changes of care placement", "facts": []})
        made = {"answer": "no_concern", "answer_reason": "A respite stay", "answered_by": people.ala}
        AlertFactory(**facts, **made, opened_on=today())
        school = actions.report_risk(
            child=people.amy, at_risk="school_place", why="Suspended", how_soon="week", by=people.socialworker
        ).report
        shown = [[drawn.cell for drawn in row] for row in rows_beside(client, people.ala, report)]
        address = waits.get_absolute_url()
        assert [(row[0].text, row[0].href) for row in shown][:1] == [("2 changes of care placement", address)]
        assert (shown[0][1].text, shown[0][1].href) == (facts["rule"].words, "/rules/placement.signals.moves/")
        assert [(row[3].text, row[3].href) for row in shown][:2] == [("Answer", f"{address}#answer"), ("", "")]
        assert (shown[1][3].tag["text"], shown[1][3].lines) == ("not a concern", ("A respite stay", people.ala.name))
        assert shown[2][0].text == evidence.reported(school)["sentence"]
        shown = rows_beside(client, people.socialworker, report)
        assert [row[3].cell.tag["text"] for row in shown] == ["waiting", "not a concern", "waiting"]

    def test_shows_what_was_added_and_what_may_be_done(self, client, people, report):
        RiskAdditionFactory(report=report, words="Brought forward")
        shown = get(client, people.ala, "detail", report.uuid).content.decode()
        assert [words in shown for words in ("Brought forward", "Make a plan", "Close this report")] == [
            True,
            True,
            True,
        ]
        shown = get(client, people.socialworker, "detail", report.uuid).content.decode()
        assert "The plan is made by the Area Learning Advocates" in shown

    def test_a_second_report_says_that_it_is_added(self, client, people, report):
        shown = get(client, people.socialworker, "report", people.amy.uuid, "care_placement").content.decode()
        assert "What you write is added to that report." in shown

    def test_a_place_that_there_is_not_is_not_found(self, client, people):
        assert status(client, people.socialworker, "report", people.amy.uuid, "garden") == 404


def test_plan_then_close(client, people, report):
    client.force_login(people.ala)
    assert client.post(url("plan", report.uuid), {"plan": "Meet the carer"}).status_code == 302
    assert "Meet the carer" in client.get(url("detail", report.uuid)).content.decode()
    assert client.post(url("close", report.uuid), {"outcome": "held", "words": "Carer stays"}).status_code == 302
    assert client.post(url("close", report.uuid), {"outcome": "held", "words": ""}).status_code == 409
    assert client.post(url("plan", report.uuid), {"plan": "Too late"}).status_code == 409
    assert RiskReport.objects.get().outcome_words == "Carer stays"


class TestList:
    def test_shows_open_reports_first_of_all(self, client, people, report):
        RiskReportFactory(child=people.bob, closed=True)
        shown = get(client, people.ala, "list").content.decode()
        assert ("Amy Madeup" in shown, "Bob Madeup" in shown) == (True, False)
        shown = get(client, people.ala, "list", state="").content.decode()
        assert ("Amy Madeup" in shown, "Bob Madeup" in shown) == (True, True)
        assert AccessLog.objects.latest("pk").child_ids == sorted([people.amy.pk, people.bob.pk])

    def test_asks_as_often_for_one_report_as_for_many(self, client, people, report, django_assert_num_queries):
        client.force_login(people.ala)
        client.get(url("list"))
        for more in (0, 20):
            RiskReportFactory.create_batch(more)
            with django_assert_num_queries(9):
                client.get(url("list"))


def test_timeline_tells_those_who_may_know(people, report, django_assert_num_queries):
    actions.make_plan(report=report, plan="SECRET", by=people.ala)
    with django_assert_num_queries(4):  # reports, school moves, applications, and matters of the SEN team
        told = moments(people.amy, user=people.socialworker)
    assert [one.title for one in told] == ["Care placement reported to be at risk", "Plan made for the care placement"]
    assert "SECRET" not in str(told)
    assert [moments(people.amy, user=people[role]) for role in ("teacher", "iro")] == [[], []]
