"""Every state with every event of every transition table, and words for every state."""

from itertools import product

import pytest
from django.db.models import TextChoices

from attendance.enums import LeaveState, ProvisionState, TimetableState
from attendance.views import leave as leave_pages
from attendance.workflow import LEAVE, PROVISION, TIMETABLE
from children.enums import AlertState, ClockState, FileState
from peps.enums import ConcernState, MeetingState, PepState, SectionState
from peps.views import common as pep_pages
from peps.views import concerns as concern_pages
from peps.workflow import CONCERN, MEETING, PEP, SECTION
from pupil_premium import views as money_pages
from pupil_premium.enums import ReleaseState
from pupil_premium.workflow import RELEASE
from referrals.admissions_workflow import APPLICATION
from referrals.enums import (
    AnnualState,
    ApplicationState,
    AssessmentState,
    ConsultState,
    HandoverState,
    MoveState,
    NoticeState,
    PhaseState,
    RiskState,
)
from referrals.sen_workflow import ASSESSMENT, CONSULTATION, HANDOVER, NOTICE, PHASE, REVIEW
from referrals.views import admissions as admission_pages
from referrals.views import risk as risk_pages
from referrals.workflow import MOVE, RISK
from virtualschool.jobs.enums import MailState, WorkState
from virtualschool.kernel.workflow import NotNow, Workflow

TABLES: dict[str, tuple[Workflow, type[TextChoices], str]] = {
    "PEP": (PEP, PepState, PepState.PLANNED),
    "MEETING": (MEETING, MeetingState, MeetingState.PLANNED),
    "SECTION": (SECTION, SectionState, SectionState.NOT_STARTED),
    "CONCERN": (CONCERN, ConcernState, ConcernState.RAISED),
    "RISK": (RISK, RiskState, RiskState.REPORTED),
    "APPLICATION": (APPLICATION, ApplicationState, ApplicationState.SENT),
    "MOVE": (MOVE, MoveState, MoveState.DRAFT),
    "NOTICE": (NOTICE, NoticeState, NoticeState.WAITING),
    "ASSESSMENT": (ASSESSMENT, AssessmentState, AssessmentState.ASKED),
    "REVIEW": (REVIEW, AnnualState, AnnualState.DUE),
    "PHASE": (PHASE, PhaseState, PhaseState.STARTED),
    "HANDOVER": (HANDOVER, HandoverState, HandoverState.KNOWN),
    "CONSULTATION": (CONSULTATION, ConsultState, ConsultState.CONSULTED),
    "RELEASE": (RELEASE, ReleaseState, ReleaseState.RELEASABLE),
    "TIMETABLE": (TIMETABLE, TimetableState, TimetableState.RUNNING),
    "PROVISION": (PROVISION, ProvisionState, ProvisionState.RUNNING),
    "LEAVE": (LEAVE, LeaveState, LeaveState.ASKED),
}
# What may happen, written down a second time: event, from, to.
MAY = {
    "PEP": """
        start planned preparing
        schedule planned preparing; schedule preparing preparing; schedule rearranged preparing
        rearrange preparing rearranged
        hold_meeting preparing meeting_held
        submit meeting_held submitted; submit returned submitted
        take_up submitted in_qa
        return submitted returned; return in_qa returned
        approve submitted complete; approve in_qa complete
        amend complete returned; supersede complete superseded
        withdraw_change returned complete; withdraw_change submitted complete; withdraw_change in_qa complete
        cancel planned cancelled; cancel preparing cancelled; cancel rearranged cancelled; cancel meeting_held cancelled
        cancel submitted cancelled; cancel in_qa cancelled; cancel returned cancelled
    """,
    "MEETING": "hold planned held; rearrange planned rearranged; cancel planned cancelled",
    "SECTION": """
        write not_started started; write started started; write_again returned returned
        complete not_started complete; complete started complete; complete returned complete
        reopen complete started
        return not_started returned; return started returned; return complete returned; return returned returned
    """,
    "CONCERN": """
        answer raised answered; answer raised_again answered; answer escalated answered
        escalate raised escalated; escalate raised_again escalated
        accept answered accepted; raise_again answered raised_again
        close raised closed; close raised_again closed; close escalated closed; close answered closed
    """,
    "RISK": """
        plan reported plan_made; plan plan_made plan_made
        worsen plan_made reported
        close reported closed; close plan_made closed
    """,
    "MOVE": """
        propose draft proposed
        revise proposed draft; revise approved draft; revise refused draft; revise applied draft; revise offered draft
        revise acted draft; fall_through on_roll approved; fall_back on_roll acted
        approve proposed approved; refuse proposed refused
        act draft acted; act proposed acted
        apply approved applied; apply acted applied; apply applied applied; apply offered applied
        offer approved offered; offer acted offered; offer applied offered; offer offered offered
        enrol approved on_roll; enrol acted on_roll; enrol applied on_roll; enrol offered on_roll
        complete on_roll complete; complete approved complete; complete acted complete
        withdraw draft withdrawn; withdraw proposed withdrawn; withdraw approved withdrawn
        withdraw acted withdrawn; withdraw applied withdrawn; withdraw offered withdrawn
    """,
    "NOTICE": """
        answer waiting answered; answer answered answered
        close waiting closed; close answered closed
    """,
    "ASSESSMENT": """
        assess asked assessing; refuse asked refused
        draft assessing drafted; draft drafted drafted
        finalise drafted final; no_plan assessing no_plan
        close asked closed; close assessing closed; close drafted closed
    """,
    "REVIEW": """
        plan_meeting due planned; plan_meeting planned planned
        hold due held; hold planned held
        decide held decided
        pep_beside due due; pep_beside planned planned
        close due closed; close planned closed; close held closed
    """,
    "PHASE": """
        name_school started named; name_school named named
        issue started issued; issue named issued
        close started closed; close named closed
    """,
    "HANDOVER": """
        hand_over known handed_over; tell_parent handed_over parent_told
        close known closed; close handed_over closed
    """,
    "CONSULTATION": "accept consulted accepted; decline consulted declined; close consulted closed",
    "APPLICATION": """
        offer sent offered; offer waiting_list offered; offer fair_access offered; offer refused offered
        offer representations offered; offer notice offered; offer asked offered; offer adjudicator offered
        wait sent waiting_list; wait refused waiting_list
        fair_access sent fair_access; fair_access waiting_list fair_access; fair_access refused fair_access
        refuse sent refused; refuse waiting_list refused; refuse fair_access refused
        consult refused representations; notify representations notice; ask refused asked
        refer notice adjudicator; uphold adjudicator directed; elsewhere adjudicator elsewhere
        decline asked refused; decline representations refused; decline notice refused
        direct notice directed; direct asked directed
        accept offered accepted; accept directed accepted
        withdraw sent withdrawn; withdraw waiting_list withdrawn; withdraw fair_access withdrawn
        withdraw refused withdrawn; withdraw representations withdrawn; withdraw notice withdrawn
        withdraw asked withdrawn; withdraw directed withdrawn; withdraw offered withdrawn; withdraw adjudicator withdrawn
    """,
    "RELEASE": "release releasable released; reverse released reversed",
    "PROVISION": "reviewed running running; ended running ended",
    "LEAVE": """
        viewed asked viewed; answered asked answered; answered viewed answered
        granted asked granted; granted viewed granted; granted answered granted; granted not_granted granted
        not_granted asked not_granted; not_granted viewed not_granted; not_granted answered not_granted
        not_granted granted not_granted
        withdrawn asked withdrawn; withdrawn viewed withdrawn; withdrawn answered withdrawn; withdrawn granted withdrawn
    """,
    "TIMETABLE": "extended running running; more_hours running running; ended running ended",
}


def may(name: str) -> dict[tuple[str, str], str]:
    """(state, event) to the state after it."""
    rows = [row.split() for line in MAY[name].splitlines() for row in line.split(";") if row.strip()]
    return {(before, event): after for event, before, after in rows}


def pairs() -> list[tuple[str, str, str]]:
    return [
        (name, str(state), event)
        for name, (table, states, _) in TABLES.items()
        for state, event in product(states, sorted({row.event for row in table.transitions}))
    ]


@pytest.mark.parametrize(("name", "state", "event"), pairs())
def test_an_event_happens_in_the_states_that_it_may_and_in_no_other(name: str, state: str, event: str) -> None:
    table, after = TABLES[name][0], may(name).get((state, event))
    assert table.allows(state, event) is (after is not None)
    assert (event in table.events(state)) is (after is not None)
    if after is None:
        with pytest.raises(NotNow):
            table.target(state, event)
    else:
        assert table.target(state, event) == after


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_from_the_first(name: str) -> None:
    table, states, first = TABLES[name]
    reached, ahead = set(), {str(first)}
    while ahead:
        state = ahead.pop()
        reached.add(state)
        ahead |= {str(table.target(state, event)) for event in table.events(state)} - reached
    assert reached == set(states.values)


STATES = [
    ApplicationState, LeaveState, PepState, MeetingState, SectionState, ConcernState, RiskState, MoveState, NoticeState, AssessmentState, AnnualState, PhaseState, HandoverState, ConsultState, ReleaseState, AlertState, ClockState, FileState, MailState, WorkState
]  # fmt: skip


@pytest.mark.parametrize("states", STATES)
def test_every_state_has_words_that_are_not_its_name_in_the_code(states: type[TextChoices]) -> None:
    words = [str(label) for label in states.labels]
    assert len(set(words)) == len(words)
    assert [label for label in words if not label.strip() or "_" in label or label.isupper()] == []


@pytest.mark.parametrize(
    ("tags", "states"),
    [
        (pep_pages.TAGS, PepState),
        (pep_pages.SECTION_TAGS, SectionState),
        (concern_pages.TAGS, ConcernState),
        (risk_pages.STATUS, RiskState),
        (admission_pages.TAGS, ApplicationState),
        (leave_pages.TAGS, LeaveState),
        (money_pages.STATUS, ReleaseState),
    ],
)
def test_every_state_has_a_tag_on_its_page(tags: dict[str, object], states: type[TextChoices]) -> None:
    assert {str(state) for state in tags} == set(states.values)
