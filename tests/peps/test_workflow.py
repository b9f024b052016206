"""Every state with every event, in the table and in the database."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from peps import workflow
from peps.enums import MeetingState, PepState, SectionState
from peps.models import Pep
from tests.factories.peps import PepFactory
from virtualschool.kernel.dates import today
from virtualschool.kernel.workflow import NotNow

S = PepState
EVENTS = [
    "start",
    "schedule",
    "rearrange",
    "hold_meeting",
    "submit",
    "take_up",
    "return",
    "approve",
    "amend",
    "withdraw_change",
    "supersede",
    "cancel",
]
PEP = {
    (S.PLANNED, "start"): S.PREPARING,
    (S.PLANNED, "schedule"): S.PREPARING,
    (S.PLANNED, "cancel"): S.CANCELLED,
    (S.PREPARING, "schedule"): S.PREPARING,
    (S.PREPARING, "rearrange"): S.REARRANGED,
    (S.PREPARING, "hold_meeting"): S.MEETING_HELD,
    (S.PREPARING, "cancel"): S.CANCELLED,
    (S.REARRANGED, "schedule"): S.PREPARING,
    (S.REARRANGED, "cancel"): S.CANCELLED,
    (S.MEETING_HELD, "submit"): S.SUBMITTED,
    (S.MEETING_HELD, "cancel"): S.CANCELLED,
    (S.SUBMITTED, "take_up"): S.IN_QA,
    (S.SUBMITTED, "return"): S.RETURNED,
    (S.SUBMITTED, "approve"): S.COMPLETE,
    (S.SUBMITTED, "cancel"): S.CANCELLED,
    (S.IN_QA, "return"): S.RETURNED,
    (S.IN_QA, "approve"): S.COMPLETE,
    (S.IN_QA, "cancel"): S.CANCELLED,
    (S.RETURNED, "submit"): S.SUBMITTED,
    (S.RETURNED, "cancel"): S.CANCELLED,
    (S.COMPLETE, "amend"): S.RETURNED,
    (S.RETURNED, "withdraw_change"): S.COMPLETE,
    (S.SUBMITTED, "withdraw_change"): S.COMPLETE,
    (S.IN_QA, "withdraw_change"): S.COMPLETE,
    (S.COMPLETE, "supersede"): S.SUPERSEDED,
}
MOVES = {(source, target) for (source, _), target in PEP.items() if source != target}


@pytest.mark.parametrize(("state", "event"), list(product(PepState, EVENTS)))
def test_every_state_with_every_event(state, event):
    if (state, event) in PEP:
        assert workflow.PEP.target(state, event) == PEP[state, event]
        return
    with pytest.raises(NotNow):
        workflow.PEP.target(state, event)


def test_the_table_has_no_other_event():
    assert {row.event for row in workflow.PEP.transitions} == set(EVENTS)


def test_every_state_is_open_or_closed():
    assert set(workflow.OPEN) | set(workflow.CLOSED) == set(PepState)
    assert not set(workflow.OPEN) & set(workflow.CLOSED)


@pytest.mark.parametrize("event", ["hold", "rearrange", "cancel"])
@pytest.mark.parametrize("state", list(MeetingState))
def test_only_a_planned_meeting_moves(state, event):
    assert workflow.MEETING.allows(state, event) is (state == MeetingState.PLANNED)


def test_a_returned_section_stays_returned_while_it_is_written():
    assert workflow.SECTION.target(SectionState.RETURNED, "write_again") == SectionState.RETURNED
    assert workflow.SECTION.target(SectionState.RETURNED, "complete") == SectionState.COMPLETE
    assert not workflow.SECTION.allows(SectionState.COMPLETE, "write")


@pytest.mark.django_db
@pytest.mark.parametrize("source", list(PepState))
def test_the_database_lets_a_pep_move_as_the_table_does_and_not_otherwise(source):
    facts = {"cancelled_why": "x", "completed_on": today()}
    others = sorted(set(PepState) - {source})
    assert {target for target in others if _moves(PepFactory(state=source, **facts), target)} == {
        target for start, target in MOVES if start == source
    }


def _moves(pep, target):
    """Whether the database lets it; a refusal names the guard."""
    try:
        with transaction.atomic():
            return bool(Pep.objects.filter(pk=pep.pk).update(state=target))
    except IntegrityError as refused:
        if refused.__cause__.diag.constraint_name != "pep_moves_by_the_table":
            raise
        return False
