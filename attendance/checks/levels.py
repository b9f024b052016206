"""The night's view of how much was missed: below good attendance, severe absence, and unauthorised sessions at the national threshold."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet

from attendance.checks.counting import GROUP, attended, counted, href, missed_words, percent, sessions
from attendance.rates import PERSISTENT, SEVERE
from attendance.yearbits import Window
from children.checks.registry import Finding, check
from children.evidence import evidence, fact
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.calendars import SchoolDays
from virtualschool.rulebook.clocks import words

GOOD, LEAST = "attendance.good", "attendance.least_sessions"
UNAUTHORISED, WEEKS = "attendance.unauthorised.sessions", "attendance.unauthorised.weeks"
A_WEEK = timedelta(weeks=1)
LONGEST = 60  # weeks looked back at most: ten school weeks lie within, whatever the holidays
NO_PENALTY = "For a child in care this asks the adults what is wrong; it never asks for a penalty notice"


@check("attendance.below_good", words="Below good attendance", rule=GOOD, group=GROUP)
def below_good(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Less of the year's possible sessions attended than the council calls good, and not persistently absent, which is told by itself."""
    in_force = rules.pack(on, "attendance.")
    good = in_force.value(GOOD)
    rows, window = _this_year(children.counted(on), on)
    rows = rows.annotate(
        over=100 * F("year_absent") - in_force.value(PERSISTENT) * F("year_possible"),
        lacking=100 * F("year_absent") - (100 - good) * F("year_possible"),
    )
    for row in rows.filter(year_possible__gte=in_force.value(LEAST), lacking__gt=0, over__lt=0):
        one = sessions(row, "year")
        told = f"Attendance of {percent(one)} is below {good}%: {attended(one)}"
        since = fact(window.first, "Counted from this day", href(row))
        yield Finding(row["child_id"], f"{row['child_id']}:{window.first.year}", evidence(told, since))


@check("attendance.severe", words="Severely absent", rule=SEVERE, group=GROUP)
def severe_absence(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Half or more of the year's possible sessions missed: an alert of its own, though persistent absence was answered long ago."""
    in_force = rules.pack(on, "attendance.")
    rows, window = _this_year(children.counted(on), on)
    rows = rows.annotate(over=100 * F("year_absent") - in_force.value(SEVERE) * F("year_possible"))
    for row in rows.filter(year_possible__gte=in_force.value(LEAST), over__gte=0):
        told = f"Severely absent in {schoolyear.year_words(window.first.year)}: {missed_words(sessions(row, 'year'))}"
        since = fact(window.first, "Counted from this day", href(row))
        yield Finding(row["child_id"], f"{row['child_id']}:{window.first.year}", evidence(told, since))


@check(
    "attendance.unauthorised", words="Unauthorised absence at the national threshold", rule=UNAUTHORISED, group=GROUP
)
def unauthorised(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """So many sessions without leave in the last school weeks. An alert and no more: a child in care is never fined for."""
    limit, weeks = rules.find(UNAUTHORISED, on=on), rules.find(WEEKS, on=on)
    if limit is None or weeks is None:
        return
    window = Window(first_of_weeks(calendars.load().school_days(), on, weeks.value), on)
    rows = counted(children.counted(on), {"now": window}, ("unauthorised",))
    for row in rows.filter(now_unauthorised__gte=limit.value):
        number = row["now_unauthorised"]
        told = f"{number} unauthorised sessions in {weeks.value} school weeks up to {words(on)}. {NO_PENALTY}"
        since = fact(window.first, "Counted from this day", href(row))
        yield Finding(row["child_id"], f"{row['child_id']}:unauthorised", evidence(told, since, basis=str(number)))


def _this_year(children: QuerySet[Any], on: date) -> tuple[QuerySet[Any], Window]:
    window = Window(date(schoolyear.academic_year(on), 9, 1), on)
    return counted(children, {"year": window}), window


def first_of_weeks(days: SchoolDays, on: date, weeks: int) -> date:
    """The Monday of the earliest of so many school weeks up to the day: a week with a school day in it is one (attendance guidance).

    A week that no calendar knows is taken for one, so that a span is rather too short than a year long.
    """
    monday, left = on - timedelta(days=on.weekday()), weeks
    for _ in range(LONGEST):
        of_school = any(days.counts(monday + timedelta(days=n)) is not False for n in range(5))
        left -= of_school
        if not left:
            break
        monday -= A_WEEK
    return monday
