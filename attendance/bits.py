"""Keeping the years of bits in step with the marks.

Bits follow from marks alone: ``rebuild`` makes all of them anew, ``follow`` those of the days that a feed has changed, in the feed's
own transaction. Both run the same statement.
"""

from typing import Any

from django.db import connection, transaction

from attendance import codes

LETTERS = {
    "possible": codes.POSSIBLE_LETTERS,
    "absent": codes.ABSENT_LETTERS,
    "unauthorised": codes.UNAUTHORISED_LETTERS,
    "unexplained": codes.UNEXPLAINED_LETTERS,
}

# Every session of a changed day has a mark now, so the new string of marked sessions says which bits are to be set anew.
_FOLLOW = """
    INSERT INTO attendance_year AS held (year, child_id, marked, possible, absent, unauthorised, unexplained)
    SELECT year, child_id, bit_or(bit),
           coalesce(bit_or(bit) FILTER (WHERE strpos(%(possible)s, code) > 0), B'0'::bit(732)),
           coalesce(bit_or(bit) FILTER (WHERE strpos(%(absent)s, code) > 0), B'0'::bit(732)),
           coalesce(bit_or(bit) FILTER (WHERE strpos(%(unauthorised)s, code) > 0), B'0'::bit(732)),
           coalesce(bit_or(bit) FILTER (WHERE strpos(%(unexplained)s, code) > 0), B'0'::bit(732))
    FROM (
        SELECT d.child_id, attendance_year_of(d.date) AS year, half.code::text AS code,
               set_bit(B'0'::bit(732), attendance_place_of(d.date) + half.place, 1) AS bit
        FROM attendance_changed d CROSS JOIN LATERAL (VALUES (d.am, 0), (d.pm, 1)) half (code, place)
        WHERE half.code IS NOT NULL
    ) sessions
    GROUP BY year, child_id ORDER BY year, child_id
    ON CONFLICT (year, child_id) DO UPDATE SET
        marked = held.marked | excluded.marked,
        possible = (held.possible & ~excluded.marked) | excluded.possible,
        absent = (held.absent & ~excluded.marked) | excluded.absent,
        unauthorised = (held.unauthorised & ~excluded.marked) | excluded.unauthorised,
        unexplained = (held.unexplained & ~excluded.marked) | excluded.unexplained
"""


def follow(cursor: Any) -> None:
    """Bring the bits of the days in the temporary table ``attendance_changed`` in step with their marks."""
    cursor.execute(_FOLLOW, LETTERS)


@transaction.atomic
def rebuild() -> int:
    """Make all bits anew from the marks.

    Returns:
        how many years of children there are.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE attendance_year IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM attendance_year")
        cursor.execute("CREATE TEMP VIEW attendance_changed AS SELECT child_id, date, am, pm FROM attendance_day")
        follow(cursor)
        years = int(cursor.rowcount)
        cursor.execute("DROP VIEW attendance_changed")
    return years
