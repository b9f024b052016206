"""Putting a note of the coach aside."""

from django.db import transaction

from peps import coach, policies
from peps.actions.stepping import locked
from peps.models import NoteSetAside, Pep
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import now
from virtualschool.kernel.verdicts import Conflict, require

GONE = "The PEP has changed, and this note with it. Look at the notes again."


@transaction.atomic
def set_aside(*, pep: Pep, note: str, why: str, by: User) -> NoteSetAside:
    """Keep why a note does not hold; it is not told again for this PEP, and whoever grades it reads the reason.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when the coach does not say this, or says it no more.
    """
    pep = locked(pep)
    require(policies.can_submit(by, pep))
    found = coach.find(pep, note)
    if found is None:
        raise Conflict(GONE)
    kept, made = NoteSetAside.objects.get_or_create(
        pep=pep, note=note, defaults={"words": found.words, "why": why, "by": by, "at": now()}
    )
    if made:
        log.record("pep.note_set_aside", by=by, subject=kept, child=pep.child_id, why=why, data={"note": note})
    return kept
