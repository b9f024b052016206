"""What is known of a child's academic year, for the strip and the weeks beneath it."""

from datetime import date

from attendance.models import AttendanceDay, AttendanceYear, MarkChange, MarkDispute
from attendance.pictures import strip
from children.models import Child, Enrolment, PeriodOfCare
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars, schoolyear


def years(child: Child) -> list[int]:
    """The academic years that a strip can show, the newest first: those with marks, and this one. One query."""
    this = schoolyear.academic_year(today())
    held = AttendanceYear.objects.filter(child=child).values_list("year", flat=True)
    return sorted({this, *(year for year in held if year <= this)}, reverse=True)


def record(child: Child, year: int, user: User) -> strip.Record:
    """Marks, rolls, differences and corrections of one academic year. Five queries and the calendars'."""
    window = (date(year, 9, 1), date(year + 1, 8, 31))
    rows = AttendanceDay.objects.filter(child=child).between(*window).values_list("date", "am", "pm")
    differ = MarkDispute.objects.visible_to(user).open().filter(child=child).between(*window)
    changed = MarkChange.objects.filter(child_id=child.pk, date__range=window)
    return strip.Record(
        calendars.load(),
        today(),
        {on: (am, pm) for on, am, pm in rows},
        tuple(_places(child)),
        frozenset(differ.values_list("date", "session")),
        frozenset(changed.values_list("date", "session")),
    )


def _places(child: Child) -> list[strip.Place]:
    """When the child was on a school's roll and in care and known here: of those days marks are asked for."""
    care = list(PeriodOfCare.objects.filter(child=child).values_list("start", "end"))
    rolls = Enrolment.objects.main().filter(child=child).values_list("start", "end", "school__urn")
    known = child.known_from or date.min
    found = []
    for start, end, urn in rolls:
        for care_start, care_end in care:
            ends = [one for one in (end, care_end) if one]
            found.append((max(start, care_start, known), min(ends, default=None), urn))
    return found
