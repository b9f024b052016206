"""One meeting for the PEP and the annual review of an education, health and care plan."""

from datetime import timedelta

import pytest

from peps.actions import occasions
from peps.enums import PepKind
from peps.models import Pep
from tests.factories.children import SenRecordFactory
from tests.journeys.travelling import DAY, PAID, night, sets_out, told_by_night
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars

pytestmark = pytest.mark.django_db


def test_joined_with_the_annual_review(clock):
    """It counts as the term's PEP: the night opens no other, and misses none when the term's last day has passed."""
    journey = sets_out(year=8)
    SenRecordFactory(child=journey.child, with_plan=True)
    due = today() + timedelta(days=10)
    journey["coordinator"].fills("open", journey.child, kind=PepKind.SEN_JOINED, why="The plan is reviewed", due_on=due)
    pep = journey.finds()
    assert (pep.kind, pep.due_on, pep.school) == (PepKind.SEN_JOINED, due, journey.school)
    journey.prepares()
    of_the_plan = {"named_placement", "next_annual_review", "section_f", "outcomes", "joined", "review_advice"}
    assert of_the_plan <= journey.asked["ehc_plan"]
    assert journey["sen"].finds("detail", pep) == 404
    journey.is_met_and_written()
    journey.is_answered_and_read()
    assert journey.released() == PAID
    journey.moves_to(clock, occasions.cutoff(calendars.load().term_of(today())) + DAY)
    night()
    assert list(Pep.objects.filter(child=journey.child)) == [pep]
    assert told_by_night(journey.child) == set()
