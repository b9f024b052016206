"""Who opens PEPs, plans their meetings, chases what is owed and cancels."""

from children.models import Child
from peps import workflow
from peps.enums import MeetingState
from peps.models import MeetingInvitation, Pep, PepMeeting
from peps.policies.reach import ARRANGING, GUIDANCE, ROLES, Standing, reaches
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse


def can_open(user: User, child: Child) -> Verdict:
    """Those who plan PEPs open one by hand, for a child in care who is not on short breaks."""
    planner = _plans(user, own=Child.objects.in_own_reach(user).filter(pk=child.pk).exists())
    if planner and not Child.objects.counted().filter(pk=child.pk).exists():
        return refuse("There is a PEP only for a child in care, and none for a series of short breaks.", GUIDANCE)
    return planner


def can_plan(user: User) -> Verdict:
    return ALLOW if user.may(Act.PLAN_PEPS) else refuse("PEPs are planned by the PEP coordinators.", ROLES)


def can_chase(user: User) -> Verdict:
    """Those who plan PEPs see who still owes something for one, and remind them."""
    if user.may(Act.PLAN_PEPS):
        return ALLOW
    return refuse("Who still owes something for a PEP is seen by those who plan PEPs.", ROLES)


def can_take_chase_away(user: User) -> Verdict:
    """In a file: whoever may see the list and takes lists of children away."""
    if not user.may(Act.EXPORT):
        return refuse("Your role does not take lists of children away in a file.", ROLES)
    return can_chase(user)


def can_schedule(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Coordinators and support officers, and the school for its own children."""
    if pep.state not in workflow.BEFORE_MEETING:
        return refuse(f"The PEP is “{pep.get_state_display()}”: its meeting is over.", ROLES)
    return arranges(user, own=reaches(user, pep, at))


def can_rearrange(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """Whoever may arrange the meeting may arrange it again."""
    if meeting.state != MeetingState.PLANNED:
        return refuse(f"This meeting is {meeting.get_state_display()}.", ROLES)
    return arranges(user, own=reaches(user, meeting.pep, at))


def can_take_away(user: User, invitation: MeetingInvitation, at: Standing | None = None) -> Verdict:
    """A guest's seat, by those who arrange the meeting; never one that the rules ask for, nor that of somebody who is there."""
    allowed = can_rearrange(user, invitation.meeting, at)
    if allowed and not invitation.by_hand:
        return refuse("This seat is asked for by the rules: it stays, and whoever cannot come declines.", ROLES)
    if allowed and invitation.attendance:
        return refuse("It is recorded whether this person came. Take that back first.", ROLES)
    return allowed


def can_cancel(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    if not pep.is_open:
        return refuse(f"The PEP is “{pep.get_state_display()}”.", ROLES)
    if pep.completed_on is not None:
        return refuse("This PEP was complete once, and what was agreed then stands. Finish the change instead.", ROLES)
    return _plans(user, own=reaches(user, pep, at))


def _plans(user: User, *, own: bool) -> Verdict:
    if own and user.may(Act.PLAN_PEPS):
        return ALLOW
    return refuse("This is done by the PEP coordinators.", ROLES)


def arranges(user: User, *, own: bool) -> Verdict:
    if own and any(user.may(act) for act in ARRANGING):
        return ALLOW
    return refuse("PEP meetings are arranged by the PEP coordinators and the child's school.", ROLES)
