"""Notes on a child: written and changed by their author, and by nobody else."""

from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from children import policies
from children.actions.common import not_to_come
from children.models import Child, Note
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.dates import now
from virtualschool.kernel.verdicts import Conflict, require

FUTURE = "A note is about something that has happened. Give today or a day before."


@transaction.atomic
def add_note(*, child: Child, subject: str, body: str, happened_on: date, by: User, key: UUID | None = None) -> Note:
    """Write a note. Sent twice under one ``key`` (a double click) it is one note.

    Raises:
        Refused: when ``by`` does not write notes on this child.
        Conflict: when the key is another note's.
    """
    require(policies.can_write_note(by, child))
    not_to_come(happened_on, FUTURE)
    fields = {"child": child, "author": by, "subject": subject, "body": body, "happened_on": happened_on}
    note, new = Note.objects.get_or_create(uuid=key or uuid4(), defaults=fields)
    if new:
        record("note.added", by=by, subject=note)
    elif (note.author_id, note.child_id) != (by.pk, child.pk):
        raise Conflict("This note could not be saved. Open the page again and write it there.")
    return note


@transaction.atomic
def edit_note(*, note: Note, version: int, subject: str, body: str, happened_on: date, by: User) -> Note:
    """Change one's own note, as it was when ``version`` was read.

    Raises:
        Refused: when ``by`` did not write it or does not reach the child any more.
        Conflict: when it was changed meanwhile.
    """
    note = Note.objects.select_for_update(of=("self",)).select_related("child").get(pk=note.pk)
    require(policies.can_edit_note(by, note))
    not_to_come(happened_on, FUTURE)
    if note.version != version:
        raise Conflict("You changed this note in another window meanwhile.")
    note.subject, note.body, note.happened_on = subject, body, happened_on
    note.version, note.edited_at = note.version + 1, now()
    note.save(update_fields=["subject", "body", "happened_on", "version", "edited_at"])
    record("note.edited", by=by, subject=note, data={"version": note.version})
    return note
