"""Sections that come into a PEP by themselves while it is being written: something came up in the child's life, or the PEP before
it was cancelled, so that the last targets are those of the one before that."""

from django.db import transaction

from peps import layouts, workflow
from peps.actions.moving import section_of
from peps.actions.stepping import locked
from peps.enums import PepState, SectionState
from peps.layouts import Circumstance
from peps.models import Pep, PepTarget
from virtualschool.accounts.models import User
from virtualschool.audit import log

BEFORE_CANCELLED = "The PEP before this one was cancelled: review the targets of the one before that."


@transaction.atomic
def bring_in(*, child_id: int, circumstance: Circumstance, why: str, by: User | None) -> int:
    """Add the sections of a circumstance to the child's PEPs that are being written; those that have them stay as they are.

    Args:
        why: what came up, in words for the record: it names no child.

    Returns:
        how many sections are new.
    """
    writable = Pep.objects.filter(child=child_id, state__in=workflow.WRITABLE).order_by("pk")
    return sum(add_sections(locked(pep), circumstance, why, by) for pep in writable)


def pass_over(pep: Pep, *, by: User | None) -> None:
    """A PEP was cancelled: those that follow it, and are written in, follow what it followed, whose targets are still to be reviewed.

    One that was sent in has reviewed what it was asked for, and is left until it comes back.
    """
    for following in Pep.objects.filter(previous=pep, state__in=workflow.WRITABLE).order_by("pk"):
        follow_standing(locked(following), by)


def follow_standing(pep: Pep, by: User | None) -> None:
    """A PEP, held, that is written in follows the last one before it that was not cancelled; one that was complete once stays as it was."""
    before = pep.previous
    while before is not None and before.state == PepState.CANCELLED:
        before = before.previous
    if before == pep.previous or pep.completed_on is not None or pep.state not in workflow.WRITABLE:
        return
    pep.previous = before
    pep.save(update_fields=["previous"])
    log.record("pep.follows_another", by=by, subject=pep, data={"pep": pep.previous_id})
    if before is not None and PepTarget.objects.filter(pep=before, outcome="").exists():
        _last_targets(pep, by)


def _last_targets(pep: Pep, by: User | None) -> None:
    """The section of the last targets, where the PEP's form has one, is brought in, or opened again when it had been finished."""
    spec = layouts.of_version(pep.layout).section("last_targets")
    if not spec.is_of(pep.phase, pep.kind, pep.year_group):
        return
    section, new = section_of(pep, spec)
    if pep.state == PepState.RETURNED:
        section.state, section.returned_why = SectionState.RETURNED, BEFORE_CANCELLED
    elif section.state == SectionState.COMPLETE:
        section.state = SectionState.STARTED
    if pep.state not in workflow.BEFORE_MEETING:
        section.due_on = pep.due_on
    section.completed_by, section.completed_at = None, None
    section.save(update_fields=["state", "returned_why", "due_on", "completed_by", "completed_at"])
    verb = "pep.section_added" if new else "pep.section_reopened"
    log.record(verb, by=by, subject=section, why=BEFORE_CANCELLED, data={"section": spec.key})


def add_sections(pep: Pep, circumstance: Circumstance, why: str, by: User | None) -> int:
    """The sections of a circumstance come into one PEP, held, that is written in.

    Returns:
        how many are new.
    """
    if pep.state not in workflow.WRITABLE:
        return 0
    number = 0
    for spec in layouts.of_version(pep.layout).addable(pep.phase, pep.kind):
        if spec.circumstance is not circumstance:
            continue
        section, new = section_of(pep, spec)
        if new:
            log.record("pep.section_added", by=by, subject=section, why=why, data={"section": spec.key})
            number += 1
    return number
