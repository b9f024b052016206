"""Saying how a source's files are read, from its next file on."""

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance.imports.layout import LONGEST_COLUMN, Layout
from attendance.marking import IMPORT, LONGEST_NAME, OTHER, SCHOOL, plain_name, source_named
from attendance.models import MarkSource, SourceMapping
from children.constraints import told
from children.policies.imports import can_import
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import rules

KNOWN = "This source has a mapping already. Open it from the list and change it there."
REMOVED = "This mapping was removed meanwhile. Map the source again if its files still come."
ORDER = "attendance.source_order"
CHANGED = "Somebody changed this mapping after you opened it. Open it again and look at what it says now."


@transaction.atomic
def add_mapping(*, source: str, layout: Layout, by: User) -> SourceMapping:
    """Keep the first mapping of a source, which may be new itself. The same sent twice is one.

    Raises:
        Refused: when ``by`` does not import.
        ValidationError: when nothing can be read so, the source has no fitting name, or another mapping.
    """
    require(can_import(by))
    _readable(layout)
    _refuse_name(plain_name(source))
    kept = MarkSource.objects.select_for_update(of=("self",)).get(pk=source_named(source).pk)
    known = SourceMapping.objects.select_for_update(of=("self",)).filter(source=kept).select_related("source").first()
    if known is not None and known.removed_on is not None:
        return _write(known, layout, "marks.mapping_added", by)
    if known is not None and known.layout != layout:
        raise ValidationError({"source": KNOWN})
    if known is not None:
        return known
    with told():
        mapping = SourceMapping.objects.create(source=kept, **_facts(layout))
    log.record("marks.mapping_added", by=by, subject=mapping, data={"source": kept.name, "version": mapping.version})
    return mapping


@transaction.atomic
def change_mapping(*, mapping: SourceMapping, layout: Layout, seen: int, by: User) -> SourceMapping:
    """Read the source's files otherwise from now on. What was read stays; a file that waits after its preview is previewed anew.

    Args:
        seen: the version that ``by`` had before them.

    Raises:
        Refused: when ``by`` does not import.
        ValidationError: when nothing can be read so.
        Conflict: when somebody else changed it meanwhile.
    """
    require(can_import(by))
    _readable(layout)
    locked = _locked(mapping)
    if locked.layout == layout:
        return locked
    _refuse_stale(locked, seen)
    return _write(locked, layout, "marks.mapping_changed", by)


@transaction.atomic
def remove_mapping(*, mapping: SourceMapping, seen: int, by: User) -> None:
    """Read the source's files as those of a source without a mapping from now on. What was read stays, and keeps the source's name.

    Raises:
        Refused: when ``by`` does not import.
        Conflict: when somebody changed or removed it meanwhile.
    """
    require(can_import(by))
    locked = _locked(mapping)
    _refuse_stale(locked, seen)
    locked.removed_on = today()
    locked.save(update_fields=["removed_on"])
    log.record("marks.mapping_removed", by=by, subject=locked, data={"source": locked.source.name})


@transaction.atomic
def rename_source(*, mapping: SourceMapping, name: str, by: User) -> SourceMapping:
    """Call the source otherwise, wherever its marks are shown. Reports of past imports keep the words they had.

    Raises:
        Refused: when ``by`` does not import.
        ValidationError: for a name that is none or another source's, and while the rule on who is believed first knows the old one.
        Conflict: when the mapping was removed meanwhile.
    """
    require(can_import(by))
    locked, new = _locked(mapping), plain_name(name)
    source = MarkSource.objects.select_for_update(of=("self",)).get(pk=locked.source_id)
    if source.name == new:
        return locked
    _refuse_name(new)
    order = rules.get(ORDER, on=today())
    if source.name in {*order.value, SCHOOL, IMPORT}:
        raise ValidationError(
            {"source": f"The rule “{order.words}” knows {source.name} by its name, so the name stays."}
        )
    if new in {SCHOOL, IMPORT, OTHER} or MarkSource.objects.filter(name=new).exists():
        raise ValidationError({"source": "There is a source of this name already."})
    was, source.name = source.name, new
    source.save(update_fields=["name"])
    log.record("marks.source_renamed", by=by, subject=locked, data={"was": was, "source": new})
    return _locked(mapping)


def _locked(mapping: SourceMapping) -> SourceMapping:
    """The row as it is now.

    Raises:
        Conflict: when it was removed.
    """
    rows = SourceMapping.objects.select_for_update(of=("self",)).select_related("source")
    locked: SourceMapping = rows.get(pk=mapping.pk)
    if locked.removed_on is not None:
        raise Conflict(REMOVED)
    return locked


def _refuse_name(name: str) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValidationError({"source": f"The name of a source has 1 to {LONGEST_NAME} characters."})


def _refuse_stale(locked: SourceMapping, seen: int) -> None:
    if locked.version != seen:
        raise Conflict(CHANGED)


def _write(locked: SourceMapping, layout: Layout, verb: str, by: User) -> SourceMapping:
    """Its next version."""
    for name, value in _facts(layout).items():
        setattr(locked, name, value)
    locked.version += 1
    locked.removed_on = None
    with told():
        locked.save(update_fields=[*_facts(layout), "version", "removed_on"])
    log.record(verb, by=by, subject=locked, data={"source": locked.source.name, "version": locked.version})
    return locked


def _readable(layout: Layout) -> None:
    problems = layout.problems()
    if problems:
        raise ValidationError(problems)
    if any(len(name) > LONGEST_COLUMN for name in layout.columns):
        raise ValidationError(f"The name of a column has {LONGEST_COLUMN} characters or fewer.")


def _facts(layout: Layout) -> dict[str, object]:
    return {
        "shape": layout.shape,
        "upn": layout.upn,
        "council_id": layout.council_id,
        "date": layout.date,
        "date_format": layout.date_format,
        "session": layout.session,
        "marks": list(layout.marks),
    }
