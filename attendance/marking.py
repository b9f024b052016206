"""The one way marks come in: from a page, a feed or a made-up past, in a constant number of statements however many there are.

A mark needs a known child, and neither an enrolment nor a calendar. What is sent again changes nothing. Where two sources differ,
the one that the rule ``attendance.source_order`` names first is accepted, and what the other says is listed (``MarkDispute``).
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from attendance import bits
from attendance.codes import BY_LETTER, CODES
from attendance.models import MarkSource
from virtualschool.accounts.models import User
from virtualschool.audit import context
from virtualschool.kernel.dates import today
from virtualschool.rulebook import rules
from virtualschool.rulebook.schoolyear import add_months

SCHOOL, IMPORT, OTHER = "school", "import", "other"
LONGEST_NAME = 40

Row = tuple[int, date, str | None, str | None]


@dataclass(frozen=True)
class Standing:
    """A session of which this source says something else than the accepted mark."""

    child_id: int
    date: date
    session: str
    code: str
    accepted: str
    accepted_source: str


@dataclass(frozen=True)
class Recorded:
    """What became of a list of marks, counted in sessions; every session of the list is in one of the first four.

    Attributes:
        created: sessions that had no mark before.
        updated: sessions whose accepted mark is another now.
        unchanged: sessions whose accepted mark was so already.
        disputes: sessions where this source differs from one that is believed before it; those known before, too.
        listed: how many of the disputes are new, or about another code than before.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    disputes: list[Standing] = field(default_factory=list)
    listed: int = 0


@transaction.atomic
def record_marks(rows: Iterable[Row], *, source: str, by: User | None = None) -> Recorded:
    """Take in marks as (child's primary key, date, morning's code or None, afternoon's code or None). None says nothing of a session.

    Args:
        source: whose marks they are; a name that the rule does not know ranks as "other".
        by: who enters them; None is the service itself, or whoever acts already (``virtualschool.audit.context``).

    Raises:
        KeyError: for a code that is none. Whether a code may be used on a day is for the caller to say.
        ValueError: for a session that is in the rows twice with different codes, a child that there is not, or no source's name.
    """
    lines, months, sessions = _lines(rows)
    if not sessions:
        return Recorded()
    if by is not None:
        context.apply_to_transaction(by.pk, context.current().request_id, context.current().why)
    given = source_named(source)
    with connection.cursor() as cursor:
        _receive(cursor, lines)
        cursor.execute("SELECT attendance_make_months(%s)", [sorted(months)])
        said = {"source": given.pk, "outranked": _outranked(given), "first": min(months), "last": _last(max(months))}
        created, updated = _accept(cursor, said)
        listed = _settle(cursor, said)
        bits.follow(cursor)
        disputes = _standing(cursor)
        cursor.execute("DROP TABLE attendance_incoming, attendance_half, attendance_changed")
    return Recorded(created, updated, sessions - created - updated - len(disputes), disputes, listed)


# ---------------------------------------------------------------- what came


def _lines(rows: Iterable[Row]) -> tuple[io.StringIO, set[date], int]:
    """The rows as PostgreSQL copies them in, one a child and day; the first days of their months; how many sessions they have."""
    days: dict[tuple[int, date], list[str | None]] = {}
    for child_id, on, *given in rows:
        held = days.setdefault((child_id, on), [None, None])
        for half, code in enumerate(given):
            if code is not None and held[half] not in (None, code):
                raise ValueError(f"Two marks for one session of {on}: {held[half]} and {code}.")
            held[half] = code if code is not None else held[half]
    lines, sessions = io.StringIO(), 0
    for (child_id, on), (am, pm) in days.items():
        if am is not None or pm is not None:
            lines.write(f"{child_id}\t{on}\t{_copied(am)}\t{_copied(pm)}\n")
            sessions += (am is not None) + (pm is not None)
    lines.seek(0)
    return lines, {on.replace(day=1) for _, on in days}, sessions


def _copied(code: str | None) -> str:
    """A code's letter as the text form of COPY wants it."""
    return r"\N" if code is None else CODES[code].stored.replace("\\", r"\\")


def _last(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


_UNKNOWN_CHILDREN = """
    SELECT child_id FROM (SELECT DISTINCT child_id FROM attendance_incoming) given
    WHERE NOT EXISTS (SELECT FROM children_child c WHERE c.id = given.child_id) LIMIT 1
"""


def _receive(cursor: Any, lines: io.StringIO) -> None:
    """Copy the rows into a table of this transaction's own."""
    cursor.execute(
        'CREATE TEMP TABLE attendance_incoming (child_id bigint, date date, am "char", pm "char") ON COMMIT DROP;'
        'CREATE TEMP TABLE attendance_changed (child_id bigint, date date, am "char", pm "char") ON COMMIT DROP;'
        "CREATE TEMP TABLE attendance_half (child_id bigint, date date, session text,"
        ' code "char", was "char", source_was smallint, takes boolean) ON COMMIT DROP;'
    )
    cursor.copy_expert("COPY attendance_incoming FROM STDIN", lines)
    cursor.execute("ANALYZE attendance_incoming")
    cursor.execute(_UNKNOWN_CHILDREN)
    unknown = cursor.fetchone()
    if unknown:
        raise ValueError(f"There is no child {unknown[0]}.")


def plain_name(name: str) -> str:
    """A source's name as it is kept."""
    return " ".join(name.split()).lower()


def source_named(name: str) -> MarkSource:
    """The source of that name, made when it is new.

    Raises:
        ValueError: when it has no name, or a longer one than is kept.
    """
    found = plain_name(name)
    if not 0 < len(found) <= LONGEST_NAME:
        raise ValueError(f"The name of a source has 1 to {LONGEST_NAME} characters.")
    return MarkSource.objects.get_or_create(name=found)[0]


def _outranked(source: MarkSource) -> list[int]:
    """The sources that are believed after this one, by today's rule."""
    order = list(rules.value("attendance.source_order", on=today()))
    others = order.index(OTHER) if OTHER in order else len(order)
    ranks = {name: place for place, name in enumerate(order)}
    mine = ranks.get(source.name, others)
    return [one.pk for one in MarkSource.objects.all() if ranks.get(one.name, others) > mine]


# ---------------------------------------------------------------- what is accepted

_INSERT = """
    WITH made AS (
        INSERT INTO attendance_day (child_id, date, am, pm, am_source, pm_source)
        SELECT child_id, date, am, pm, CASE WHEN am IS NOT NULL THEN %(source)s::smallint END,
               CASE WHEN pm IS NOT NULL THEN %(source)s::smallint END
        FROM attendance_incoming ORDER BY child_id, date
        ON CONFLICT (child_id, date) DO NOTHING RETURNING child_id, date, am, pm
    ), noted AS (INSERT INTO attendance_changed SELECT child_id, date, am, pm FROM made)
    SELECT count(am) + count(pm) FROM made
"""
# Days that stood already are locked, in one order, before they are compared: two feeds at once take turns.
_COMPARE = """
    WITH known AS (
        SELECT i.child_id, i.date, i.am, i.pm, d.am AS am_was, d.pm AS pm_was, d.am_source, d.pm_source
        FROM attendance_incoming i JOIN attendance_day d ON d.child_id = i.child_id AND d.date = i.date
        WHERE d.date BETWEEN %(first)s AND %(last)s
          AND ((i.am IS NOT NULL AND (d.am, d.am_source) IS DISTINCT FROM (i.am, %(source)s::smallint))
            OR (i.pm IS NOT NULL AND (d.pm, d.pm_source) IS DISTINCT FROM (i.pm, %(source)s::smallint)))
        ORDER BY i.child_id, i.date FOR UPDATE OF d
    )
    INSERT INTO attendance_half
    SELECT child_id, date, session, code, was, source_was,
           was IS NULL OR source_was = %(source)s OR source_was = ANY(%(outranked)s::smallint[])
    FROM known CROSS JOIN LATERAL (VALUES ('AM', am, am_was, am_source), ('PM', pm, pm_was, pm_source))
        half (session, code, was, source_was)
    WHERE code IS NOT NULL AND (was, source_was) IS DISTINCT FROM (code, %(source)s::smallint)
"""
_UPDATE = """
    WITH taken AS (
        SELECT child_id, date, max(code::text) FILTER (WHERE session = 'AM')::"char" AS am,
               max(code::text) FILTER (WHERE session = 'PM')::"char" AS pm
        FROM attendance_half WHERE takes GROUP BY child_id, date
    ), moved AS (
        UPDATE attendance_day d SET am = coalesce(t.am, d.am), pm = coalesce(t.pm, d.pm),
            am_source = CASE WHEN t.am IS NULL THEN d.am_source ELSE %(source)s END,
            pm_source = CASE WHEN t.pm IS NULL THEN d.pm_source ELSE %(source)s END
        FROM taken t WHERE d.child_id = t.child_id AND d.date = t.date AND d.date BETWEEN %(first)s AND %(last)s
        RETURNING d.child_id, d.date, d.am, d.pm
    )
    INSERT INTO attendance_changed SELECT child_id, date, am, pm FROM moved
"""
_TAKEN = """
    SELECT count(*) FILTER (WHERE was IS NULL), count(*) FILTER (WHERE was <> code) FROM attendance_half WHERE takes
"""


def _accept(cursor: Any, said: dict[str, Any]) -> tuple[int, int]:
    """Write the marks that are accepted: first ones, the source's own corrections, and those of a source that is believed before.

    Returns:
        how many sessions got their first mark, and how many another.
    """
    cursor.execute(_INSERT, said)
    new = cursor.fetchone()[0]
    cursor.execute(_COMPARE, said)
    if not cursor.rowcount:
        return new, 0
    cursor.execute(_UPDATE, said)
    cursor.execute(_TAKEN)
    first, other = cursor.fetchone()
    return new + first, other


# ---------------------------------------------------------------- what is listed

_FORGET_OWN = """
    DELETE FROM attendance_dispute m USING attendance_half h
    WHERE (m.child_id, m.date, m.session) = (h.child_id, h.date, h.session) AND m.source_id = %(source)s AND h.takes
"""
# Either what this source says beside a mark that stands, or the mark of another source that gave way to this one.
_LIST = """
    WITH listed AS (
        INSERT INTO attendance_dispute AS m (child_id, date, session, source_id, code, open)
        SELECT child_id, date, session, CASE WHEN takes THEN source_was ELSE %(source)s END,
               CASE WHEN takes THEN was ELSE code END, true
        FROM attendance_half WHERE code <> was AND (NOT takes OR source_was <> %(source)s)
        ON CONFLICT (child_id, date, session, source_id) DO UPDATE SET code = excluded.code, open = true
        WHERE (m.code, m.open) IS DISTINCT FROM (excluded.code, true)
        RETURNING source_id
    )
    SELECT count(*) FROM listed WHERE source_id = %(source)s
"""
_CLOSE_OR_REOPEN = """
    UPDATE attendance_dispute m SET code = CASE WHEN m.source_id = %(source)s THEN h.code ELSE m.code END,
        open = m.source_id <> %(source)s AND m.code <> h.code
    FROM attendance_half h
    WHERE (m.child_id, m.date, m.session) = (h.child_id, h.date, h.session)
      AND ((m.source_id = %(source)s AND NOT h.takes AND h.code = h.was AND (m.open OR m.code <> h.code))
        OR (m.source_id <> %(source)s AND h.takes AND m.open <> (m.code <> h.code)))
"""
_STANDING = """
    SELECT h.child_id, h.date, h.session, h.code, h.was, s.name
    FROM attendance_half h JOIN attendance_source s ON s.id = h.source_was
    WHERE NOT h.takes AND h.code <> h.was ORDER BY h.child_id, h.date, h.session
"""


def _settle(cursor: Any, said: dict[str, Any]) -> int:
    """Bring the list of differences in step.

    Returns:
        how many of this source's own are new or about another code.
    """
    cursor.execute(_FORGET_OWN, said)
    cursor.execute(_LIST, said)
    listed = int(cursor.fetchone()[0])
    cursor.execute(_CLOSE_OR_REOPEN, said)
    return listed


def _standing(cursor: Any) -> list[Standing]:
    cursor.execute(_STANDING)
    return [
        Standing(child_id, on, session, BY_LETTER[code].code, BY_LETTER[accepted].code, name)
        for child_id, on, session, code, accepted, name in cursor.fetchall()
    ]
