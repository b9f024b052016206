"""New to care: the first PEP with its clocks at once, the advocate at its meeting, and done before the first care review."""

from datetime import date

import pytest

from children.enums import ClockState
from children.models import Clock
from peps.enums import PepKind, Seat
from tests.journeys.travelling import PAID, Journey, sets_out
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 9)
UNKNOWN = "Not known yet: the last school has not answered"


def test_initial():
    journey = sets_out(year=4, new_on=MONDAY)
    it_is_there_at_once(journey)
    the_advocate_must_come(journey)
    gaps_are_said(journey)
    journey.everybody_writes()
    journey.is_met_and_written()
    journey.is_answered_and_read()
    assert journey.released() == PAID
    it_is_ready_for_the_first_review(journey)


def clocks(journey: Journey) -> dict[str, tuple[str, date, date | None]]:
    """Of the two duties of a first PEP: how each stands, when it was due, and when it was met."""
    rows = Clock.objects.filter(child=journey.child, rule__key__startswith="pep.initial")
    return {row.rule.key: (row.state, row.due_on, row.stopped_on) for row in rows.select_related("rule")}


def it_is_there_at_once(journey: Journey) -> None:
    """Told a moment before the school, of which it is then too. Ten working days to start it (guidance of February 2018), twenty until the first review (Care Planning Regulations 2010, reg 33(1))."""
    pep = journey.finds()
    assert (pep.school, pep.sections.filter(key="no_school").exists()) == (journey.school, False)
    assert (pep.kind, pep.opened_on, pep.due_on, pep.previous) == (PepKind.INITIAL, MONDAY, date(2026, 11, 23), None)
    assert clocks(journey) == {
        "pep.initial.deadline": (ClockState.RUNNING, date(2026, 11, 23), None),
        "pep.initial.complete": (ClockState.RUNNING, date(2026, 12, 7), None),
    }


def the_advocate_must_come(journey: Journey) -> None:
    """The rule pep.attendees.by_kind, beside those who come to every meeting."""
    journey.plans()
    invited = journey.invited()
    assert set(invited) == {Seat.SOCIAL_WORKER, Seat.DESIGNATED_TEACHER, Seat.CARER, Seat.ADVOCATE}
    assert invited[Seat.ADVOCATE] == journey.people["ala"]
    because = journey.planned().invitations.get(seat=Seat.ADVOCATE).required_because
    assert because == "Every initial PEP (York: the Virtual School attends all first PEPs)"
    journey.answers("ala", Seat.ADVOCATE)
    journey.answers("socialworker", Seat.SOCIAL_WORKER)


def gaps_are_said(journey: Journey) -> None:
    """What the last school has not told yet is said, with the reason, and holds nothing up."""
    journey.writes("attainment", core_subjects=[], not_known_yet=UNKNOWN)
    assert UNKNOWN in journey["iro"].opens("section", journey.section("attainment")).content.decode()


def it_is_ready_for_the_first_review(journey: Journey) -> None:
    met = clocks(journey)
    assert {key: (state, on) for key, (state, _, on) in met.items()} == {
        "pep.initial.deadline": (ClockState.MET, today()),
        "pep.initial.complete": (ClockState.MET, today()),
    }
    assert all(on <= due for _, due, on in met.values())
