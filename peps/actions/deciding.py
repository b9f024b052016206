"""What is decided at a meeting: what is done, who sees to it and by when; ticked when it is done, at the next meeting or before."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from peps import policies
from peps.actions.meetings import held_fast
from peps.actions.stepping import wrote
from peps.models import MeetingAction, PepMeeting
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, require


@dataclass(frozen=True)
class ActionFacts:
    """What, who, by when: all three, or it is no action."""

    what: str
    named_person: str
    by_when: date


@transaction.atomic
def add_action(*, meeting: PepMeeting, facts: ActionFacts, by: User, key: UUID | None = None) -> MeetingAction:
    """Something is decided.

    Args:
        key: the form's own key, which makes a double click one action.

    Raises:
        Refused: when ``by`` does not work at the meeting, or the PEP was sent in.
    """
    meeting = held_fast(meeting)
    require(policies.can_run(by, meeting))
    action, new = MeetingAction.objects.get_or_create(
        uuid=key or uuid4(), meeting=meeting, defaults={**asdict(facts), "added_by": by}
    )
    if new:
        wrote(meeting.pep, by)
        log.record("pep.action_decided", by=by, subject=action, data={"by_when": facts.by_when})
    return action


@transaction.atomic
def edit_action(*, action: MeetingAction, facts: ActionFacts, version: int, by: User) -> MeetingAction:
    """Put it in other words.

    Raises:
        Conflict: when somebody else changed it meanwhile, or took it out.
    """
    action = _locked(action)
    require(policies.can_change_action(by, action))
    if action.version != version:
        raise Conflict("Somebody else changed this action while you were writing. Open it again to see both.")
    for name, value in asdict(facts).items():
        setattr(action, name, value)
    action.version += 1
    action.save(update_fields=[*asdict(facts), "version"])
    wrote(action.meeting.pep, by)
    log.record("pep.action_changed", by=by, subject=action)
    return action


@transaction.atomic
def remove_action(*, action: MeetingAction, by: User) -> None:
    """Take it out; the change history keeps it."""
    action = _locked(action)
    require(policies.can_change_action(by, action))
    log.record("pep.action_removed", by=by, subject=action)
    action.delete()


@transaction.atomic
def tick_action(*, action: MeetingAction, by: User) -> MeetingAction:
    """It is done. Ticked again, it stays as it was ticked first."""
    action = _locked(action)
    require(policies.can_tick(by, action))
    if action.done_on is None:
        action.done_on, action.done_by = today(), by
        action.save(update_fields=["done_on", "done_by"])
        log.record("pep.action_done", by=by, subject=action)
    return action


def _locked(action: MeetingAction) -> MeetingAction:
    meeting = held_fast(action.meeting)
    found: MeetingAction | None = MeetingAction.objects.select_for_update(of=("self",)).filter(pk=action.pk).first()
    if found is None:
        raise Conflict("This action has been taken out.")
    found.meeting = meeting
    return found
