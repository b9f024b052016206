"""When a start at a school is a move away from another, and when it is only the next school of an ordinary school life.

The ages that a school teaches are the register's: a school whose oldest are 11 ends with Year 6. Reception and Year 12 begin anew for
every child: a nursery place gives none in Reception (School Admissions Code), and after Year 11 each chooses a sixth form or a
college; a start there in late summer is no move, whatever else the old school teaches.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet

from children.closures import SUMMER
from children.enums import MAIN_SCHOOL
from children.models import Child, Enrolment, School, SchoolLink
from virtualschool.kernel.dates import today
from virtualschool.rulebook.schoolyear import RECEPTION, curriculum_year

SECONDARY_YEAR, SIXTH_FORM_YEAR = 7, 12
LATE_SUMMER = (8, 9)  # months in which a school year begins
AGE_IN_RECEPTION = 5  # years: the age that a child reaches in Reception; in Year 6 it is 11
EXCLUDED = "Permanently excluded"  # why a place ended that nobody on the child's side gave up
# The register's own summer, from the first days of July to the first of September: a place that ended so lately was left for the next.
ONE_MOVE = SUMMER


def move_from(child: Child, school: School, start: date, *, besides: Enrolment | None = None) -> Enrolment | None:
    """The main place that a start at ``school`` moves the child away from; None where the start is no move.

    A place that somebody ended at most a summer before is counted: to end one school first does not make it less of a move. One that
    a permanent exclusion ended is not: education elsewhere is owed at once. No move is a start with no such place; one before the child
    was known here; when the old school has closed by then, or the new one carries on from it; when the old school does not teach the
    child's year; and at the ordinary change of phase.

    ``besides``: a place held already whose start would be this one; what it ended is taken as going on.
    """
    place = place_left(child, start, besides=besides)
    if place is None or place.school_id == school.pk or is_history(child, start, place):
        return None
    ordinary = _ordinary(place.school, child, start) or _carries_on(school, place.school)
    return None if ordinary else place


def place_left(
    child: Child, start: date, *, besides: Enrolment | None = None, not_at: Sequence[int] = ()
) -> Enrolment | None:
    """The main place that a start on the day leaves behind, whatever the reason: held on the day before, or ended lately.

    ``besides``: as for ``move_from``. ``not_at``: schools, by their keys, that no start leaves.
    """
    rows = Enrolment.objects.main().filter(child=child).exclude(school__in=not_at)
    held = list(rows.select_related("school").order_by("start", "pk"))
    return _left(_without(besides, held) if besides else held, start)


def moves_among(places: QuerySet[Enrolment]) -> list[tuple[Enrolment, Enrolment]]:
    """Of main places that began, those that were moves, each with the place that was left. Three queries, however many."""
    began = list(places.select_related("child", "school"))
    held = _held_by(began)
    return _moves([(place, _left(held[place.child_id], place.start)) for place in began])


def left_over(seconds: QuerySet[Enrolment], on: date) -> list[tuple[Enrolment, Enrolment]]:
    """Of second and guest places that hold on the day, those that are all the child has left of two schools, each with the main place
    that ended. No other main place goes on or is planned. Three queries, however many.
    """
    beside = list(seconds.select_related("child", "school"))
    held = _held_by(beside)
    alone = [place for place in beside if all(main.end and main.end <= on for main in held[place.child_id])]
    return _moves(
        [(place, _left(held[place.child_id], max(place.start, *_ends(held[place.child_id])))) for place in alone]
    )


def day_of(place: Enrolment, left: Enrolment) -> date:
    """The day of a move: the first at the new school, or of a second place the first on which it was the only one."""
    return max(place.start, left.end) if left.end else place.start


def is_history(child: Child, start: date, left: Enrolment) -> bool:
    """Whether a start belongs to the time before the child was known here: what no care planning of ours could ask about.

    A place that is held today was not left so long ago, unless the child's record is only now being set up.
    """
    if start >= child.known_from:
        return False
    set_up = today() - child.known_from <= ONE_MOVE
    return set_up or (left.end is not None and left.end < child.known_from)


def gap_after(held: Iterable[Enrolment], start: date, end: date | None) -> date | None:
    """The first day from ``start`` to ``end`` (its first day that counts no more) on which none of the main places holds; None where one always does."""
    day = start
    for place in sorted(held, key=lambda one: one.start):
        if place.kind in MAIN_SCHOOL and place.start <= day and (place.end is None or place.end > day):
            if place.end is None or (end is not None and place.end >= end):
                return None
            day = place.end
    return day


def _without(besides: Enrolment, held: Sequence[Enrolment]) -> list[Enrolment]:
    """The places as they were before that one was planned."""
    others = [place for place in held if place.pk != besides.pk]
    for place in others:
        if place.end == besides.start:
            place.end = None
    return others


def _ends(held: Iterable[Enrolment]) -> list[date]:
    return [place.end for place in held if place.end is not None]


def _held_by(places: Iterable[Enrolment]) -> dict[int, list[Enrolment]]:
    """The main places of the children of these, by child and in order."""
    held: dict[int, list[Enrolment]] = {place.child_id: [] for place in places}
    for place in Enrolment.objects.main().filter(child__in=held).select_related("school").order_by("start", "pk"):
        held[place.child_id].append(place)
    return held


def _moves(pairs: Iterable[tuple[Enrolment, Enrolment | None]]) -> list[tuple[Enrolment, Enrolment]]:
    """Those that led from one school to another for which nothing ordinary is the reason."""
    links = set(SchoolLink.objects.values_list("predecessor", "successor"))
    return [
        (place, left)
        for place, left in pairs
        if left is not None
        and left.school_id != place.school_id
        and (left.school_id, place.school_id) not in links
        and not _ordinary(left.school, place.child, day_of(place, left))
    ]


def _left(held: Sequence[Enrolment], start: date) -> Enrolment | None:
    """Of a child's main places in order: the one on the day before the start, or else the last that ended within a summer."""
    before = [
        place
        for place in held
        if place.start < start
        and place.start != place.end  # one that never began was not left
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


def same_school(before: Enrolment | None, place: Enrolment) -> bool:
    """Whether two places are at one school, or the one carries on from the other's under another name."""
    if before is None:
        return False
    return before.school_id == place.school_id or _carries_on(place.school, before.school)


def _next_phase(old: School, year: int, start: date) -> bool:
    if start.month in LATE_SUMMER and year in {RECEPTION, SIXTH_FORM_YEAR}:
        return True
    if old.high_age is None:
        return start.month in LATE_SUMMER and year == SECONDARY_YEAR
    return old.high_age < year + AGE_IN_RECEPTION
