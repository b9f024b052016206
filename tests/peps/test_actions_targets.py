"""Targets, their costs, and the council's list of what Pupil Premium Plus does not pay for."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from children.actions import schools
from peps.actions import opening, targets
from peps.enums import PepState, SectionState
from peps.models import Pep, PepAuthor, PepCost, PepTarget
from tests.factories.peps import PepCostFactory, PepFactory, PepSectionFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.rulebook import rules

pytestmark = pytest.mark.django_db
SUPPORT = "Virtual School: support available for social workers and IROs"
TRIP = replace(stages.COST, item="Residential trip to Wales", sessions_a_week=1, weeks=1, price_pence=30000)


@pytest.fixture
def story():
    made = stages.held()
    made.target = targets.add_target(pep=made.pep, facts=stages.TARGET, by=made.people.teacher)
    return made


class TestTargets:
    def test_the_school_sets_them_and_becomes_an_author(self, story):
        assert (story.target.goal, story.section("targets").state) == ("Reads 70 words a minute", SectionState.STARTED)
        assert PepAuthor.objects.filter(user=story.people.teacher).exists()

    @pytest.mark.parametrize("role", ["socialworker", "coordinator", "ala", "iro"])
    def test_nobody_else_does(self, story, role):
        with pytest.raises(Refused):
            targets.add_target(pep=story.pep, facts=stages.TARGET, by=story.people[role])

    def test_a_double_click_sets_one(self, story):
        key = uuid4()
        facts = {"pep": story.pep, "facts": stages.TARGET, "by": story.people.teacher, "key": key}
        assert targets.add_target(**facts) == targets.add_target(**facts)
        asked = {"target": story.target, "facts": stages.COST, "by": story.people.teacher, "key": key}
        assert targets.add_cost(**asked) == targets.add_cost(**asked)
        assert (PepTarget.objects.count(), PepCost.objects.count()) == (2, 1)

    def test_a_stale_change_is_a_conflict(self, story):
        changed = replace(stages.TARGET, goal="Reads 80 words a minute")
        targets.edit_target(target=story.target, facts=changed, version=1, by=story.people.teacher)
        with pytest.raises(Conflict):
            targets.edit_target(target=story.target, facts=stages.TARGET, version=1, by=story.people.teacher)
        story.target.refresh_from_db()
        assert (story.target.goal, story.target.version) == ("Reads 80 words a minute", 2)

    def test_one_is_taken_out_with_its_costs_once(self, story):
        targets.add_cost(target=story.target, facts=stages.COST, by=story.people.teacher)
        targets.remove_target(target=PepTarget.objects.get(), by=story.people.teacher)
        assert (PepTarget.objects.count(), PepCost.objects.count()) == (0, 0)
        with pytest.raises(Conflict, match="removed"):
            targets.remove_target(target=story.target, by=story.people.teacher)

    def test_none_once_it_is_sent_in(self):
        story = stages.submitted()
        with pytest.raises(Refused):
            targets.add_target(pep=story.pep, facts=stages.TARGET, by=story.people.teacher)

    def test_a_draft_before_the_meeting_begins_a_planned_pep(self):
        story = stages.planned()
        targets.add_target(pep=story.pep, facts=stages.TARGET, by=story.people.teacher)
        assert story.again().state == PepState.PREPARING


def follower(story, occasion="term:2027:a", *, asks=True, **facts):
    """A PEP after the one of the story, which asks for the review of its targets."""
    facts = {"child": story.pep.child, "period": story.pep.period, "school": story.pep.school} | facts
    pep = PepFactory(previous=story.pep, occasion=occasion, **facts)
    if asks:
        PepSectionFactory(pep=pep, key="last_targets", owner="designated_teacher")
    return pep


class TestReview:
    def test_the_next_pep_says_what_became_of_them(self, clock):
        story = stages.approved()
        clock.move_to(date(2027, 1, 12))
        opening.open_term_peps(today())
        facts = {"target": story.target, "outcome": "partly", "evidence": "58 words a minute", "seen": ""}
        reviewed = targets.review_target(**facts, by=story.people.teacher)
        assert (reviewed.outcome, reviewed.evidence) == ("partly", "58 words a minute")
        with pytest.raises(Refused):
            targets.review_target(**facts, by=story.people.socialworker)

    def test_not_in_the_pep_that_set_them(self, story):
        with pytest.raises(Refused, match="in the next PEP"):
            targets.review_target(target=story.target, outcome="met", evidence="x", seen="", by=story.people.teacher)

    def test_is_written_in_the_one_pep_that_is_open_and_asks_for_it(self):
        story = stages.approved()
        facts = {"target": story.target, "outcome": "met", "seen": "", "by": story.people.teacher}
        gone, bare = follower(story, cancelled=True), follower(story, "term:2027:b", asks=False)
        first, second = follower(story, "term:2027:c"), follower(story, "term:2027:d")
        targets.review_target(**facts, evidence="58 words")
        states = [Pep.objects.get(pk=pep.pk).state for pep in (gone, bare, first, second)]
        assert states == ["cancelled", "planned", "preparing", "planned"]
        assert PepAuthor.objects.filter(user=story.people.teacher, pep__in=(bare, first, second)).get().pep == first

    def test_is_asked_of_the_pep_as_it_is_once_it_is_held(self, monkeypatch):
        story = stages.approved()
        follower(story)
        held = targets.locked

        def cancelled_meanwhile(pep):
            Pep.objects.filter(pk=pep.pk).update(state="cancelled", cancelled_on=today(), cancelled_why="Twice")
            return held(pep)

        monkeypatch.setattr(targets, "locked", cancelled_meanwhile)
        with pytest.raises(Refused):
            targets.review_target(target=story.target, outcome="met", evidence="x", seen="", by=story.people.teacher)
        assert PepTarget.objects.get(pk=story.target.pk).evidence == ""

    def test_a_page_opened_before_shows_both_and_writes_over_nothing(self, client):
        story = stages.approved()
        following = follower(story)
        client.force_login(story.people.teacher)
        href = reverse("peps:target_review", args=[story.target.uuid])
        back = reverse("peps:targets", args=[following.uuid])
        assert client.post(href, {"outcome": "met", "evidence": "First words"}).url == back
        assert client.post(href, {"outcome": "met", "evidence": "First words"}).url == back
        late = client.post(href, {"outcome": "partly", "evidence": "Late words"})
        html = late.content.decode()
        assert (late.status_code, "First words" in html, "Late words" in html) == (409, True, True)
        assert PepTarget.objects.get(pk=story.target.pk).evidence == "First words"
        seen = late.context["form"].data["seen"]
        assert client.post(href, {"outcome": "partly", "evidence": "Late words", "seen": seen}).status_code == 302


class TestCosts:
    def test_they_go_with_the_child_to_the_school_that_the_pep_goes_to(self, story):
        line = targets.add_cost(target=story.target, facts=stages.COST, by=story.people.teacher)
        schools.enrol(child=story.people.amy, school=story.people.other_school, start=today(), by=None)
        deliver_pending()
        new = story.people.outsiders["teacher"]
        own = targets.add_cost(target=PepTarget.objects.get(), facts=stages.COST, by=new)
        assert set(PepCost.objects.visible_to(new)) == {line, own}
        assert not PepCost.objects.visible_to(story.people.teacher).exists()

    def test_sessions_times_weeks_times_price(self, story):
        cost = targets.add_cost(target=story.target, facts=stages.COST, by=story.people.teacher)
        assert (cost.total_pence, cost.asked_by, cost.excluded_as) == (50000, story.people.teacher, "")

    @pytest.mark.parametrize(
        ("item", "heading"),
        [
            ("School uniform", "uniform"),
            ("New BLAZER", "uniform"),
            ("Dinner money for June", "food"),
            ("Residential trip to Wales", "school_trips"),
            ("Taxis to tuition", "transport"),
            ("Chess club", "outside_clubs"),
            ("Reading tuition", ""),
            ("Triple science revision guide", ""),
            ("Clubbed together for a laptop", ""),
        ],
    )
    def test_the_councils_list_is_asked_by_whole_words(self, item, heading):
        assert targets.excluded_as(item, rules.pack(today(), "pp.excluded")) == heading

    def test_an_excluded_line_needs_a_reason_and_says_by_which_rule(self, story):
        with pytest.raises(Refused) as told:
            targets.add_cost(target=story.target, facts=TRIP, by=story.people.teacher)
        assert "does not pay for school trips" in told.value.verdict.reason
        assert told.value.verdict.source == SUPPORT

    def test_with_a_reason_it_waits_for_a_second_person(self, story):
        cost = _trip(story)
        assert (cost.excluded_as, cost.exception_by) == ("school_trips", None)
        agreed = targets.agree_exception(cost=cost, by=story.people.vsh)
        assert agreed.exception_by == story.people.vsh
        with pytest.raises(Conflict):
            targets.agree_exception(cost=cost, by=story.people.vsh)

    @pytest.mark.parametrize("role", ["ala", "coordinator", "socialworker", "teacher"])
    def test_the_second_person_has_the_power_to(self, story, role):
        with pytest.raises(Refused, match="Virtual School Head"):
            targets.agree_exception(cost=_trip(story), by=story.people[role])

    def test_nobody_agrees_to_what_they_asked_for(self, story):
        cost = PepCostFactory(
            target=story.target,
            excluded_as="food",
            exception_reason="Breakfast before tests",
            asked_by=story.people.vsh,
        )
        with pytest.raises(Refused, match="Somebody other"):
            targets.agree_exception(cost=cost, by=story.people.vsh)
        with pytest.raises(IntegrityError, match="exception_by_a_second_person"), transaction.atomic():
            PepCost.objects.filter(pk=cost.pk).update(exception_by=story.people.vsh)

    def test_where_the_council_makes_none_no_reason_helps(self, story):
        set_rule("pp.excluded.exception", "refused")
        with pytest.raises(Refused, match="does not pay"):
            _trip(story)

    def test_the_database_agrees_to_no_excluded_line_without_its_exception(self, story):
        cost = _trip(story)
        with pytest.raises(IntegrityError, match="excluded_cost_agreed_by_exception"), transaction.atomic():
            PepCost.objects.filter(pk=cost.pk).update(agreed=True)

    def test_a_line_is_taken_out(self, story):
        targets.remove_cost(cost=_trip(story), by=story.people.teacher)
        assert PepCost.objects.count() == 0


def _trip(story):
    facts = replace(TRIP, exception_reason="Her only chance to go")
    return targets.add_cost(target=story.target, facts=facts, by=story.people.teacher)
