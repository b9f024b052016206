"""A first PEP whose social worker cannot come twice: no meeting without them, each reason stays, and the clock says how late it was."""

from datetime import date

import pytest

from children.enums import ClockState
from children.models import Alert, Clock
from peps.enums import MeetingState, PepState, Seat
from peps.models import PepMeeting
from tests.journeys.travelling import PAID, Journey, night, sets_out, told_by_night

pytestmark = pytest.mark.django_db

DEVON = "Devon Virtual School: information for IROs and social workers"
DUE = date(2026, 11, 23)
COURT, ILL = "The social worker is in court", "The social worker is ill"
WITHOUT, LATE, NOT_PLANNED = "pep.meeting_without_social_worker", "pep.initial_overdue", "pep.rearrange_overdue"


def test_rearranged_twice(clock):
    journey = sets_out(year=4, new_on=date(2026, 11, 9))
    journey.finds()
    the_social_worker_declines(journey, "In court all day")
    it_cannot_be_held(journey)
    it_waits_for_a_new_time(journey)
    journey.moves_to(clock, date(2026, 11, 25))
    the_night_tells_that_it_is_late(journey)
    the_social_worker_declines(journey, "Ill since Monday")
    it_is_planned_at_once(journey, date(2026, 11, 27))
    journey.moves_to(clock, date(2026, 11, 27))
    journey.everybody_writes()
    journey.is_met_and_written()
    the_clock_says_how_late(journey)
    journey.is_answered_and_read()
    assert journey.released() == PAID
    all_three_meetings_are_in_the_record(journey)
    nothing_is_overdue_any_more(journey)


def the_social_worker_declines(journey: Journey, why: str) -> None:
    journey.plans()
    journey.answers("socialworker", Seat.SOCIAL_WORKER, declines=why)
    night()
    assert WITHOUT in told_by_night(journey.child)


def it_cannot_be_held(journey: Journey) -> None:
    """The council's rule pep.social_worker_absent: it has to be rearranged."""
    meeting = journey.planned()
    refused = journey["coordinator"].opens("hold", meeting, status=403).content.decode()
    assert DEVON in refused


def it_waits_for_a_new_time(journey: Journey) -> None:
    meeting = journey.planned()
    journey["coordinator"].fills("rearrange", meeting, why=COURT, on="", time="")
    assert journey.state == PepState.REARRANGED
    page = journey["coordinator"].opens("detail", journey.pep).content.decode()
    assert "New meeting to be planned by" in page
    assert COURT in page
    night()
    assert told_by_night(journey.child) == set()


def the_night_tells_that_it_is_late(journey: Journey) -> None:
    """Ten working days have passed twice over: since care began, and since the meeting could not be held."""
    night()
    assert told_by_night(journey.child) == {LATE, NOT_PLANNED}


def it_is_planned_at_once(journey: Journey, on: date) -> None:
    journey["coordinator"].fills("rearrange", journey.planned(), why=ILL, on=on, time="2pm")
    assert journey.state == PepState.PREPARING
    journey.answers("socialworker", Seat.SOCIAL_WORKER)


def the_clock_says_how_late(journey: Journey) -> None:
    """Due on one day, met on a later one; its page says both."""
    deadline = Clock.objects.get(child=journey.child, rule__key="pep.initial.deadline")
    assert (deadline.state, deadline.due_on, deadline.stopped_on) == (ClockState.MET, DUE, date(2026, 11, 27))
    page = journey["coordinator"].opens("watch:clock", deadline).content.decode()
    assert ("23 November 2026" in page, "27 November 2026" in page) == (True, True)
    waited = Clock.objects.filter(child=journey.child, rule__key="pep.rearrange")
    assert list(waited.values_list("state", "started_on", "stopped_on")) == [
        (ClockState.MET, date(2026, 11, 10), date(2026, 11, 25))
    ]


def all_three_meetings_are_in_the_record(journey: Journey) -> None:
    rows = PepMeeting.objects.filter(pep=journey.pep).order_by("pk")
    assert list(rows.values_list("state", "ended_why")) == [
        (MeetingState.REARRANGED, COURT),
        (MeetingState.REARRANGED, ILL),
        (MeetingState.HELD, ""),
    ]
    declined = [row.invitations.get(seat=Seat.SOCIAL_WORKER).declined_why for row in rows]
    assert declined == ["In court all day", "Ill since Monday", ""]
    read = journey["iro"].opens("read", journey.pep).content.decode()
    assert (COURT in read, ILL in read) == (True, True)


def nothing_is_overdue_any_more(journey: Journey) -> None:
    night()
    assert told_by_night(journey.child) == set()
    raised = Alert.objects.filter(child=journey.child, check_name__startswith="pep.")
    assert set(raised.values_list("check_name", "state")) == {
        (name, "resolved") for name in (WITHOUT, LATE, NOT_PLANNED)
    }
