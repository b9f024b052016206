"""What the night tells of the SEN team's matters: one set of questions for each check, however many children."""

import re
from datetime import date, timedelta

import pytest

from children.checks.registry import CHECKS
from children.models import Child, LocalAuthority
from referrals.actions.sen import Opening, close_of_move, consult, open_matter, tell_of_move
from referrals.actions.sen_steps import StepFacts, take_step
from tests import personas
from tests.factories.children import ChildFactory, SenRecordFactory
from tests.factories.referrals import SenMatterFactory, SenStepFactory
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOVE = "referrals.SchoolMove:0f0f0f0f-0000-4000-8000-000000000001"


@pytest.fixture
def people():
    return personas.cast()


def found(name: str, on: date) -> list[str]:
    """The sentences, in the order of the findings."""
    return [one.evidence["sentence"] for one in CHECKS[name].find(on=on, children=Child.objects.on_roll())]


def keys(name: str, on: date) -> set[str]:
    return {one.natural_key for one in CHECKS[name].find(on=on, children=Child.objects.on_roll())}


class TestNoAnswer:
    def test_from_the_day_after_until_it_is_answered_or_closed(self, people):
        notice = tell_of_move(child=people.amy, matter=MOVE, reason="A move", by=people.socialworker)
        due = date(2026, 11, 17)
        assert found("sen.no_answer", due) == []
        told = ["The SEN team was told of a move and has not answered; it was due by 17 November 2026"]
        assert found("sen.no_answer", due + DAY) == told
        assert found("sen.overdue", due + DAY) == []
        facts = StepFacts(on=today(), words="Name a school", can_meet="yes")
        take_step(matter=notice, event="answer", facts=facts, by=people.vsh)
        assert found("sen.no_answer", due + DAY) == []

    def test_is_silent_once_the_move_is_dropped(self, people):
        tell_of_move(child=people.amy, matter=MOVE, reason="A move", by=people.socialworker)
        close_of_move(matter=MOVE, by=people.vsh, why="Dropped")
        assert found("sen.no_answer", date(2026, 12, 1)) == []


class TestOverdue:
    def test_says_each_date_in_its_own_words(self, people):
        facts = Opening(reason="Asked for", started_on=date(2026, 10, 1))
        matter = open_matter(child=people.amy, kind="assessment", facts=facts, by=people.vsh)
        consult(beside=matter, school=people.school, reason="Its unit", on=today(), by=people.vsh)
        assert found("sen.overdue", date(2026, 11, 12)) == []
        assert found("sen.overdue", date(2026, 11, 26)) == [
            "No decision whether to assess; it was due by 12 November 2026",
            "The school has not answered on the plan (Amy's School); it was due by 25 November 2026",
        ]

    def test_tells_of_a_plan_not_handed_over_on_the_day_of_the_move(self, people):
        LocalAuthority.objects.get_or_create(code="802", defaults={"name": "Other Council"})
        SenRecordFactory(child=people.amy, status="E", start=date(2026, 1, 1))
        facts = Opening(reason="Moves", started_on=today(), to_council="802", moves_on=date(2026, 12, 11))
        open_matter(child=people.amy, kind="handover", facts=facts, by=people.vsh)
        assert found("sen.overdue", date(2026, 12, 11)) == []
        [told] = found("sen.overdue", date(2026, 12, 12))
        assert told == "The old council has not handed the plan over; the child was to move on 11 December 2026"


class TestPhaseTransfer:
    def test_from_four_weeks_before_until_the_amended_plan(self, people):
        child = ChildFactory(in_care=True, year=6)
        SenRecordFactory(child=child, status="E", start=date(2026, 1, 1))
        first = date(2027, 1, 18)
        assert found("sen.phase_transfer", first - DAY) == []
        assert found("sen.phase_transfer", first) == [
            "Changes to secondary school; the amended plan is due by 15 February 2027"
        ]
        assert keys("sen.phase_transfer", first) == {f"phase:{child.pk}:2026"}
        SenMatterFactory(child=child, kind="phase", state="issued", closed_on=today())
        assert found("sen.phase_transfer", first) == []

    @pytest.mark.parametrize("by_somebody", [True, False])
    def test_is_settled_where_somebody_closed_it_and_said_why(self, people, by_somebody):
        child = ChildFactory(in_care=True, year=11)
        SenRecordFactory(child=child, status="E", start=date(2026, 1, 1))
        SenMatterFactory(child=child, kind="phase", closed=True, closed_by=people.vsh if by_somebody else None)
        assert bool(found("sen.phase_transfer", date(2027, 3, 20))) != by_somebody

    def test_is_of_children_with_a_plan_alone(self, people):
        SenRecordFactory(child=ChildFactory(in_care=True, year=6), status="K", start=date(2026, 1, 1))
        assert found("sen.phase_transfer", date(2027, 2, 1)) == []


class TestAnnualReview:
    @pytest.fixture
    def plan(self, people):
        made = date(2026, 2, 1)
        return SenRecordFactory(child=people.amy, status="E", plan_on=made, start=made)

    @pytest.mark.parametrize(
        ("on", "told"),
        [
            (date(2026, 12, 6), []),
            (date(2026, 12, 7), ["The annual review of the plan is due by 1 February 2027; there is no PEP date"]),
            (date(2027, 2, 2), ["The annual review of the plan was due by 1 February 2027; there is no PEP date"]),
        ],
    )
    def test_from_eight_weeks_before(self, plan, on, told):
        assert found("sen.annual_review", on) == told

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"pep_on": date(2027, 1, 12)}, ["the PEP meets on 12 January 2027"]),
            ({"state": "held"}, []),
            ({"state": "decided", "outcome": "cease", "closed_on": date(2026, 11, 10)}, []),
            ({"state": "closed", "closed_on": date(2026, 11, 10)}, ["there is no PEP date"]),
        ],
    )
    def test_until_it_was_held_with_the_pep_beside_it(self, people, plan, fields, told):
        SenMatterFactory(child=people.amy, **fields)
        assert [one.partition("; ")[2] for one in found("sen.annual_review", date(2027, 1, 10))] == told

    @pytest.mark.parametrize(
        ("plan_on", "on", "told"),
        [
            (date(2026, 2, 1), date(2027, 1, 18), []),
            (date(2026, 2, 1), date(2027, 1, 19), ["It was decided on 10 November 2026 that the plan ceases"]),
            (date(2026, 11, 11), date(2027, 10, 1), ["The annual review of the plan is due by 11 November 2027"]),
        ],
    )
    def test_of_a_plan_that_ceases_is_silent_for_that_plan_and_a_while(self, people, plan, plan_on, on, told):
        plan.plan_on = plan_on
        plan.save()
        matter = SenMatterFactory(child=people.amy, state="decided", outcome="cease", closed_on=date(2026, 11, 20))
        SenStepFactory(matter=matter, event="decide", on=date(2026, 11, 10))
        assert [re.split("[,;]", one)[0] for one in found("sen.annual_review", on)] == told


@pytest.mark.parametrize(
    ("name", "queries"),
    [("sen.no_answer", 2), ("sen.overdue", 3), ("sen.phase_transfer", 5), ("sen.annual_review", 3)],
)
def test_asks_as_often_for_many_children_as_for_one(people, name, queries, django_assert_num_queries):
    for year in (6, 6, 11):
        child = ChildFactory(in_care=True, year=year)
        SenRecordFactory(child=child, status="E", plan_on=date(2026, 1, 1), start=date(2026, 1, 1))
        tell_of_move(child=child, matter=f"referrals.SchoolMove:{child.uuid}", reason="A move", by=people.vsh)
        open_matter(child=child, kind="review", facts=Opening(reason="Due", started_on=today()), by=people.vsh)
    with django_assert_num_queries(queries):
        found(name, date(2027, 2, 20))
