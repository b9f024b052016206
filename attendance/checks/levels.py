"""The night's view of how much was missed: below good attendance, persistent and severe absence, and unauthorised sessions at the national threshold."""

from collections.abc import Iterable, Iterator, Mapping
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
from virtualschool.rulebook.rules import Pack

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
    rows = this_year(on, children.counted(on), in_force)
    rows = rows.annotate(over=beyond(in_force.value(PERSISTENT)), lacking=beyond(100 - good))
    for row in rows.filter(lacking__gt=0, over__lt=0):
        one = sessions(row, "year")
        yield _of_year(row, on, f"Attendance of {percent(one)} is below {good}%: {attended(one)}")


@check("attendance.persistent", words="Persistently absent", rule=PERSISTENT, group=GROUP)
def persistent_absence(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """A tenth or more of the child's own possible sessions missed since the academic year began. Half or more has a check of its own."""
    return _absent(on, children, PERSISTENT, "Persistently")


@check("attendance.severe", words="Severely absent", rule=SEVERE, group=GROUP)
def severe_absence(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Half or more of the year's possible sessions missed: an alert of its own, though persistent absence was answered long ago."""
    return _absent(on, children, SEVERE, "Severely")


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


def this_year(on: date, children: QuerySet[Any], in_force: Pack) -> QuerySet[Any]:
    """Rows of those with enough possible sessions, with their sessions of the academic year. One query."""
    rows = counted(children, {"year": Window(_began(on), on)})
    return rows.filter(year_possible__gte=in_force.value(LEAST))


def beyond(share: int) -> Any:
    """By how much more than a share, in per cent, was missed of the year; compared exactly, so never divided."""
    return 100 * F("year_absent") - share * F("year_possible")


def too_absent(on: date, children: QuerySet[Any], in_force: Pack, share: str = PERSISTENT) -> QuerySet[Any]:
    """Rows of those who missed the share of that rule, or more, of the academic year. One query."""
    rows = this_year(on, children, in_force).annotate(over=beyond(in_force.value(share)))
    return rows.filter(over__gte=0)


def _absent(on: date, children: QuerySet[Any], share: str, how: str) -> Iterator[Finding]:
    for row in too_absent(on, children.counted(on), rules.pack(on, "attendance."), share):
        told = f"{how} absent in {schoolyear.year_words(_began(on).year)}: {missed_words(sessions(row, 'year'))}"
        yield _of_year(row, on, told)


def _of_year(row: Mapping[str, Any], on: date, told: str) -> Finding:
    """Once a child and academic year."""
    since = fact(_began(on), "Counted from this day", href(row))
    return Finding(row["child_id"], f"{row['child_id']}:{_began(on).year}", evidence(told, since))


def _began(on: date) -> date:
    """The academic year's first day."""
    return date(schoolyear.academic_year(on), 9, 1)


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
