"""Saying how a source's files are read, from its next file on."""

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance.imports.layout import LONGEST_COLUMN, Layout
from attendance.marking import LONGEST_NAME, plain_name, source_named
from attendance.models import MarkSource, SourceMapping
from children.constraints import told
from children.policies.imports import can_import
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.verdicts import Conflict, require

KNOWN = "This source has a mapping already. Open it from the list and change it there."
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
    if not 0 < len(plain_name(source)) <= LONGEST_NAME:
        raise ValidationError({"source": f"The name of a source has 1 to {LONGEST_NAME} characters."})
    kept = MarkSource.objects.select_for_update(of=("self",)).get(pk=source_named(source).pk)
    known = SourceMapping.objects.filter(source=kept).select_related("source").first()
    if known is not None and known.layout != layout:
        raise ValidationError({"source": KNOWN})
    if known is not None:
        return known
    with told():
        mapping = SourceMapping.objects.create(source=kept, **_facts(layout))
    log.record("marks.mapping_added", by=by, subject=mapping, data={"source": kept.name})
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
    locked = SourceMapping.objects.select_for_update(of=("self",)).select_related("source").get(pk=mapping.pk)
    if locked.layout == layout:
        return locked
    if locked.version != seen:
        raise Conflict(CHANGED)
    for name, value in _facts(layout).items():
        setattr(locked, name, value)
    locked.version += 1
    with told():
        locked.save(update_fields=[*_facts(layout), "version"])
    log.record("marks.mapping_changed", by=by, subject=locked, data={"source": locked.source.name})
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
