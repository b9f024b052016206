"""What an application for a school place must fit: the day on which it was sent, and the school of an emergency case that named none."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max

from children.constraints import told
from children.models import Child, PeriodOfCare, School
from referrals.enums import StopKey
from referrals.models import ProposedSchool, SchoolMove
from referrals.moving.gathering import outlook_of
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused, refuse
from virtualschool.rulebook.schoolyear import words as day_words

# What no emergency sets aside.
HOLDS_ALWAYS = (StopKey.LINE, StopKey.OUT_OF_YEAR)


def refuse_wrong_day(child: Child, case: SchoolMove | None, on: date) -> None:
    """It was sent in this time in care, and under a case not before that case allowed it.

    Raises:
        ValidationError: with the first day that can be.
    """
    if on > today():
        raise ValidationError({"on": "The day must be today or in the past"})
    care = PeriodOfCare.objects.filter(periods.on(today()), child=child).aggregate(since=Max("start"))["since"]
    allowed = (case.acted_on if case.emergency else case.decided_on) if case else None
    first = max((day for day in (care, allowed) if day), default=on)
    if on < first:
        what = "the move was approved, or acted on" if first == allowed else "the child came into care"
        raise ValidationError({"on": f"On {day_words(first)} {what}. Give that day or a later one."})


def name_school(case: SchoolMove, school: School, by: User) -> None:
    """The school that is applied for in an emergency is proposed by the case from then on; the line and the year group hold for it too.

    Raises:
        Refused: for a school below the line, or another year group, without the head's exception.
    """
    if not case.schools.filter(school=school).exists():
        with told():
            ProposedSchool.objects.create(move=case, school=school, order=case.schools.count() + 1)
        log.record("move.school_added", by=by, subject=case, data={"school": school.urn, "year_group": None})
    for stop in outlook_of(case).stops:
        if stop.urn == school.urn and stop.key in HOLDS_ALWAYS and not stop.settled:
            raise Refused(refuse(stop.reason, stop.source))
