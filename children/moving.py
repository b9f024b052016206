"""When a start at a school is a move away from another, and when it is only the next school of an ordinary school life.

The ages that a school teaches are the register's: a school whose oldest are 11 ends with Year 6. Reception and Year 12 begin anew for
every child: a nursery place gives none in Reception (School Admissions Code), and after Year 11 each chooses a sixth form or a
college; a start there in late summer is no move, whatever else the old school teaches.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import QuerySet

from children.models import Child, Enrolment, School, SchoolLink
from virtualschool.rulebook.schoolyear import RECEPTION, curriculum_year

SECONDARY_YEAR, SIXTH_FORM_YEAR = 7, 12
LATE_SUMMER = (8, 9)  # months in which a school year begins
AGE_IN_RECEPTION = 5  # years: the age that a child reaches in Reception; in Year 6 it is 11
EXCLUDED = "Permanently excluded"  # why a place ended that nobody on the child's side gave up
ONE_MOVE = timedelta(days=42)  # the six weeks of summer: a place that ended so lately was left for the next


def move_from(child: Child, school: School, start: date) -> Enrolment | None:
    """The main place that a start at ``school`` moves the child away from; None where the start is no move.

    A place that somebody ended at most six weeks before is counted: to end one school first does not make it less of a move. One that
    a permanent exclusion ended is not: education elsewhere is owed at once. No move is a start with no such place; when the old school has closed by then, or the new one carries on from it; when the old school does
    not teach the child's year; and at the ordinary change of phase.
    """
    held = Enrolment.objects.main().filter(child=child).select_related("school").order_by("start", "pk")
    place = _left(list(held), start)
    if place is None or place.school_id == school.pk:
        return None
    ordinary = _ordinary(place.school, child, start) or _carries_on(school, place.school)
    return None if ordinary else place


def moves_among(places: QuerySet[Enrolment]) -> list[tuple[Enrolment, Enrolment]]:
    """Of main places that began, those that were moves, each with the place that was left. Three queries, however many."""
    began = list(places.select_related("child", "school"))
    held: dict[int, list[Enrolment]] = {place.child_id: [] for place in began}
    for place in Enrolment.objects.main().filter(child__in=held).select_related("school").order_by("start", "pk"):
        held[place.child_id].append(place)
    links = set(SchoolLink.objects.values_list("predecessor", "successor"))
    pairs = [(place, _left(held[place.child_id], place.start)) for place in began]
    return [
        (place, left)
        for place, left in pairs
        if left is not None
        and left.school_id != place.school_id
        and (left.school_id, place.school_id) not in links
        and not _ordinary(left.school, place.child, place.start)
    ]


def _left(held: Sequence[Enrolment], start: date) -> Enrolment | None:
    """Of a child's main places in order: the one on the day before the start, or else the last that ended within six weeks."""
    before = [
        place
        for place in held
        if place.start < start
        and (place.end is None or place.end > start - ONE_MOVE)
        and not (place.end is not None and place.end <= start and place.end_reason == EXCLUDED)
    ]
    return before[-1] if before else None


def _ordinary(old: School, child: Child, start: date) -> bool:
    """Whether the old school could not be kept: it had closed, or does not teach the child's year."""
    return _closed(old, start) or _next_phase(old, curriculum_year(child.date_of_birth, start), start)


def _closed(school: School, start: date) -> bool:
    """Whether it takes no pupils on the day; closed on a day that the register does not give counts as closed."""
    if school.closed_on is None:
        return school.status == School.Status.CLOSED
    return school.closed_on <= start and school.status in {School.Status.CLOSED, School.Status.CLOSING}


def _carries_on(school: School, old: School) -> bool:
    return SchoolLink.objects.filter(predecessor=old, successor=school).exists()


def _next_phase(old: School, year: int, start: date) -> bool:
    if start.month in LATE_SUMMER and year in {RECEPTION, SIXTH_FORM_YEAR}:
        return True
    if old.high_age is None:
        return start.month in LATE_SUMMER and year == SECONDARY_YEAR
    return old.high_age < year + AGE_IN_RECEPTION
