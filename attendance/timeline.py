"""What a child's timeline tells of attendance: absences, a week at a time, and what was arranged beside full-time school."""

from collections import Counter
from datetime import date, timedelta
from itertools import groupby

from django.urls import reverse

from attendance import moments as told
from attendance.childpage import absences
from attendance.codes import BY_LETTER
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.moments import Moment

KIND = "attendance"
LOOK_BACK = timedelta(days=3 * 366)


def moments(child: Child, *, user: User) -> list[Moment]:
    """Weeks with absences of the last three years, and what was arranged, for roles that read attendance. Constant queries."""
    if not user.reads(FieldGroup.ATTENDANCE):
        return []
    days = absences(child).filter(date__gt=today() - LOOK_BACK).values_list("date", "am", "pm")
    href = reverse("attendance:child", args=[child.uuid])
    found = []
    for monday, rows in groupby(days, key=lambda row: _monday(row[0])):
        codes = Counter(
            BY_LETTER[letter].meaning
            for _, *letters in rows
            for letter in letters
            if letter and BY_LETTER[letter].absent
        )
        sessions = codes.total()
        title = f"Absent for {sessions} {'session' if sessions == 1 else 'sessions'} in the week"
        text = ", ".join(f"{meaning}: {count}" for meaning, count in codes.most_common())
        found.append(Moment(monday, title, KIND, text=text, href=href))
    return [*found, *told.of_timetables(child, user), *told.of_provision(child, user), *told.of_leave(child, user)]


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
