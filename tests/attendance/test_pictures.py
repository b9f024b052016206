"""A year as a strip: each cell follows from its mark, and a day without one from the calendar and the roll."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance.codes import CODES
from attendance.pictures import weekly
from attendance.pictures.strip import LEGEND, Record, look_of, strip
from attendance.rates import Sessions
from attendance.yearbits import Window
from children.models import Child
from tests import personas
from tests.factories.attendance import mark, weekdays
from tests.factories.children import ChildFactory, EnrolmentFactory
from virtualschool.rulebook.calendars import Calendars, Span

MONDAY = date(2026, 11, 9)
AUTUMN = Span(date(2027, 9, 2), date(2027, 12, 18), "autumn", (2027, "autumn"))
SPRING = Span(date(2028, 1, 4), date(2028, 4, 1), "spring", (2027, "spring"))
SUMMER = Span(date(2028, 4, 17), date(2028, 7, 22), "summer", (2027, "summer"))
HALF_TERMS = [
    Span(date(2027, 10, 25), date(2027, 10, 30), "half term"),
    Span(date(2028, 2, 14), date(2028, 2, 19), "half term"),
    Span(date(2028, 5, 29), date(2028, 6, 3), "half term"),
]
HOLIDAYS = {date(2027, 12, 27): "Christmas Day", date(2028, 5, 1): "Early May"}
KNOWN = Calendars(HOLIDAYS, {"": [AUTUMN, SPRING, SUMMER]}, {"": HALF_TERMS})
ROLL = ((date(2027, 9, 1), None, "100001"),)
LATER = date(2028, 8, 1)


def cells(**more):
    """For each day that a strip shows, the looks of its halves."""
    drawn = strip(2027, Record(KNOWN, **{"today": LATER, "places": ROLL, **more}))
    return {day.on: tuple(half.look.key for half in day.halves) for part in drawn.parts for day in part.days}


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("/", "present"),
        ("\\", "present"),
        ("V", "present"),
        ("L", "late"),
        ("I", "authorised"),
        ("C2", "authorised"),
        ("G", "unauthorised"),
        ("U", "unauthorised"),
        ("N", "unexplained"),
        ("O", "unexplained"),
        ("X", "not-possible"),
        ("Y7", "not-possible"),
        ("#", "no-school"),
    ],
)
def test_each_code_has_its_look(code, key):
    assert look_of(CODES[code]).key == key


def test_looks_differ_by_letter_and_not_by_colour_alone():
    assert all(look_of(code) in LEGEND for code in CODES.values())
    assert len({look.letter for look in LEGEND}) == len({look.key for look in LEGEND}) == len(LEGEND)


@pytest.mark.parametrize(
    ("on", "shown"),
    [
        (date(2027, 9, 1), None),  # before term
        (date(2027, 9, 2), ("no-mark", "no-mark")),
        (date(2027, 9, 4), None),  # a Saturday
        (date(2027, 10, 27), None),  # half-term
        (date(2027, 11, 1), ("no-mark", "no-mark")),  # the Monday after the clocks went back
        (date(2028, 2, 29), ("no-mark", "no-mark")),  # a leap day
        (date(2028, 3, 27), ("no-mark", "no-mark")),  # the Monday after the clocks went forward
        (date(2028, 5, 1), None),  # a bank holiday
        (date(2028, 7, 21), ("no-mark", "no-mark")),
        (date(2028, 7, 24), None),  # summer
    ],
)
def test_a_day_without_a_mark_follows_from_the_calendar(on, shown):
    assert cells().get(on) == shown


def test_every_school_day_is_a_cell_and_a_mark_is_shown_on_any_day():
    days = [day for day in weekdays(date(2027, 9, 1), date(2028, 8, 31)) if KNOWN.school_days().counts(day)]
    assert sorted(cells()) == days
    marked = {day: ("/", "I" if day.day == 29 else None) for day in [*days, date(2027, 10, 30), date(2028, 8, 31)]}
    shown = cells(marks=marked)
    assert sorted(shown) == sorted(marked)
    assert shown[date(2028, 2, 29)] == ("present", "authorised")
    assert shown[date(2028, 2, 28)] == ("present", "no-mark")
    assert shown[date(2028, 8, 31)] == ("present", "no-school")
    assert cells(marks={date(2027, 8, 31): ("/", "/"), date(2028, 9, 1): ("/", "/")}) == cells()


@pytest.mark.parametrize(
    ("on", "places", "today", "shown"),
    [
        (date(2027, 9, 6), (), LATER, "not-asked"),
        (date(2027, 9, 6), ((date(2027, 9, 7), None, "1"),), LATER, "not-asked"),
        (date(2027, 9, 7), ((date(2027, 9, 7), date(2027, 9, 8), "1"),), LATER, "no-mark"),
        (date(2027, 9, 8), ((date(2027, 9, 7), date(2027, 9, 8), "1"),), LATER, "not-asked"),
        (date(2027, 9, 6), ROLL, date(2027, 9, 6), "to-come"),
        (date(2027, 9, 6), ROLL, date(2027, 9, 7), "no-mark"),
    ],
)
def test_silence_is_told_only_of_a_child_on_a_roll_and_of_days_gone_by(on, places, today, shown):
    assert cells(places=places, today=today)[on] == (shown, shown)


def test_weeks_stand_in_half_terms_and_those_to_come_are_left_out():
    words = [part.words for part in strip(2027, Record(KNOWN, LATER, places=ROLL)).parts]
    assert words == [
        f"{term} term 2027/28, {half} half" for term in ("Autumn", "Spring", "Summer") for half in ("first", "second")
    ]
    assert len(strip(2027, Record(KNOWN, date(2027, 11, 1), places=ROLL)).parts) == 2
    assert strip(2027, Record(KNOWN, date(2027, 9, 1))).parts == ()


def test_a_school_that_teaches_on_saturdays_has_a_column_for_it():
    assert strip(2027, Record(KNOWN, LATER)).weekdays[-1] == "Friday"
    assert strip(2027, Record(KNOWN, LATER, marks={date(2027, 9, 4): ("/", None)})).weekdays[-1] == "Saturday"


# ---------------------------------------------------------------- the page


@pytest.fixture
def people(db):
    cast = personas.cast()
    mark(cast.amy, weekdays(date(2026, 9, 14), MONDAY), "/", "I")
    return cast


def year_of(child, query=""):
    return reverse("attendance:year", args=[child.uuid]) + query


def shown(response):
    return {day.on: day for part in response.context["strip"].parts for day in part.days}


def test_the_page_tells_marks_differences_and_corrections_in_words(get, people):
    mark(people.amy, MONDAY, "/", "N")
    mark(people.amy, MONDAY, "L", None, source="import")
    response = get("socialworker", year_of(people.amy))
    day = shown(response)[MONDAY]
    told = ["/ present, morning, another source differs", "N reason not yet known, corrected"]
    assert [half.words for half in day.halves] == told
    html = response.content.decode()
    assert all(words in html for words in ["vs-strip__half--disputed", "vs-strip__half--corrected", *told])
    assert shown(response)[MONDAY + timedelta(1)].halves[0].look.key == "to-come"


def test_earlier_years_are_those_with_marks(get, people):
    assert [one["text"] for one in get("iro", year_of(people.amy)).context["years"]] == ["2026/27"]
    mark(people.amy, date(2024, 2, 29), "/", "G")
    response = get("iro", year_of(people.amy, "?year=2023"))
    assert [one["text"] for one in response.context["years"]] == ["2026/27", "2023/24"]
    assert [half.look.key for half in shown(response)[date(2024, 2, 29)].halves] == ["present", "unauthorised"]


@pytest.mark.parametrize("query", ["2022", "2027", "x", "9" * 5000])
def test_a_year_that_there_is_not(get, people, query):
    assert get("vsh", year_of(people.amy, f"?year={query}")).status_code == 404


@pytest.mark.parametrize(
    ("role", "child", "status"),
    [("teacher", "amy", 200), ("teacher", "bob", 404), ("socialworker", "bob", 404), ("sen", "amy", 403)],
)
def test_the_strip_is_for_those_who_read_the_childs_attendance(get, people, role, child, status):
    assert get(role, year_of(getattr(people, child))).status_code == status


def queries_of(get, address):
    get("ala", address)
    with CaptureQueriesContext(connection) as caught:
        assert get("ala", address).status_code == 200
    return len(caught)


def test_a_strip_takes_as_many_queries_for_many_marks_as_for_few(get, people):
    few = ChildFactory(in_care=True)
    mark(few, MONDAY)
    mark(people.amy, MONDAY, "N", "N", source="import")
    assert queries_of(get, year_of(people.amy)) == queries_of(get, year_of(few))


# ---------------------------------------------------------------- week by week

WEEKS = reverse("attendance:weeks")


def test_weeks_cover_each_day_of_a_year_once():
    for year in (2023, 2026, 2027):  # with a leap day; beginning on a Tuesday; on a Wednesday
        found = weekly.weeks(year, date(2099, 1, 1))
        days = [one.first + timedelta(n) for one in found for n in range((one.last - one.first).days + 1)]
        assert days == [date(year, 9, 1) + timedelta(n) for n in range((date(year + 1, 9, 1) - date(year, 9, 1)).days)]
        assert {one.first.weekday() for one in found[1:]} == {0}
    assert weekly.weeks(2026, date(2026, 9, 9))[-1] == Window(date(2026, 9, 7), date(2026, 9, 9))
    assert weekly.weeks(2026, date(2026, 8, 31)) == []


def test_bars_are_exact_and_a_week_without_a_session_is_a_gap():
    windows = weekly.weeks(2026, date(2026, 9, 20))
    drawn = weekly.trend("All", windows, [Sessions(10, 1), Sessions(), Sessions(8, 8, 8)])
    assert [(bar.week, bar.words, bar.height) for bar in drawn.bars] == [
        ("1 September 2026", "90.0%", 108.0),
        ("14 September 2026", "0.0%", 0.0),
    ]
    assert weekly.trend("All", [], []).summary == "All: no marks"


def test_weeks_of_all_and_of_one_school_are_those_of_the_marks(get, people):
    moved = ChildFactory(in_care=True)
    EnrolmentFactory(child=moved, school=people.school, start=date(2023, 9, 1), end=date(2024, 3, 1))
    EnrolmentFactory(child=moved, school=people.other_school, start=date(2024, 3, 1))
    leap = weekdays(date(2024, 2, 26), date(2024, 3, 1))  # Thursday is the leap day; on Friday the child is elsewhere
    mark(moved, leap, "/", "G")
    mark(moved, weekdays(date(2024, 3, 25), date(2024, 4, 5)), "I", "X")  # either side of the clocks going forward
    windows, everybody = weekly.weeks(2023, date(2024, 8, 31)), Child.objects.all()
    told = {
        name: {window.first: one for window, one in zip(windows, found, strict=True) if one.possible}
        for name, found in {
            "all": weekly.of_children(everybody, windows),
            "first": weekly.of_school(everybody, people.school, windows),
            "second": weekly.of_school(everybody, people.other_school, windows),
        }.items()
    }
    before, after = date(2024, 3, 25), date(2024, 4, 1)
    assert told == {
        "all": {leap[0]: Sessions(10, 5, 5), before: Sessions(5, 5), after: Sessions(5, 5)},
        "first": {leap[0]: Sessions(8, 4, 4)},
        "second": {leap[0]: Sessions(2, 1, 1), before: Sessions(5, 5), after: Sessions(5, 5)},
    }
    page = get("ala", f"{WEEKS}?year=2023&school={people.school.uuid}")
    assert [(bar.week, bar.words) for bar in page.context["chart"].bars] == [("26 February 2024", "50.0%")]


@pytest.mark.parametrize(
    "query", ["", "?year=x", "?school=x", "?year=2026&school=00000000-0000-0000-0000-000000000000"]
)
def test_weeks_are_of_the_readers_own_children(get, people, query):
    mark(people.bob, weekdays(date(2026, 9, 14), MONDAY), "/", "/")
    shares = {
        role: {bar.words for bar in get(role, WEEKS + query).context["chart"].bars} for role in ("vsh", "teacher")
    }
    assert shares == {"vsh": {"75.0%"}, "teacher": {"50.0%"}}


def test_a_childs_page_has_its_own_weeks(get, people):
    bars = get("iro", year_of(people.amy)).context["chart"].bars
    assert (len(bars), {bar.words for bar in bars}) == (9, {"50.0%"})


def test_weeks_take_as_many_queries_for_many_children_as_for_few(get, people):
    def asked():
        return [queries_of(get, WEEKS), queries_of(get, f"{WEEKS}?year=2026&school={people.school.uuid}")]

    few = asked()
    for child in ChildFactory.create_batch(3, in_care=True):
        EnrolmentFactory(child=child, school=people.school, start=date(2026, 9, 1))
        mark(child, MONDAY)
    assert asked() == few
