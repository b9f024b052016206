"""Running an import: at once, or first as a preview that somebody confirms or discards.

A preview is the same run rolled back. What is confirmed is what was previewed: the same files (by their digest) with the same
outcome; when the roll has changed in between so that the outcome would be another, nothing is imported and the new preview is
shown instead. The files wait in private storage. They are forgotten when the import is done or discarded, and when they are a
day old by the night after (``children.tasks``) or the next preview, whichever comes first.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Q

from children import upn
from children.constraints import told
from children.imports.kinds import Kind, named
from children.imports.report import RefusedAsAWhole, Report
from children.imports.source import SourceFile, digest
from children.models import Child, ImportRun
from children.policies.imports import can_import
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.dates import now
from virtualschool.kernel.verdicts import Conflict, require

WAITS = timedelta(hours=24)
REPORT_LASTS = timedelta(days=30)
FOLDER = "imports"
_ONE_AT_A_TIME = 903


def import_now(
    *, kind: Kind, files: Sequence[SourceFile], options: Mapping[str, str], by: User | None, dry_run: bool = False
) -> Report:
    """Read the files in, all or, when refused as a whole, nothing; a dry run leaves no trace.

    Raises:
        Refused: when ``by`` does not import; None is the service itself (the command line).
        RefusedAsAWhole: with the report; the refusal is recorded.
    """
    if by is not None:
        require(can_import(by))
    run = ImportRun(kind=kind.name, by=by, file_names=[file.name for file in files], digest=digest(files, options))
    try:
        with transaction.atomic():
            report = _read(kind, files, options, dry_run=dry_run)
            if not dry_run:
                _finish(run, ImportRun.State.DONE, report, options, by)
    except RefusedAsAWhole as refused:
        if not dry_run:
            with transaction.atomic():
                _finish(run, ImportRun.State.REFUSED, refused.report, options, by)
        raise
    return report


@transaction.atomic
def preview(*, kind: Kind, files: Sequence[SourceFile], options: Mapping[str, str], by: User) -> ImportRun:
    """Try the import, keep nothing of it but its report, and let the files wait for somebody to confirm.

    Raises:
        Refused: when ``by`` does not import.
    """
    require(can_import(by))
    forget_expired()
    report, state = _tried(kind, files, options)
    run = ImportRun(kind=kind.name, by=by, state=state, report=_stored(report, options))
    run.file_names, run.digest = [file.name for file in files], digest(files, options)
    if state == ImportRun.State.PREVIEWED:
        run.stored_as = _store(files)
    run.save()
    record("import.previewed", by=by, subject=run, data=_counts(report))
    return run


@transaction.atomic
def confirm(*, run: ImportRun, by: User) -> bool:
    """Do what was previewed.

    Returns:
        False when the outcome would not be the one previewed; then nothing is imported and ``run`` has the new preview.

    Raises:
        Refused: when ``by`` does not import.
        Conflict: when it was done or discarded already, or its files are gone or are not those that were previewed.
    """
    require(can_import(by))
    locked = _waiting(run)
    options = locked.report.get("options", {})
    files = _waiting_files(locked)
    if digest(files, options) != locked.digest:
        raise Conflict("The files are not those that were previewed. Upload them again.")
    with transaction.atomic():
        report, state = _tried(named(locked.kind), files, options, keep=True)
        same = state == ImportRun.State.PREVIEWED and _outcome(_stored(report, options)) == _outcome(locked.report)
        if not same:
            transaction.set_rollback(True)
    if not same:
        locked.report, locked.state = _stored(report, options), state
        locked.save(update_fields=["report", "state"])
        return False
    _remove(locked)
    _finish(locked, ImportRun.State.DONE, report, options, by)
    return True


@transaction.atomic
def discard(*, run: ImportRun, by: User) -> None:
    """Import nothing, and forget the files.

    Raises:
        Refused: when ``by`` does not import.
        Conflict: when it was done or discarded already.
    """
    require(can_import(by))
    locked = _waiting(run)
    _remove(locked)
    locked.state = ImportRun.State.DISCARDED
    locked.save(update_fields=["state", "stored_as"])
    record("import.discarded", by=by, subject=locked)


@transaction.atomic
def forget_expired() -> dict[str, int]:
    """Discard previews that nobody confirmed in time, and empty the row-by-row part of old reports.

    Returns:
        how many previews were discarded, and how many reports emptied.
    """
    stale = ImportRun.objects.filter(state=ImportRun.State.PREVIEWED, started_at__lt=now() - WAITS)
    waiting = list(stale.select_for_update(of=("self",), skip_locked=True).order_by("pk"))
    for run in waiting:
        _remove(run)
        run.state = ImportRun.State.DISCARDED
        run.save(update_fields=["state", "stored_as"])
    old = list(ImportRun.objects.filter(started_at__lt=now() - REPORT_LASTS).exclude(report__has_key="expired"))
    for run in old:
        counts = {name: len(run.report.get(name, [])) for name in ("refused", "flagged")}
        run.report = run.report | {"refused": [], "flagged": [], "expired": counts}
        run.save(update_fields=["report"])
    return {"discarded": len(waiting), "emptied": len(old)}


def is_waiting(run: ImportRun) -> bool:
    """Whether the run can be confirmed still."""
    return run.state == ImportRun.State.PREVIEWED and run.started_at >= now() - WAITS


def concerned(remarks: Iterable[Mapping[str, Any]]) -> list[int]:
    """The ids of the children whose rows the remarks are about, those that are held here."""
    named = {remark["child"] for remark in remarks if remark.get("child")}
    upns = {upn.normal(one) for one in named} - upn.UNKNOWN.keys()
    found = Child.objects.filter(Q(child_id__in=named) | Q(upn__in=upns) | Q(former_upn__in=upns)) if named else []
    return sorted(child.pk for child in found)


# ---------------------------------------------------------------- steps


def _read(kind: Kind, files: Sequence[SourceFile], options: Mapping[str, str], *, dry_run: bool) -> Report:
    """The import itself. Two at once are done in turn.

    Raises:
        RefusedAsAWhole: by the reader; and when the database refuses what the reader let pass.
    """
    report = Report(dry_run=dry_run)
    try:
        with told():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
            kind.read(files, report=report, options=options)
            if dry_run:
                transaction.set_rollback(True)
    except (ValidationError, IntegrityError, DataError) as error:
        why = error.messages[0] if isinstance(error, ValidationError) else "The rows do not fit what is held."
        report = Report(dry_run=dry_run)
        report.refuse("", 0, "", "", f"{why} Nothing was imported.")
        raise RefusedAsAWhole(report) from error
    return report


def _tried(
    kind: Kind, files: Sequence[SourceFile], options: Mapping[str, str], *, keep: bool = False
) -> tuple[Report, ImportRun.State]:
    try:
        return _read(kind, files, options, dry_run=not keep), ImportRun.State.PREVIEWED
    except RefusedAsAWhole as refused:
        return refused.report, ImportRun.State.REFUSED


def _finish(
    run: ImportRun, state: ImportRun.State, report: Report, options: Mapping[str, str], by: User | None
) -> None:
    run.state, run.report = state, _stored(report, options)
    run.save()
    verb = "import.done" if state == ImportRun.State.DONE else "import.refused"
    record(verb, by=by, subject=run, data={"kind": run.kind, **_counts(report)})


def _stored(report: Report, options: Mapping[str, str]) -> dict[str, Any]:
    return report.to_stored() | {"notes": report.notes, "options": dict(options)}


def _counts(report: Report) -> dict[str, Any]:
    found = report.to_json()
    return {name: len(value) if isinstance(value, list) else value for name, value in found.items()}


def _outcome(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be the same; the notes too, for they say how the files were read."""
    return {name: stored[name] for name in ("created", "updated", "unchanged", "flagged", "refused", "notes")}


def _waiting(run: ImportRun) -> ImportRun:
    """The run, locked, when it still waits.

    Raises:
        Conflict: when it does not.
    """
    locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state != ImportRun.State.PREVIEWED:
        raise Conflict(f"This import does not wait any more: it is {locked.get_state_display()}.")
    return locked


def _store(files: Sequence[SourceFile]) -> str:
    """Put the files away under a random name."""
    name = uuid.uuid4().hex
    for number, file in enumerate(files):
        default_storage.save(f"{FOLDER}/{name}/{number}", ContentFile(file.content))
    return name


def _waiting_files(run: ImportRun) -> list[SourceFile]:
    if not is_waiting(run):
        raise Conflict("This preview is older than a day. Upload the files again.")
    try:
        return [SourceFile(name, _content(run, number)) for number, name in enumerate(run.file_names)]
    except FileNotFoundError:
        raise Conflict("The files are gone. Upload them again.") from None


def _content(run: ImportRun, number: int) -> bytes:
    with default_storage.open(f"{FOLDER}/{run.stored_as}/{number}") as file:
        return bytes(file.read())


def _remove(run: ImportRun) -> None:
    """Delete the files once the transaction stands."""
    if not run.stored_as:
        return
    folder = f"{FOLDER}/{run.stored_as}"
    run.stored_as = ""
    transaction.on_commit(lambda: _remove_folder(folder))


def _remove_folder(folder: str) -> None:
    for name in default_storage.listdir(folder)[1] if default_storage.exists(folder) else ():
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)
