"""Placed for adoption: the PEP goes on each term until the order, who the new family is stands nowhere, and the order ends it."""

from datetime import date

import pytest

from children.actions import care
from children.actions.care import PlacementFacts
from children.models import Alert, Clock
from peps.enums import MeetingState, PepState
from peps.models import Pep
from tests.factories.children import ReturnRowFactory
from tests.journeys.travelling import PAID, Journey, night, sets_out
from tests.words import says
from virtualschool.jobs.events import deliver_pending
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db

NEW_FAMILY = {"carer_name": "Adopter Newname", "address": "2 Secret Close, Elsewhere", "postcode": "ZZ2 2ZZ"}
NEVER = ("Newname", "Secret Close", "ZZ2 2ZZ", "Matchedword", "Secretname", "Hidden Lane")
PEP_ROLES = ("coordinator", "support", "socialworker", "teacher", "ala", "vsh", "iro")


def test_placed_for_adoption(clock):
    journey = sets_out(year=1)
    is_placed(journey)
    journey.opened_at_night()
    journey.prepares()
    journey.is_met_and_written()
    journey.is_answered_and_read()
    assert journey.released() == PAID
    everybody_reads(journey)
    journey.moves_to(clock, date(2027, 1, 12))
    the_next_term_has_its_own(journey)
    the_order_is_made(journey)
    nothing_opens_again(journey, clock)


def is_placed(journey: Journey) -> None:
    """Under a placement order (E1), not with the present carer (A6). Whoever is placed stays looked after: Adoption and Children Act 2002, section 18(3)."""
    ReturnRowFactory(child=journey.child, table="placed_for_adoption", row={"NOTE": "Matchedword"})
    placement = PlacementFacts(placement_type="A6", provider="PR4", **NEW_FAMILY)
    care.record_placement(
        child=journey.child,
        on=today(),
        placement=placement,
        same_carer=False,
        reason="CARPL",
        legal_status="E1",
        education="stays",
        by=journey.people["data"],
    )
    deliver_pending()


def everybody_reads(journey: Journey) -> None:
    """Every role that reads PEPs, of this one and on the child's own page."""
    for role in PEP_ROLES:
        desk = journey[role]
        for view in ("detail", "read"):
            desk.opens(view, journey.pep)
        desk.opens("overview:child", journey.child)
    for view in ("targets", "quality"):
        journey["ala"].opens(view, journey.pep)
    read = journey.everything_read()
    assert says(read, "Amy")
    assert [word for word in NEVER if says(read, word)] == []


def the_next_term_has_its_own(journey: Journey) -> None:
    last = journey.pep
    pep = journey.opened_at_night()
    assert (pep.term, pep.previous) == ("spring", last)
    journey.plans()
    journey.answers("socialworker", "social_worker")


def the_order_is_made(journey: Journey) -> None:
    """E11: care has ended, so has the PEP; the record is closed to everybody (Adoption and Children Act 2002, section 46)."""
    planned = journey.planned()
    journey["data"].fills("children:leave", journey.child, on=today(), reason="E11")
    pep = journey.again()
    planned.refresh_from_db()
    why = "The child left care on 12 January 2027"
    assert (pep.state, pep.cancelled_why) == (PepState.CANCELLED, why)
    assert (planned.state, planned.ended_why) == (MeetingState.CANCELLED, why)
    assert not Clock.objects.running().filter(child=journey.child).exists()
    assert {role: journey[role].finds("detail", pep) for role in PEP_ROLES} == dict.fromkeys(PEP_ROLES, 404)


def nothing_opens_again(journey: Journey, clock) -> None:
    """Neither that night nor in the next term, and nothing is overdue."""
    for day in (date(2027, 1, 12), date(2027, 4, 27)):
        clock.move_to(day)
        night()
    assert not Pep.objects.open().filter(child=journey.child).exists()
    assert Pep.objects.filter(child=journey.child).count() == 2
    assert not Alert.objects.open().filter(child=journey.child).exists()
