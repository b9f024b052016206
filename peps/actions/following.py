"""Sections that come into a PEP by themselves while it is being written, because something came up in the child's life."""

from django.db import transaction

from peps import layouts, workflow
from peps.actions.opening import asked_for
from peps.actions.stepping import locked
from peps.layouts import Circumstance
from peps.models import Pep, PepSection
from virtualschool.accounts.models import User
from virtualschool.audit import log


@transaction.atomic
def bring_in(*, child_id: int, circumstance: Circumstance, why: str, by: User | None) -> int:
    """Add the sections of a circumstance to the child's PEPs that are being written; those that have them stay as they are.

    Args:
        why: what came up, in words for the record: it names no child.

    Returns:
        how many sections are new.
    """
    writable = Pep.objects.filter(child=child_id, state__in=workflow.WRITABLE).order_by("pk")
    return sum(_add(locked(pep), circumstance, why, by) for pep in writable)


def _add(pep: Pep, circumstance: Circumstance, why: str, by: User | None) -> int:
    if pep.state not in workflow.WRITABLE:
        return 0
    number = 0
    for spec in layouts.of_version(pep.layout).addable(pep.phase, pep.kind):
        if spec.circumstance is not circumstance:
            continue
        given = {"owner": asked_for(spec.owner, pep), "position": spec.position}
        section, new = PepSection.objects.get_or_create(pep=pep, key=spec.key, defaults=given)
        if new:
            log.record("pep.section_added", by=by, subject=section, why=why, data={"section": spec.key})
            number += 1
    return number
