"""The night's view of attendance: falls, and days of which nobody has marked anything.

Falls are one query over the bits, whatever the number of children and of years kept.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet

from attendance.checks.counting import GROUP, ONE_DAY, attended, counted, href, percent, sessions
from attendance.models import AttendanceYear
from attendance.rates import told_by, years_of
from attendance.silence import silent
from attendance.yearbits import Window
from children.checks.registry import Finding, check
from children.checks.signals import signal
from children.evidence import evidence, fact
from virtualschool.rulebook import rules
from virtualschool.rulebook.clocks import words
from virtualschool.rulebook.rules import Pack


@check("attendance.fall", words="Attendance has fallen", rule="attendance.fall.points", group=GROUP)
def attendance_fall(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Against the child's own earlier weeks, by so many points or more of the share attended."""
    return falls(on, children.counted(on))


@signal("attendance_fall", group=GROUP)
def falling(*, on: date, children: QuerySet[Any], value: dict[str, Any]) -> Iterable[Finding]:
    """The same fall, as a sign that a placement or a school place is shaky."""
    return falls(on, children)


@check("attendance.no_marks", words="No attendance marks", rule="attendance.no_marks_days", group=GROUP)
def no_marks(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """On a school's roll, and no mark at all on the last school days: silence is a fact, and never taken for attendance."""
    rule = rules.find("attendance.no_marks_days", on=on)
    if rule is None:
        return
    for one in silent(children.counted(on), on, rule.value):
        if one.last_mark:
            told = evidence(
                f"No mark from {one.school} since {words(one.last_mark)}", fact(one.last_mark, "The last mark")
            )
        else:
            told = evidence(f"No mark at all from {one.school}", fact(one.start, "Marks are asked for from this day"))
        yield Finding(one.child_id, f"{one.child_id}:{one.last_mark or one.start}", told)


def falls(on: date, children: QuerySet[Any]) -> Iterator[Finding]:
    """Children whose attendance in the last weeks is so many points below their own in the weeks before, compared exactly.

    The weeks move on with the day of looking; the alert is told anew only when there are new marks.
    """
    in_force = rules.pack(on, "attendance.")
    now, before = windows(in_force, on)
    rows = list(fallen(on, children, in_force))
    told = _told(on, [row["child_id"] for row in rows], years_of(now, before))
    for row in rows:
        was, became, there = sessions(row, "before"), sessions(row, "now"), href(row)
        sentence = f"Attendance fell from {percent(was)} to {percent(became)}"
        facts = [
            fact(before.first, f"{attended(was)} up to {words(before.last)}", there),
            fact(now.first, f"{attended(became)} up to {words(now.last)}", there),
        ]
        basis = f"{(now.last - before.first).days}:{(now.last - now.first).days}:{told[row['child_id']]}"
        yield Finding(row["child_id"], f"{row['child_id']}:fall", evidence(sentence, *facts, basis=basis))


def fallen(on: date, children: QuerySet[Any], in_force: Pack) -> QuerySet[Any]:
    """Rows of those who fell, with their sessions in both spans. One query.

    Both spans need the sessions that the rule asks for, so that three days after a holiday are no fall.
    """
    points, least = in_force.value("attendance.fall.points"), in_force.value("attendance.least_sessions")
    now, before = windows(in_force, on)
    rows = counted(children, {"now": now, "before": before}).annotate(
        fallen=100 * (F("now_absent") * F("before_possible") - F("before_absent") * F("now_possible"))
        - points * F("now_possible") * F("before_possible"),
    )
    return rows.filter(now_possible__gte=least, before_possible__gte=least, fallen__gte=0)


def _told(on: date, children: list[int], years: list[int]) -> dict[int, str]:
    """What the latest marks of these children say: a digest costs more than counting, so it is made only of who fell."""
    rows = AttendanceYear.objects.filter(child_id__in=children, year__in=years).values("child_id")
    return dict(rows.annotate(told=told_by(on, years)).values_list("child_id", "told"))


def windows(in_force: Pack, on: date) -> tuple[Window, Window]:
    """The last weeks, the day itself included, and the weeks before them."""
    start = on + ONE_DAY - timedelta(weeks=in_force.value("attendance.fall.window"))
    earlier = start - timedelta(weeks=in_force.value("attendance.fall.before"))
    return Window(start, on), Window(earlier, start - ONE_DAY)
