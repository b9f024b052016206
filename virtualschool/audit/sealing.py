"""Seals chain the audit's rows by digest each minute; verifying recomputes every one of them.

What is newer than the last seal is not covered. Nor is the last seal itself: whoever deletes the newest seals with their rows
leaves a shorter chain that is whole. So ``heads`` are printed by ``audit_verify``, to be written down somewhere else.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection

from virtualschool.audit.enums import Stream
from virtualschool.audit.models import AccessLog, AuditEvent, Change, Seal

STREAMS = {model._meta.db_table: model for model in (Change, AuditEvent, AccessLog)}
DIGEST = hashlib.sha256().digest_size


@dataclass
class Report:
    """What was found: rows and seals that hold, the newest digest of each stream, and the first thing that is broken."""

    rows: dict[str, int] = field(default_factory=dict)
    seals: dict[str, int] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    unsealed: dict[str, int] = field(default_factory=dict)
    broken: str = ""


class Broken(Exception):
    """Names the first row or seal that does not hold."""


def seal(stream: str, at_most: int = 5000) -> int | None:
    """Seal the stream's next rows.

    Returns:
        how many; None when the table was never free of unfinished inserts for two seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_seal(%s, %s)", [stream, at_most])
        return cursor.fetchone()[0]


def verify() -> Report:
    """Recompute every seal of every stream, oldest first, up to the first that is broken."""
    report = Report()
    try:
        for stream in Stream.values:
            _verify_stream(stream, report)
    except Broken as found:
        report.broken = str(found)
    return report


def _verify_stream(stream: str, report: Report) -> None:
    previous, next_id = b"", 1
    report.rows[stream] = report.seals[stream] = 0
    for found in Seal.objects.filter(stream=stream).order_by("from_id").iterator(chunk_size=20):
        _verify_link(found, previous, next_id)
        _verify_rows(found)
        previous, next_id = bytes(found.digest), found.to_id + 1
        report.rows[stream] += found.rows
        report.seals[stream] += 1
    report.heads[stream] = previous.hex()
    report.unsealed[stream] = _unsealed(stream, next_id)


def _verify_link(found: Seal, previous: bytes, next_id: int) -> None:
    """The seal follows the one before it and is what it was."""
    if found.from_id != next_id:
        raise Broken(f"{found.stream}: the seal of rows {next_id} to {found.from_id - 1} is missing")
    covered, ids = ",".join(found.columns), ",".join(map(str, found.row_ids))
    head = f"{found.stream}:{found.from_id}:{found.to_id}:{found.rows}:{covered}:{ids}"
    digest = hashlib.sha256(previous + head.encode() + bytes(found.row_digests)).digest()
    if bytes(found.previous) != previous or bytes(found.digest) != digest:
        raise Broken(f"{found.stream}: the seal of rows {found.from_id} to {found.to_id} was altered")


def _verify_rows(found: Seal) -> None:
    """The rows that the seal covers are those there were, each as it was."""
    sealed = dict(zip(found.row_ids, _digests(found), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM audit_row_digests(%s, %s, %s, %s)", [found.stream, found.from_id, found.to_id, found.columns]
        )
        present = {row_id: bytes(digest) for row_id, digest in cursor.fetchall()}
    for row_id in sorted(sealed.keys() | present.keys()):
        if sealed.get(row_id) != present.get(row_id):
            what = "was deleted" if row_id not in present else "was altered" if row_id in sealed else "was slipped in"
            raise Broken(f"{found.stream}: row {row_id} {what}")


def _digests(found: Seal) -> Iterator[bytes]:
    joined = bytes(found.row_digests)
    return (joined[at : at + DIGEST] for at in range(0, len(joined), DIGEST))


def _unsealed(stream: str, next_id: int) -> int:
    return STREAMS[stream].objects.filter(pk__gte=next_id).count()
