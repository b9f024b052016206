"""Changing a PEP that is complete: with a reason, in the sections named, and through the same sending in and answer as before."""

from collections.abc import Collection

from django.db import transaction

from children.clocks import cancel_clock
from peps import notifications, policies
from peps.actions.delegating import end_delegations
from peps.actions.leaving import follow_child
from peps.actions.restoring import restore
from peps.actions.stepping import hand_on, history_at_once, locked, move, running_clocks
from peps.enums import SectionState
from peps.models import Pep, PepSection
from peps.people import people_of
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import require


@transaction.atomic
def amend_pep(*, pep: Pep, why: str, sections: Collection[str], by: User) -> Pep:
    """Open the named sections of a completed PEP, and only they. Its version stays as it was; the approval makes the next one.

    What was agreed to be paid stays agreed: a released line is never asked for twice.

    Raises:
        Refused: when ``by`` may not, or the PEP is not complete.
        ValueError: without a reason, or with no such section.
    """
    pep = locked(pep)
    require(policies.can_amend(by, pep))
    follow_child(pep, by)
    opened = PepSection.objects.filter(pep=pep, key__in=sections)
    owners = list(opened.values_list("owner", flat=True))
    if not why.strip() or not owners or len(owners) != len(set(sections)):
        raise ValueError("A completed PEP is changed with a reason, in the sections to be changed.")
    opened.update(state=SectionState.RETURNED, returned_why=why, completed_by=None, completed_at=None)
    move(pep, "amend", amended_why=why)
    hand_on(
        pep,
        rule_key="pep.resubmit",
        about="Changed PEP to be sent in",
        started_on=today(),
        started_by="The completed PEP was opened to be changed",
        by=by,
        round_of=pep.submission,
    )
    opened.update(due_on=pep.due_on)
    log.record("pep.amended", by=by, subject=pep, why=why, data={"sections": sorted(sections)})
    people = people_of(pep.child, pep.school, today())
    notifications.opened_again(pep, [people.owning(owner) for owner in owners])
    return pep


@transaction.atomic
def withdraw_change(*, pep: Pep, why: str, by: User | None) -> Pep:
    """The change comes to nothing, because care ended before it was answered: the PEP is complete, as its last version says.

    Raises:
        NotNow: when the PEP is not open.
    """
    pep = locked(pep)
    move(pep, "withdraw_change", amended_why="")
    restore(pep)
    for clock in running_clocks(pep):
        cancel_clock(clock, today(), why, by=by)
    end_delegations(pep, why="The change of the PEP was withdrawn", by=by)
    log.record("pep.change_withdrawn", by=by, subject=pep, why=why)
    history_at_once(pep, by)
    return pep
