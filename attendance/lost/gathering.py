"""The facts that the ledger reckons with, for many children in as many queries as for one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from attendance.enums import ReviewOutcome, Session
from attendance.exclusions import marks as exclusion_marks
from attendance.lost.reasons import PRESENT, Reason
from attendance.lost.reckoning import Away, Facts, Marks, Place, Provision, Rules, Span, Timetable, never
from attendance.models import (
    AlternativeProvision,
    AttendanceDay,
    AttendanceYear,
    Exclusion,
    ReducedTimetable,
    TimetableReview,
)
from attendance.yearbits import Window, place_of
from children import hours
from children.enums import MAIN_SCHOOL
from children.models import Enrolment, PeriodOfCare
from virtualschool.accounts.models import User
from virtualschool.kernel.periods import holds
from virtualschool.rulebook import calendars

ONE_DAY = timedelta(days=1)
Rows = dict[int, list[Any]]


@dataclass(frozen=True)
class Gathered:
    """The facts of each child, by primary key, and the rules to reckon them by."""

    facts: dict[int, Facts]
    rules: Rules


def gather(children: QuerySet[Any], user: User, window: Window) -> Gathered:
    """Everything about ``children`` that bears on the days of the window, as this reader may know it. Twelve queries at most."""
    who = {pk: (born, known) for pk, born, known in children.values_list("pk", "date_of_birth", "known_from")}
    care = _care(who)
    places, timetables, provisions = _places(who, window), _timetables(who, window), _provisions(who, window)
    marks, away = _marks(who, window), _exclusions(who, user, window)
    found = {
        pk: Facts(
            born=born,
            care=tuple(care.get(pk, ())),
            places=tuple(places.get(pk, ())),
            timetables=tuple(timetables.get(pk, ())),
            provisions=tuple(provisions.get(pk, ())),
            marks=marks.get(pk, {}),
            away=_away(away[pk]) if pk in away else never,
        )
        for pk, (born, _) in who.items()
    }
    return Gathered(found, rules())


def rules() -> Rules:
    """The rulebook's and the calendars', each asked once for the same thing. Four queries."""
    book, known = hours.load(), calendars.load()

    @cache
    def full_time(year: int, on: date) -> Fraction:
        return Fraction(hours.full_time(year, on, book))

    @cache
    def counts(urn: str, on: date) -> bool | None:
        return known.school_days(urn).counts(on)

    return Rules(full_time, lambda urn, on: counts(known.own(urn), on))


def _within(window: Window) -> Q:
    """Periods that share a day with it."""
    return Q(start__lte=window.last) & (Q(end__isnull=True) | Q(end__gt=window.first))


def _care(who: dict[int, tuple[date, date | None]]) -> Rows:
    """Time in care, short breaks left out, from the day on which the child was known here."""
    found: Rows = defaultdict(list)
    rows = PeriodOfCare.objects.filter(child__in=list(who), short_breaks=False).values_list("child_id", "start", "end")
    for pk, start, end in rows:
        known = who[pk][1]
        found[pk].append(Span(max(start, known) if known else start, end))
    return found


def _places(who: Iterable[int], window: Window) -> Rows:
    """Rolls, the main school's first. Where a child is on two, the hours of both are told together."""
    rows = (
        Enrolment.objects.filter(_within(window), child__in=list(who)).select_related("school").order_by("start", "pk")
    )
    held: dict[int, list[Enrolment]] = defaultdict(list)
    for row in rows:
        held[row.child_id].append(row)
    return {pk: list(_of_child(mine)) for pk, mine in held.items()}


def _of_child(rows: list[Enrolment]) -> Iterator[Place]:
    """Where hours are told, in parts: each for as long as the same rolls hold beside it."""
    for row in sorted(rows, key=lambda row: row.kind not in MAIN_SCHOOL):
        if row.hours_offered is None:
            yield _place(row, row.start, row.end, None)
            continue
        for start, end in _parts(row, rows):
            held = (one.hours_offered for one in rows if holds(one.start, one.end, start))
            yield _place(row, start, end, sum((Fraction(hours) for hours in held if hours), Fraction()))


def _place(row: Enrolment, start: date, end: date | None, hours: Fraction | None) -> Place:
    return Place(start, end, row.school.urn, row.school.name, row.year_group, hours)


def _parts(row: Enrolment, rows: Iterable[Enrolment]) -> Iterator[tuple[date, date | None]]:
    """The time of a row, cut where another begins or ends in it."""
    days = {day for one in rows for day in (one.start, one.end) if day}
    cuts = sorted(day for day in days if day > row.start and (row.end is None or day < row.end))
    return zip([row.start, *cuts], [*cuts, row.end], strict=True)


def _timetables(who: Iterable[int], window: Window) -> Rows:
    """A running one goes on past its last day: nobody has said that the child is back full time."""
    found: Rows = defaultdict(list)
    rows = ReducedTimetable.objects.filter(
        Q(state="running") | Q(end__gt=window.first), child__in=list(who), start__lte=window.last
    )
    one_by_one = list(rows.order_by("start", "pk"))
    raised: dict[int, list[TimetableReview]] = defaultdict(list)
    for review in TimetableReview.objects.filter(
        timetable__in=[one.pk for one in one_by_one], outcome=ReviewOutcome.MORE_HOURS
    ).order_by("pk"):
        raised[review.timetable_id].append(review)
    for one in one_by_one:
        found[one.child_id].append(_timetable(one, raised.get(one.pk, [])))
    return found


def _timetable(one: ReducedTimetable, raised: Sequence[TimetableReview]) -> Timetable:
    first = Fraction(raised[0].hours_were if raised else one.hours)
    steps = [(one.start, first), *((review.on, Fraction(review.hours)) for review in raised)]
    end = None if one.running else one.end
    return Timetable(one.start, end, tuple(steps), one.pattern, raised[-1].on if raised else one.start)


def _provisions(who: Iterable[int], window: Window) -> Rows:
    found: Rows = defaultdict(list)
    rows = AlternativeProvision.objects.filter(
        Q(state="running") | Q(end__gt=window.first), child__in=list(who), start__lte=window.last
    )
    for one in rows.order_by("start", "pk"):
        end = None if one.running else one.end
        found[one.child_id].append(Provision(one.start, end, Fraction(one.hours), one.pattern))
    return found


def _exclusions(who: Iterable[int], user: User, window: Window) -> Rows:
    found: Rows = defaultdict(list)
    for one in Exclusion.objects.visible_to(user).given().filter(_within(window), child__in=list(who)):
        found[one.child_id].append(one)
    return found


def _away(rows: Sequence[Exclusion]) -> Away:
    def away(on: date, session: Session) -> Reason | None:
        held = [one for one in rows if exclusion_marks.covers(one, on, session)]
        if not held:
            return None
        return Reason.PERMANENT if any(one.is_permanent for one in held) else Reason.SUSPENSION

    return away


def _marks(who: Iterable[int], window: Window) -> dict[int, dict[date, Marks]]:
    """The marks of the window. Days attended in full are told by the bits, so that only the others are read. Two queries."""
    pks, there = list(who), list(PRESENT)
    found: dict[int, dict[date, Marks]] = {pk: {} for pk in pks}
    rows = AttendanceYear.objects.filter(child__in=pks, year__in=list(window.years()))
    for pk, year, marked in rows.values_list("child_id", "year", "marked"):
        found[pk].update(_days_marked(marked, year, window))
    odd = AttendanceDay.objects.between(window.first, window.last).filter(child__in=pks)
    odd = odd.exclude(am__in=there, pm__in=there)
    for pk, on, am, pm in odd.values_list("child_id", "date", "am", "pm"):
        found[pk][on] = (am, pm)
    return found


_WHOLE: Marks = ("/", "\\")


def _days_marked(marked: str, year: int, window: Window) -> Iterator[tuple[date, Marks]]:
    """Days with both sessions marked, taken for attended until another mark of theirs is read."""
    first = max(window.first, date(year, 8, 1))
    last = min(window.last, date(year + 1, 7, 31))
    for n in range((last - first).days + 1):
        on = first + n * ONE_DAY
        if marked[place_of(on) : place_of(on) + 2] == "11":
            yield on, _WHOLE
