"""A PEP that is not to be: it was opened by mistake, another takes its place, or care has ended. What was written stays in it.

One that was complete and is open to be changed is not cancelled: what was agreed stands, and the change is withdrawn.
"""

from datetime import date

from django.db import transaction

from children.clocks import cancel_clock
from children.models import PeriodOfCare
from peps import policies, workflow
from peps.actions.amending import withdraw_change
from peps.actions.delegating import end_delegations
from peps.actions.following import pass_over
from peps.actions.meetings import call_off
from peps.actions.stepping import locked, move, running_clocks
from peps.enums import MeetingState
from peps.models import Pep, PepMeeting
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import require
from virtualschool.rulebook.schoolyear import words


@transaction.atomic
def end_pep(*, pep: Pep, why: str, by: User | None = None) -> Pep:
    """Cancel an open PEP: its clocks stop, its planned meeting is cancelled, and what follows it follows what it followed.

    One that was complete once is complete again.

    ``by`` is None when the service does it, because care ended or another PEP takes its place.

    Raises:
        Refused: when ``by`` may not.
        NotNow: when the PEP is complete, superseded or cancelled.
    """
    pep = locked(pep)
    if by is not None:
        require(policies.can_cancel(by, pep))
    if pep.is_open and pep.completed_on is not None:
        return withdraw_change(pep=pep, why=why, by=by)
    move(pep, "cancel", cancelled_on=today(), cancelled_why=why)
    for clock in running_clocks(pep):
        cancel_clock(clock, today(), why, by=by)
    meeting = PepMeeting.objects.filter(pep=pep, state=MeetingState.PLANNED).first()
    if meeting is not None:
        meeting.state, meeting.ended_why = workflow.MEETING.target(meeting.state, "cancel"), why
        meeting.save(update_fields=["state", "ended_why"])
        call_off(meeting)
    end_delegations(pep, why="The PEP was cancelled", by=by)
    pass_over(pep, by=by)
    log.record("pep.cancelled", by=by, subject=pep, why=why)
    return pep


@transaction.atomic
def end_peps_of(period: PeriodOfCare, *, on: date) -> int:
    """Care has ended: every PEP of it that is still open is cancelled, and a change of a completed one withdrawn.

    Returns:
        how many were open.
    """
    peps = list(Pep.objects.open().filter(period=period))
    for pep in peps:
        end_pep(pep=pep, why=f"The child left care on {words(on)}")
    return len(peps)
