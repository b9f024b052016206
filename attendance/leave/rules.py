"""What the council's rules say of leave in term time before anybody decides: what is not supported, and from which source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from attendance.codes import CODES
from attendance.enums import LeaveKind
from attendance.models import LeaveRequest
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import calendars, rules
from virtualschool.rulebook.clocks import amount

# Leave that a school may grant, and the code that the register then has (School Attendance Regulations 2024, regs 10 and 11).
LEAVE_CODES = ("C", "C1", "J1", "S")
GRANTED = {code: CODES[code].meaning for code in LEAVE_CODES}
REGULATIONS = "School Attendance (Pupil Registration) (England) Regulations 2024, reg 11"
REFUSED = "refused"


@dataclass(frozen=True)
class Days:
    """The school days of a time away, by the school's own terms or the council's; ``number`` None where no terms are loaded."""

    number: int | None
    calendar: str


def school_days(urn: str, start: date, end: date) -> Days:
    """How many school days a time away costs; the queries of the calendars."""
    days = calendars.load().school_days(urn)
    counted = [days.counts(date.fromordinal(n)) for n in range(start.toordinal(), end.toordinal())]
    return Days(None if None in counted else sum(map(bool, counted)), days.words)


def refused_by_rule(kind: LeaveKind | str, days: int | None, on: date) -> Verdict:
    """Whether the Virtual School may support it as a matter of course. A holiday is not, nor extended time out of school."""
    pack = rules.pack(on, "attendance.")
    extended, holiday = pack.get("attendance.leave.extended"), pack.get("attendance.holiday")
    if kind == LeaveKind.ADOPTION:
        return refuse(
            "Children are not kept out of school for long while they move to adoption or another family.",
            extended.source,
        )
    if days is not None and days >= extended.value:
        return refuse(
            f"This is extended time out of school: {days} school days, with {amount(extended)} the limit.",
            extended.source,
        )
    if kind == LeaveKind.HOLIDAY and holiday.value != "school_decides":
        return refuse(
            "The Virtual School does not support holidays in term time unless truly exceptional.", holiday.source
        )
    return ALLOW


def of_request(leave: LeaveRequest, on: date) -> Verdict:
    """The same of a request. Where the terms are not known its weekdays count: time away that is long is no shorter for that."""
    days = leave.school_days
    if days is None:
        away = (leave.start + timedelta(days=n) for n in range((leave.end - leave.start).days))
        days = sum(day.weekday() < 5 for day in away)
    return refused_by_rule(leave.kind, days, on)


def no_exception(kind: LeaveKind | str, on: date) -> Verdict:
    """Where the council made no room for an exception, not even the Virtual School Head supports a holiday."""
    holiday = rules.get("attendance.holiday", on=on)
    if kind == LeaveKind.HOLIDAY and holiday.value == REFUSED:
        return refuse("The council supports no holiday in term time.", holiday.source)
    return ALLOW


def codes() -> Mapping[str, str]:
    """The codes of leave that is granted, with their meanings."""
    return GRANTED
