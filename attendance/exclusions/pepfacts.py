"""What a PEP tells of suspensions and permanent exclusions, from their records: the days, and its table of them to begin with."""

from datetime import date
from typing import Any

from attendance.exclusions import days as exclusion_days
from attendance.exclusions import evidence as exclusion_evidence
from attendance.exclusions import marks as exclusion_marks
from attendance.models import AttendanceDay, Exclusion
from attendance.models.marks import SUSPENDED
from children.models import ReferenceCode
from peps.record import Record, Words, source, start
from virtualschool.kernel.formfields import long_date
from virtualschool.rulebook import schoolyear

REASONS = "EXCLUSION_REASON"
LONGEST = 300
MOST_SESSIONS = 90


@source("suspended_days")
def suspended(record: Record) -> Words:
    """Days of the year and the term across schools, and what the register says of which nobody knows more (Education Act 2002, s 51A)."""
    rows = _of_year(record)
    totals = exclusion_days.totals(rows, record.on, record.calendars)
    lines = []
    if totals.in_year:
        days = exclusion_days.days
        lines = [f"{days(totals.in_year)} this school year, {days(totals.in_term)} of them this term"]
    lines += [f"{exclusion_evidence.title(one)} {exclusion_evidence.when(one)}" for one in rows if one.is_permanent]
    unrecorded = exclusion_marks.unrecorded(rows, _marked(record))
    if unrecorded:
        lines.append(f"Marked as suspended, and not recorded: {exclusion_days.days(len(unrecorded))}")
    return lines or "None recorded"


@start("suspensions_recorded")
def recorded(record: Record) -> list[dict[str, Any]] | None:
    """A row for each of the year by the PEP's own school: another's record is not for this one to read."""
    rows = [one for one in _of_year(record) if one.school_id == record.pep.school_id]
    meanings = dict(ReferenceCode.objects.filter(field=REASONS).values_list("code", "meaning")) if rows else {}
    return [_row(one, meanings) for one in rows] or None


def _row(one: Exclusion, meanings: dict[str, str]) -> dict[str, Any]:
    why = "; ".join(meanings.get(code, code) for code in one.reasons)
    row = {
        "start": one.start.isoformat(),
        "sessions": one.sessions if (one.sessions or 0) <= MOST_SESSIONS else None,
        "reason": f"Permanent exclusion: {why}" if one.is_permanent else why,
        "day_one": f"{one.provision}, from {long_date(one.provision_from)}" if one.provision_from else "",
        "tried": one.alternatives,
    }
    return {name: value[:LONGEST] if isinstance(value, str) else value for name, value in row.items() if value}


def _of_year(record: Record) -> list[Exclusion]:
    """Those given in the school year, the first one first."""
    rows = Exclusion.objects.filter(child=record.child).given().in_year(record.on).select_related("school")
    found: list[Exclusion] = record.once("suspensions", lambda: list(rows.order_by("start", "pk")))
    return found


def _marked(record: Record) -> dict[date, exclusion_marks.Marks]:
    first = date(schoolyear.academic_year(record.on), 9, 1)
    days = AttendanceDay.objects.filter(SUSPENDED, child=record.child, date__range=(first, record.on))
    return {day: (am, pm) for day, am, pm in days.values_list("date", "am", "pm")}
