"""An application in a direction that the adjudicator decides, one that stands still, and a step that was recorded by mistake."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from children.checks.registry import CHECKS
from children.models import AccessGrant, Child, Clock, Enrolment
from referrals.actions import admissions as actions
from referrals.actions import follow_moves as follow
from referrals.actions.admissions import StepFacts
from referrals.actions.put_right import put_right
from referrals.checks.admissions import DRIFTING
from referrals.enums import ApplicationEvent as E
from referrals.policies import admissions as policies
from tests import personas
from tests.factories.children import SchoolFactory
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AIM, LIMIT, PANEL = actions.AIM, actions.LIMIT, actions.PANEL
REPRESENTATIONS, WAIT = policies.REPRESENTATIONS, policies.WAIT


@pytest.fixture
def people():
    cast = personas.cast()
    AccessGrant.objects.all().delete()
    Enrolment.objects.filter(child=cast.amy).update(end=today() - 90 * DAY)
    return cast


@pytest.fixture
def one(people):
    """Sent forty days ago, so that every step of a direction has had its time."""
    school = SchoolFactory(type_group="Local authority maintained schools")
    return actions.apply(child=people.amy, school=school, by=people.ala, key=uuid4(), on=today() - 40 * DAY)


def take(one, by, *events):
    """Each ten days after the one before; the last today."""
    for n, event in enumerate(events):
        on = today() - (len(events) - 1 - n) * 10 * DAY
        ground = "full" if event in actions.GROUNDED else ""
        one = actions.step(application=one, event=event, facts=StepFacts(on, f"Step {n}", ground), by=by)
    return one


def running(one):
    found = Clock.objects.running().filter(matter=one.matter).values_list("rule__key", "started_on")
    return {key: (today() - started).days for key, started in found}


def last(one):
    return one.steps.exclude(event=E.PUT_RIGHT).last().pk


def back(one, by, words="Wrong button", seen=None):
    return put_right(application=one, seen=seen or last(one), words=words, by=by)


class TestAdjudicator:
    @pytest.fixture
    def referred(self, people, one):
        return take(one, people.ala, E.REFUSE, E.CONSULT, E.NOTIFY, E.REFER)

    def test_a_school_that_goes_there_is_not_directed_by_the_council(self, people, referred):
        assert (referred.state, running(referred)) == ("adjudicator", {})
        with pytest.raises(Conflict):
            take(referred, people.ala, E.DIRECT)

    @pytest.mark.parametrize(
        ("event", "state", "open_still"),
        [(E.UPHOLD, "directed", True), (E.ELSEWHERE, "elsewhere", False), (E.OFFER, "offered", True)],
    )
    def test_it_ends_as_the_adjudicator_or_the_school_says(self, people, referred, event, state, open_still):
        made = take(referred, people.ala, event)
        assert (made.state, made.open, Child.objects.visible_to(people.admissions).exists()) == (
            state,
            open_still,
            open_still,
        )

    @pytest.mark.parametrize("steps", [(E.REFUSE, E.CONSULT), (E.REFUSE, E.CONSULT, E.NOTIFY)])
    def test_a_direction_that_is_given_up_may_begin_anew(self, people, one, steps):
        given_up = take(one, people.ala, *steps, E.DECLINE)
        assert (given_up.state, running(given_up)) == ("refused", {})
        anew = take(given_up, people.ala, E.CONSULT)
        assert running(anew) == {REPRESENTATIONS: 0}
        with pytest.raises(Refused, match="days are not over"):
            take(anew, people.ala, E.NOTIFY)

    @pytest.mark.parametrize(
        ("event", "state", "runs"), [(E.WAIT, "waiting_list", {}), (E.FAIR_ACCESS, "fair_access", {PANEL: 0})]
    )
    def test_a_refusal_is_not_the_end(self, people, one, event, state, runs):
        made = take(one, people.ala, E.REFUSE, event)
        assert (made.state, running(made)) == (state, runs)


class TestPutRight:
    @pytest.mark.parametrize(
        ("steps", "state", "runs"),
        [
            ([E.OFFER], "sent", {AIM: 40, LIMIT: 40}),
            ([E.FAIR_ACCESS], "sent", {AIM: 40, LIMIT: 40}),
            ([E.WAIT, E.OFFER], "waiting_list", {}),
            ([E.FAIR_ACCESS, E.REFUSE], "fair_access", {PANEL: 10}),
            ([E.REFUSE, E.CONSULT, E.NOTIFY, E.DIRECT], "notice", {WAIT: 10}),
            ([E.REFUSE, E.CONSULT, E.OFFER], "representations", {REPRESENTATIONS: 10}),
            ([E.REFUSE, E.CONSULT], "refused", {}),
        ],
    )
    def test_everything_stands_as_before(self, people, one, steps, state, runs):
        made = back(take(one, people.ala, *steps), people.ala)
        made.refresh_from_db()
        assert (made.state, running(made)) == (state, runs)
        answers = [step for step in steps[:-1] if step in policies.ANSWERS]
        assert (made.answered_on is not None) is bool(answers)
        assert made.steps.count() == len(steps) + 2

    def test_the_right_step_may_be_of_an_earlier_day_and_undone_again(self, people, one):
        made = back(take(one, people.admissions, E.OFFER), people.admissions)
        facts = StepFacts(today() - 5 * DAY, "Full", "behaviour")
        made = actions.step(application=made, event=E.REFUSE, facts=facts, by=people.admissions)
        assert (made.state, made.challenge) == ("refused", True)
        made = back(made, people.admissions)
        assert (made.state, made.challenge, made.answered_on) == ("sent", False, None)

    def test_twice_is_once_and_a_stale_page_is_told(self, people, one):
        made = take(one, people.ala, E.REFUSE, E.CONSULT)
        refusal, seen = made.steps.get(event=E.REFUSE).pk, last(made)
        for _ in range(2):
            assert back(made, people.ala, seen=seen).state == "refused"
        with pytest.raises(Conflict, match="meanwhile"):
            back(made, people.vsh, seen=seen)
        assert back(made, people.ala, seen=refusal).state == "sent"

    def test_nothing_to_put_right_and_nobody_else(self, people, one):
        with pytest.raises(Refused, match="Nothing was recorded"):
            back(one, people.ala)
        made = take(one, people.ala, E.OFFER)
        for role in ("iro", "teacher", "support", "data"):
            with pytest.raises(Refused):
                back(made, people[role])
        ended = take(made, people.ala, E.ACCEPT)
        with pytest.raises(Refused, match="has ended"):
            back(ended, people.ala)

    def test_a_move_waits_for_an_answer_again(self, people):
        case = follow.open_for_placement(child_id=people.amy.pk, education="emergency", on=str(today()))
        schools = SchoolFactory.create_batch(2)
        first, second = (
            actions.apply(child=people.amy, school=school, by=people.ala, key=uuid4(), move=case) for school in schools
        )
        for made, state in (
            (take(first, people.ala, E.OFFER), "offered"),
            (take(second, people.ala, E.OFFER), "offered"),
        ):
            case.refresh_from_db()
            assert case.state == state, made
        for made, state in ((first, "offered"), (second, "applied")):
            back(made, people.ala)
            case.refresh_from_db()
            assert case.state == state

    def test_the_page_says_what_is_taken_back_and_the_history_keeps_it(self, client, people, one):
        made = take(one, people.ala, E.OFFER)
        client.force_login(people.ala)
        page = reverse("admissions:put_right", args=[made.uuid])
        shown = client.get(page)
        assert "Offered a place, on" in shown.content.decode()
        sent = {"seen": shown.context["form"]["seen"].value(), "words": "Another child"}
        after = client.post(page, sent, follow=True).content.decode()
        assert ("(put right since)" in after, "Another child" in after) == (True, True)
        assert client.get(page).status_code == 403
        for odd in ("x", "0", "9" * 40):
            take(made, people.ala, E.OFFER)
            assert client.post(page, {**sent, "seen": odd}).status_code == 200, odd


class TestDrift:
    @pytest.mark.parametrize(
        ("steps", "days", "told"),
        [([], 30, 0), ([E.REFUSE], 10, 0), ([E.REFUSE], 21, 1), ([E.WAIT], 21, 1), ([E.FAIR_ACCESS], 21, 0), ([E.REFUSE, E.CONSULT], 21, 0)],
    )  # fmt: skip
    def test_it_is_told_where_no_date_runs(self, people, one, steps, days, told):
        made = take(one, people.ala, *steps)
        found = list(CHECKS[DRIFTING].find(on=today() + days * DAY, children=Child.objects.all()))
        assert [finding.child_id for finding in found] == [people.amy.pk] * told
        if told:
            assert made.school.name in found[0].evidence["sentence"]


def test_why_a_step_is_not_the_readers_is_said(client, people, one):
    take(one, people.ala, E.OFFER)
    for who, words in ((people.admissions, "Accept the place"), (people.iro, "Record what the school answered")):
        client.force_login(who)
        refused = client.get(one.get_absolute_url()).context["refused"]
        assert words in [row["text"] for row in refused], who
        assert all(row["reason"] and row["source"] for row in refused)


def test_a_date_that_was_met_stays_on_the_page(client, people, one):
    take(one, people.ala, E.OFFER)
    client.force_login(people.ala)
    assert {clock["state"] for clock in client.get(one.get_absolute_url()).context["clocks"]} == {"met"}
