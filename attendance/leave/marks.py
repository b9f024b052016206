"""The marks of days on which leave was asked for, beside what the head decided. Where the two differ somebody has to ask the school."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from attendance.codes import BY_LETTER, CODES
from attendance.enums import LeaveState, Session
from attendance.leave.rules import LEAVE_CODES
from attendance.models import AttendanceDay, LeaveRequest

LEAVE_LETTERS = frozenset(CODES[code].stored for code in LEAVE_CODES)


@dataclass(frozen=True)
class Differing:
    """A session whose mark is not what the decision says."""

    on: date
    session: Session
    code: str
    why: str


def differing(leaves: Sequence[LeaveRequest], until: date) -> dict[int, list[Differing]]:
    """Sessions marked otherwise than decided, up to a day, by request. One query, however many requests."""
    standing = [leave for leave in leaves if leave.state != LeaveState.WITHDRAWN and leave.start <= until]
    if not standing:
        return {}
    days = AttendanceDay.objects.filter(
        child__in={leave.child_id for leave in standing},
        date__gte=min(leave.start for leave in standing),
        date__lt=max(leave.end for leave in standing),
        date__lte=until,
    )
    marks = list(days.order_by("date"))
    found = {leave.pk: list(_of(leave, marks)) for leave in standing}
    return {pk: rows for pk, rows in found.items() if rows}


def _of(leave: LeaveRequest, marks: Iterable[AttendanceDay]) -> Iterator[Differing]:
    for day in marks:
        if day.child_id != leave.child_id or not leave.start <= day.date < leave.end:
            continue
        for session, letter in ((Session.AM, day.am), (Session.PM, day.pm)):
            why = _wrong(leave, letter) if letter else ""
            if why and letter:
                yield Differing(day.date, session, BY_LETTER[letter].code, why)


def _wrong(leave: LeaveRequest, letter: str) -> str:
    """Why a mark is not what the decision says; a child who came to school all the same is no difference."""
    mark = BY_LETTER[letter]
    if leave.state == LeaveState.GRANTED:
        return f"granted as {leave.code}" if mark.absent and mark.code != leave.code else ""
    if letter not in LEAVE_LETTERS:
        return ""
    return "not granted" if leave.state == LeaveState.NOT_GRANTED else "not decided"
