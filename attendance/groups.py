"""Rates by group: each child in one group of a kind, counted by their own sessions, so that groups add up to the whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from attendance import figures
from attendance.figures import Span
from attendance.rates import Sessions, by_child
from attendance.yearbits import Window
from children.enums import MAIN_SCHOOL
from children.models import CarePlacement, Child, PeriodOfCare, School
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.rulebook import schoolyear

EARLIER = 3
NOBODYS = "none"
LONG = "long"
KINDS = {
    "all": "All children",
    "school": "School",
    "phase": "Phase",
    "stage": "Key stage",
    "year": "Year group",
    "area": "In or out of our area",
    "cohort": "Time in care",
}
BY_LEGAL = ("area", "cohort")
YEAR_IN_CARE = 12  # months: the children whom the Department publishes figures of
OF_CHILD = dict[int, Sessions]


@dataclass(frozen=True)
class Group:
    """Children that belong together, with their sessions by primary key."""

    key: str
    words: str
    sessions: OF_CHILD

    @property
    def whole(self) -> Sessions:
        """As if they attended a single school."""
        return sum(self.sessions.values(), Sessions())


def kinds(user: User) -> dict[str, str]:
    """The kinds of group for this reader: where a child is placed, and since when, is not for every role that reads attendance."""
    return {key: words for key, words in KINDS.items() if key not in BY_LEGAL or user.reads(FieldGroup.LEGAL)}


def spans(on: date) -> dict[str, Span]:
    """This term and this academic year up to the day, and earlier years. Each lies within one academic year."""
    this = schoolyear.academic_year(on)
    earlier = {
        str(year): Span(
            str(year), f"Academic year {schoolyear.year_words(year)}", Window(date(year, 9, 1), date(year + 1, 8, 31))
        )
        for year in range(this - 1, this - 1 - EARLIER, -1)
    }
    return {**figures.spans(on), **earlier}


def groups(user: User, kind: str, window: Window) -> list[Group]:
    """The groups of a kind, of the reader's children with a possible session; the one of all is there without any. Three queries at most."""
    sessions = by_child(figures.counted(user), {"of": window})
    found = {pk: one["of"] for pk, one in sessions.items() if one["of"].possible}
    if kind == "all":
        return [Group("all", "All children", found)]
    if kind == "school":
        return _by_school(found, window)
    label = _label(user, kind, window, list(found))
    sorted_in: dict[tuple[Any, str, str], OF_CHILD] = {}
    for pk, one in found.items():
        sorted_in.setdefault(label(pk), {})[pk] = one
    return [Group(key, words, those) for (_, key, words), those in sorted(sorted_in.items(), key=lambda item: item[0])]


def _label(user: User, kind: str, window: Window, pks: list[int]) -> Callable[[int], tuple[Any, str, str]]:
    """For each child the place in the order, the key and the words of its group."""
    if kind == "area":
        placed = CarePlacement.objects.visible_to(user).filter(periods.on(today()), child__in=pks)
        out = dict(placed.values_list("child_id", "out_of_area"))
        words = {True: (1, "out", "Outside our area"), False: (0, "in", "In our area")}
        return lambda pk: words.get(out.get(pk), (2, NOBODYS, "No care placement recorded"))  # type: ignore[arg-type]
    if kind == "cohort":
        return _by_time_in_care(user, pks)
    born = dict(Child.objects.visible_to(user).filter(pk__in=pks).values_list("pk", "date_of_birth"))
    return lambda pk: _by_age(kind, schoolyear.curriculum_year(born[pk], window.first))


def _by_time_in_care(user: User, pks: list[int]) -> Callable[[int], tuple[Any, str, str]]:
    """Twelve months without a break up to today, which is nearest to the children of the published figures, or less."""
    first = schoolyear.add_months(today(), -YEAR_IN_CARE)
    periods_now = PeriodOfCare.objects.visible_to(user).filter(periods.on(today()), child__in=pks, start__lte=first)
    long = set(periods_now.values_list("child_id", flat=True))
    words = {True: (0, LONG, "Twelve months or more"), False: (1, "short", "Less than twelve months")}
    return lambda pk: words[pk in long]


def _by_age(kind: str, year: int) -> tuple[Any, str, str]:
    if kind == "year":
        held = min(max(year, -2), schoolyear.LAST_YEAR + 1)
        return held, str(held), schoolyear.curriculum_year_words(held)
    if kind == "stage":
        stage = schoolyear.key_stage(year)
        order = [name for _, name in schoolyear.KEY_STAGES]
        return (order.index(stage), stage, stage) if stage else (len(order), NOBODYS, "Past Year 13")
    phase = schoolyear.phase(year)
    return list(schoolyear.PHASES).index(phase), phase, schoolyear.PHASES[phase]


# Ones from the first session of the child's time on the roll to the last, cut to the window. A child has one main school at a time,
# so that no session counts at two.
_AT_SCHOOLS = """
    SELECT e.school_id, y.child_id, sum(bit_count(y.possible & m.mask))::int, sum(bit_count(y.absent & m.mask))::int,
           sum(bit_count(y.unauthorised & m.mask))::int
    FROM attendance_year y
    JOIN unnest(%(years)s::smallint[], %(masks)s::text[]) w (year, mask) ON w.year = y.year
    JOIN children_enrolment e ON e.child_id = y.child_id AND e.kind = ANY(%(kinds)s)
    CROSS JOIN LATERAL (VALUES (
        least(greatest(2 * (e.start - make_date(y.year, 8, 1)), 0), 732),
        least(greatest(2 * (coalesce(e."end", make_date(y.year + 1, 8, 1)) - make_date(y.year, 8, 1)), 0), 732)
    )) p (first, past)
    CROSS JOIN LATERAL (VALUES (
        w.mask::bit(732) & (~ B'0'::bit(732) >> p.first) & ~ (~ B'0'::bit(732) >> p.past)
    )) m (mask)
    WHERE y.child_id = ANY(%(children)s) AND p.first < p.past
    GROUP BY e.school_id, y.child_id
    HAVING sum(bit_count(y.possible & m.mask)) > 0
"""


def _by_school(found: OF_CHILD, window: Window) -> list[Group]:
    """By the school on whose roll the child was on the day; sessions of days on no roll stand apart."""
    at: dict[int, OF_CHILD] = {}
    rest = dict(found)
    for school, child, *counts in _at_schools(list(found), window):
        one = Sessions(*counts)
        at.setdefault(school, {})[child] = one
        rest[child] = _without(rest[child], one)
    schools = School.objects.filter(pk__in=at).order_by("name", "urn").values_list("pk", "uuid", "name")
    groups = [Group(str(uuid), name, at[pk]) for pk, uuid, name in schools]
    nobodys = {pk: one for pk, one in rest.items() if one.possible}
    return [*groups, Group(NOBODYS, "On no school's roll here", nobodys)] if nobodys else groups


def _at_schools(children: list[int], window: Window) -> list[tuple[int, ...]]:
    years = list(window.years())
    given = {
        "years": years,
        "masks": [window.mask(year) for year in years],
        "kinds": [str(kind) for kind in MAIN_SCHOOL],
        "children": children,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AT_SCHOOLS, given)
        return list(cursor.fetchall())


def _without(one: Sessions, part: Sessions) -> Sessions:
    return Sessions(one.possible - part.possible, one.absent - part.absent, one.unauthorised - part.unauthorised)
