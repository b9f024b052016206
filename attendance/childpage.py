"""What a child's attendance page tells, as rows of its tables."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from attendance.codes import ABSENT_LETTERS, BY_LETTER
from attendance.enums import Session
from attendance.models import (
    AlternativeProvision,
    AttendanceDay,
    LeaveRequest,
    MarkChange,
    MarkDispute,
    MarkSource,
    ReducedTimetable,
)
from attendance.rates import Sessions, by_child
from attendance.yearbits import Window
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.numbers import plain
from virtualschool.kernel.tables import Cell, Column
from virtualschool.rulebook import calendars, schoolyear
from virtualschool.rulebook.calendars import TERM_ORDER
from virtualschool.rulebook.schoolyear import words

YEARS = 3
MOST = 50
ABSENCE_COLUMNS = [Column("Day"), Column("Morning"), Column("Afternoon")]
DIFFERENCE_COLUMNS = [Column("Session"), Column("Accepted"), Column("Another source")]
CORRECTION_COLUMNS = [Column("Session"), Column("Was"), Column("Became"), Column("When")]
NOTHING = Cell("–", hint="no mark")


def terms(child: Child, on: date) -> list[tuple[str, Sessions]]:
    """Terms and years with marks, the newest first; the year stands before its terms. One query and the calendars'."""
    known, latest = calendars.load(), schoolyear.academic_year(on)
    windows: dict[str, Window] = {}
    for year in range(latest, latest - YEARS, -1):
        windows[f"Academic year {schoolyear.year_words(year)}"] = Window(date(year, 9, 1), date(year + 1, 8, 31))
        for name in reversed(TERM_ORDER):
            term = known.term(year, name.value)
            windows[str(term)] = Window(term.start, date.fromordinal(term.end.toordinal() - 1))
    counted = by_child(
        Child.objects.filter(pk=child.pk), {f"w{place}": window for place, window in enumerate(windows.values())}
    )
    found = counted.get(child.pk, {})
    pairs = zip(windows, (found.get(f"w{place}", Sessions()) for place in range(len(windows))), strict=True)
    return [(label, sessions) for label, sessions in pairs if sessions.possible]


def absences(child: Child) -> QuerySet[AttendanceDay]:
    """Days with a missed session, the newest first."""
    missed = Q(am__in=list(ABSENT_LETTERS)) | Q(pm__in=list(ABSENT_LETTERS))
    return AttendanceDay.objects.filter(missed, child=child).order_by("-date")


def absence_rows(days: Iterable[AttendanceDay]) -> list[list[Any]]:
    return [[words(day.date), mark(day.am), mark(day.pm)] for day in days]


def mark(letter: str | None, more: str = "") -> Cell:
    """A mark as a table shows it: the code, and what it means."""
    if not letter:
        return NOTHING
    code = BY_LETTER[letter]
    return Cell(code.code, hint=f"{more}: {code.meaning}" if more else code.meaning)


def difference_rows(child: Child, user: User) -> list[list[Any]]:
    """Open differences of a child, the newest first."""
    found = MarkDispute.objects.visible_to(user).open().filter(child=child).select_related("source")
    rows = list(found.order_by("-date", "session", "pk")[:MOST])
    held = accepted(rows)
    return [
        [f"{words(one.date)}, {one.get_session_display()}", *held[one.pk], mark(one.code, one.source.name)]
        for one in rows
    ]


def accepted(rows: Sequence[MarkDispute]) -> dict[int, list[Cell]]:
    """For each difference the mark that is accepted, with its source. Two queries."""
    wanted = {one.child_id for one in rows}, {one.date for one in rows}
    days = {
        (day.child_id, day.date): day
        for day in AttendanceDay.objects.filter(child_id__in=wanted[0], date__in=wanted[1])
    }
    names = dict(MarkSource.objects.values_list("pk", "name"))
    found = {}
    for one in rows:
        day = days[one.child_id, one.date]
        letter, source = (day.am, day.am_source) if one.session == Session.AM else (day.pm, day.pm_source)
        found[one.pk] = [mark(letter, names.get(source or 0, ""))]
    return found


def correction_rows(child: Child) -> list[list[Any]]:
    """Marks that were another once, the newest correction first."""
    changes = MarkChange.objects.filter(child_id=child.pk).order_by("-id")[:MOST]
    return [
        [
            f"{words(one.date)}, {one.get_session_display()}",
            mark(one.was),
            mark(one.became),
            words(one.at.astimezone(LONDON).date()),
        ]
        for one in changes
    ]


def arranged(child: Child, user: User) -> list[dict[str, Any]]:
    """What runs beside full-time school, and leave to come, as rows of a summary list. Three queries."""
    timetables = ReducedTimetable.objects.visible_to(user).running().filter(child=child)
    provision = AlternativeProvision.objects.visible_to(user).running().filter(child=child).select_related("school")
    leave = LeaveRequest.objects.visible_to(user).standing().filter(child=child, end__gt=today())
    told: list[tuple[str, Any, str]] = [
        ("Reduced timetable", one, f"{one.hours_words}, {words(one.start)} to {words(one.end)}") for one in timetables
    ]
    told += [("Alternative provision", one, f"{one.provider}, {plain(one.hours)} hours a week") for one in provision]
    told += [("Leave in term time", one, f"{words(one.start)}, {one.get_state_display()}") for one in leave]
    return [{"key": key, "value": value, "href": one.get_absolute_url()} for key, one, value in told]
