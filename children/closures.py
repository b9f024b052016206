"""When a school closes and another carries on from it: which day that is, and whose place at the one goes on at the other.

A merger, a conversion to an academy and a re-opening under another number are the same to a child: the school's name on the door changes.
That is no move of school, whoever recorded it and however: a place that ended at the predecessor on the very day on which the next
began at the successor is one place carried on.
"""

from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from children.models import Enrolment, School, SchoolLink

# The register's last day of the old school may be the last of July or August, and the first of the new one the first of September.
SUMMER = timedelta(days=62)
GONE = (School.Status.CLOSED, School.Status.CLOSING)


def closed_by(on: date, prefix: str = "") -> Q:
    """Schools that have closed by the day; of one without a date nobody knows since when, so it is none of them."""
    return Q(**{f"{prefix}closed_on__lte": on, f"{prefix}status__in": GONE})


def has_closed(school: School, on: date) -> bool:
    return school.closed_on is not None and school.closed_on <= on and school.status in GONE


def change_day(school: School, to: School) -> date:
    """The first day at the successor: the day the old school closed, or the day the new one opened where that is just after.

    Raises:
        ValueError: when the register does not say when the school closed.
    """
    if school.closed_on is None:
        raise ValueError(f"The register does not say when school {school.urn} closed.")
    if to.opened_on and school.closed_on < to.opened_on <= school.closed_on + SUMMER:
        return to.opened_on
    return school.closed_on


def left_on_roll(school: School, on: date) -> QuerySet[Enrolment]:
    """Places at a school that has closed by the day which were held when it did and have not been ended then."""
    if not has_closed(school, on):
        return Enrolment.objects.none()
    day = max((change_day(school, after) for after in school.successors.all()), default=school.closed_on)
    later = Q(end__isnull=True) | Q(end__gt=day)
    found: QuerySet[Enrolment] = Enrolment.objects.filter(later, school=school, start__lte=school.closed_on)
    return found


def carried_on() -> Exists:
    """For an outer query of enrolments: the place carries on from one at a school that has closed."""
    before = Enrolment.objects.filter(
        child=OuterRef("child"),
        end=OuterRef("start"),
        school__successor_links__successor=OuterRef("school"),
        school__closed_on__lte=OuterRef("start"),
        school__status__in=GONE,
    )
    return Exists(before)


def goes_on() -> Exists:
    """For an outer query of enrolments: the place goes on at the school that took the place of its own."""
    after = Enrolment.objects.filter(
        child=OuterRef("child"),
        start=OuterRef("end"),
        school__predecessor_links__predecessor=OuterRef("school"),
        school__predecessor_links__predecessor__closed_on__lte=OuterRef("end"),
        school__predecessor_links__predecessor__status__in=GONE,
    )
    return Exists(after)


def carried_from(place: Enrolment) -> Enrolment | None:
    """The place at the school before, where this one carries on from it."""
    before = Enrolment.objects.filter(
        closed_by(place.start, "school__"),
        child=place.child_id,
        end=place.start,
        school__in=SchoolLink.objects.filter(successor=place.school_id).values("predecessor"),
    )
    found: Enrolment | None = before.select_related("school").first()
    return found


def carried_to(place: Enrolment) -> Enrolment | None:
    """The place at the school after, where that carries on from this one."""
    after = Enrolment.objects.filter(
        carried_on(),
        child=place.child_id,
        start=place.end,
        school__in=SchoolLink.objects.filter(predecessor=place.school_id).values("successor"),
    )
    found: Enrolment | None = after.select_related("school").first()
    return found if place.end is not None else None


def names_of(school: School, on: date) -> list[int]:
    """The school, and those that had closed by the day and that it carries on from, by their keys: one school under several names."""
    return [school.pk, *(before.pk for before in school.predecessors.all() if has_closed(before, on))]


def became(school: School, to: School) -> str:
    """Why a place at the old school ended, in words."""
    turned = "academ" in to.type_group.casefold() and "academ" not in school.type_group.casefold()
    alone = school.successors.count() == 1 and to.predecessors.count() == 1
    return "The school became an academy" if turned and alone else "The school closed"


def names_beside(places: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """The places with whose they are, in the order of a list."""
    return places.select_related("child", "school").order_by(
        F("child__last_name").asc(), F("child__first_names").asc(), "child", "start"
    )
