"""What the records of reduced timetables, alternative provision and leave ask the rulebook and the roll."""

from datetime import date
from decimal import Decimal

from attendance.enums import Party
from children.hours import full_time
from children.models import Enrolment
from virtualschool.rulebook import rules, schoolyear


def year_of(enrolment: Enrolment, on: date) -> int:
    """The curriculum year that the child is taught in."""
    return schoolyear.year_taught(enrolment.child.date_of_birth, on, enrolment.year_group)


def full_time_hours(enrolment: Enrolment, on: date) -> Decimal:
    """The hours of a full-time week for the child on a day, by the council's rule."""
    return full_time(year_of(enrolment, on), on)


def parties(on: date) -> list[Party]:
    """Who agrees to a reduced timetable, by the rule of the day."""
    return [Party(one) for one in rules.value("attendance.reduced_timetable.agreed_by", on=on)]
