"""The meetings of several children planned in one go, each on its own: what cannot be planned hinders none of the others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from peps.actions.meetings import schedule_meeting
from peps.enums import MeetingState
from peps.models import Pep, PepMeeting
from virtualschool.accounts.models import User
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.verdicts import Conflict, Refused, Verdict, refuse


@dataclass(frozen=True)
class Slot:
    """A PEP, when its meeting begins, and where."""

    pep: Pep
    starts_at: datetime
    place: str


@dataclass
class Outcome:
    """The meetings that stand as asked, made by this call or one before it; and why each other PEP was left alone, by its key."""

    planned: list[PepMeeting] = field(default_factory=list)
    left: dict[int, Verdict] = field(default_factory=dict)


@transaction.atomic
def schedule_several(*, slots: Iterable[Slot], by: User) -> Outcome:
    """Plan each meeting as ``schedule_meeting`` does, each in a transaction of its own inside this one.

    Asked for twice, nothing is planned twice: a meeting that the same person planned for the same time and place is the one asked
    for. PEPs are held in the order of their keys, so that two such calls wait for each other and never in a circle.
    """
    outcome = Outcome()
    for slot in sorted(slots, key=lambda slot: slot.pep.pk):
        try:
            with transaction.atomic():
                meeting = schedule_meeting(pep=slot.pep, starts_at=slot.starts_at, place=slot.place, by=by)
        except (Refused, Conflict) as refused:
            standing = standing_meeting(slot.pep)
            if standing is None or not _as_asked(standing, slot, by):
                outcome.left[slot.pep.pk] = _why(refused, standing)
                continue
            meeting = standing
        outcome.planned.append(meeting)
    return outcome


def standing_meeting(pep: Pep) -> PepMeeting | None:
    """The meeting that is planned for the PEP now."""
    rows = PepMeeting.objects.filter(pep=pep, state=MeetingState.PLANNED).select_related("arranged_by")
    found: PepMeeting | None = rows.first()
    return found


def planned_already(meeting: PepMeeting) -> Verdict:
    """Why a PEP with a planned meeting gets no second one."""
    when = long_moment(meeting.starts_at)
    return refuse(f"Planned already by {meeting.arranged_by} for {when}, {meeting.place}. Rearrange it to change that.")


def _as_asked(meeting: PepMeeting, slot: Slot, by: User) -> bool:
    return (meeting.arranged_by_id, meeting.starts_at, meeting.place) == (by.pk, slot.starts_at, slot.place)


def _why(refused: Exception, standing: PepMeeting | None) -> Verdict:
    if isinstance(refused, Refused):
        return refused.verdict
    return planned_already(standing) if standing else refuse(str(refused))
