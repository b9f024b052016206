"""Taking the seat of a guest away again: somebody who was asked to a meeting by hand."""

from uuid import UUID

from django.db import transaction

from peps import policies
from peps.actions.meetings import held_fast
from peps.actions.seats import unseat
from peps.models import MeetingInvitation, PepMeeting
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.verdicts import require


@transaction.atomic
def take_seat_away(*, meeting: PepMeeting, guest: UUID, by: User) -> MeetingInvitation | None:
    """Ask a guest no more. Whoever has an account is told, and their calendar; the change history keeps the seat.

    Args:
        guest: the seat, by its id.

    Returns:
        the seat that was taken away, or None where it is not there any more: pressed twice, or by somebody else meanwhile.

    Raises:
        Refused: when ``by`` may not, the rules ask for the seat, whether they came is recorded, or the meeting is over.
    """
    meeting = held_fast(meeting)
    require(policies.can_rearrange(by, meeting))
    invitation = MeetingInvitation.objects.select_related("user").filter(meeting=meeting, uuid=guest).first()
    if invitation is None:
        return None
    invitation.meeting = meeting
    require(policies.can_take_away(by, invitation))
    log.record("pep.uninvited", by=by, subject=invitation, data={"seat": invitation.seat})
    unseat(meeting, [invitation])
    return invitation
