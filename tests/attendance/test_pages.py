"""Attendance on pages: who sees whose, each number with its list, a day's marks entered once."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance import timeline
from attendance.models import AttendanceDay, MarkChange, MarkDispute
from tests import personas
from tests.factories.attendance import mark, weekdays
from tests.factories.children import ChildFactory, EnrolmentFactory
from virtualschool.audit.models import AccessLog, AuditEvent
from virtualschool.kernel.dates import moment, standing_at, today

pytestmark = pytest.mark.django_db
READERS = ("vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro", "teacher", "data")
MARKERS = ("vsh", "teacher", "data")
MONDAY = date(2026, 11, 9)
RATES, MARKS, DIFFERENCES = (reverse(f"attendance:{name}") for name in ("rates", "marks", "disputes"))


@pytest.fixture
def people():
    cast = personas.cast()
    days = weekdays(date(2026, 9, 14), MONDAY)
    mark(cast.amy, days, "/", "I")
    mark(cast.bob, days, "/", "\\")
    return cast


def child_page(child):
    return reverse("attendance:child", args=[child.uuid])


def everybody(figure="marked", span="year"):
    return reverse("attendance:list", args=[span, figure])


# ---------------------------------------------------------------- who sees whose


@pytest.mark.parametrize("role", personas.NAMES)
def test_roles_that_read_attendance_see_the_figures(get, role):
    wanted = 200 if role in READERS else 403
    assert [get(role, address).status_code for address in (RATES, everybody(), DIFFERENCES)] == [wanted] * 3


@pytest.mark.parametrize("role", personas.NAMES)
def test_a_childs_attendance_is_for_those_who_reach_the_child(get, people, role):
    response = get(role, child_page(people.amy))
    assert response.status_code == (200 if role in READERS else 404 if role == "dpo" else 403)


@pytest.mark.parametrize("role", personas.DATED)
def test_a_stranger_gets_404(get, people, role):
    assert get(role, child_page(people.amy), of=people.outsiders).status_code == 404


@pytest.mark.parametrize("role", ["socialworker", "manager", "iro", "teacher", "support"])
def test_lists_have_the_readers_own_children_alone(get, people, role):
    page = get(role, everybody()).content.decode()
    assert (people.amy.name in page, people.bob.name in page) == (True, False)


def test_a_list_is_logged_with_the_children_it_shows(get, people):
    get("ala", everybody())
    row = AccessLog.objects.latest("pk")
    assert (row.route, sorted(row.child_ids), row.fields) == (
        "attendance:list",
        sorted([people.amy.pk, people.bob.pk]),
        ["attendance"],
    )


# ---------------------------------------------------------------- numbers and lists


def stats(response):
    return {one["label"]: one["number"] for one in response.context["spans"][1]["figures"]}


def test_the_figures_are_those_of_one_school(get):
    assert stats(get("ala", RATES)) == {
        "attendance": "75.0%",
        "authorised absence": "25.0%",
        "unauthorised absence": "0.0%",
        "children with sessions": 2,
        "below good attendance": 1,
        "persistently absent": 1,
        "severely absent": 1,
    }
    assert stats(get("socialworker", RATES))["attendance"] == "50.0%"


def test_every_number_opens_the_list_that_it_counts(get):
    for span in get("ala", RATES).context["spans"]:
        for one in span["figures"]:
            opened = get("ala", one["href"])
            if isinstance(one["number"], int):
                assert opened.context["pages"].total == one["number"]
            else:
                assert opened.context["whole"] == span["figures"][0]["number"]


def test_short_breaks_stand_in_no_figure(get):
    mark(ChildFactory(in_short_breaks=True), MONDAY)
    assert stats(get("ala", RATES))["children with sessions"] == 2


@pytest.mark.parametrize(("span", "figure"), [("week", "marked"), ("year", "nobody")])
def test_a_list_that_there_is_not(get, span, figure):
    assert get("ala", everybody(figure, span)).status_code == 404


def test_without_any_mark_there_is_nothing_to_share(get):
    newcomer = personas.person("socialworker", email="new@council.example")
    told = stats(get("socialworker", RATES, of={"socialworker": newcomer}))
    assert (told["attendance"], told["children with sessions"]) == ("–", 0)


def queries_of(get, address):
    get("ala", address)
    with CaptureQueriesContext(connection) as caught:
        assert get("ala", address).status_code == 200
    return len(caught)


def test_pages_take_as_many_queries_for_many_children_as_for_few(get, people):
    addresses = (RATES, everybody(), DIFFERENCES, child_page(people.amy))

    def more(count):
        for child in [people.amy, *ChildFactory.create_batch(count, in_care=True)]:
            mark(child, MONDAY - timedelta(count), "/", "N")
            mark(child, MONDAY - timedelta(count), "I", "N", source="import")
        return [queries_of(get, address) for address in addresses]

    assert more(1) == more(6)


# ---------------------------------------------------------------- a child


def rows_of(table):
    return [[" ".join(filter(None, (drawn.cell.text, drawn.cell.hint))) for drawn in row] for row in table.rows]


def test_a_childs_page_has_terms_absences_differences_and_corrections(get, people):
    mark(people.amy, MONDAY, "/", "N")
    mark(people.amy, MONDAY, "L", None, source="import")
    context = get("socialworker", child_page(people.amy)).context
    assert rows_of(context["terms"])[0] == ["Academic year 2026/27", "82", "41", "40", "1", "50.0%"]
    assert rows_of(context["absences"])[0] == [
        "9 November 2026",
        "/ present, morning",
        "N reason not yet known",
    ]
    assert rows_of(context["differences"]) == [
        ["9 November 2026, morning", "/ school: present, morning", "L import: late, before register closed"]
    ]
    assert [row[:3] for row in rows_of(context["corrections"])] == [
        ["9 November 2026, afternoon", "I illness", "N reason not yet known"]
    ]


def test_differences_are_listed_with_both_sides(get, people):
    mark(people.amy, MONDAY, "N", None, source="Collector")
    response = get("ala", DIFFERENCES)
    assert rows_of(response.context["table"]) == [
        [people.amy.name, "9 November 2026, morning", "/ school: present, morning", "N collector: reason not yet known"]
    ]
    assert "1 session on which two sources differ" in " ".join(get("ala", RATES).content.decode().split())
    assert rows_of(get("teacher", DIFFERENCES, of=people.outsiders).context["table"]) == []


def test_the_timeline_has_a_moment_for_each_week_with_absences(people, django_assert_num_queries):
    with django_assert_num_queries(6):
        told = timeline.moments(people.amy, user=people.socialworker)
    assert (told[0].on, told[0].title, told[0].text) == (MONDAY, "Absent for 1 session in the week", "illness: 1")
    assert (told[1].title, len(told)) == ("Absent for 5 sessions in the week", 9)
    assert timeline.moments(people.bob, user=people.ala) == []
    assert timeline.moments(people.amy, user=people.sen) == []


# ---------------------------------------------------------------- entering marks


def boxes(child, on=None):
    return [f"{half}_{child.uuid}_{on or today()}" for half in ("am", "pm")]


def opened(client, address=MARKS):
    """The boxes of the page as they are drawn."""
    form = client.get(address).context["form"]
    return {name: form[name].value() for name in form.fields} if form else {}


def enter(client, child, am, pm, address=MARKS, on=None):
    return client.post(address, opened(client, address) | dict(zip(boxes(child, on), (am, pm), strict=True)))


def day(on, **more):
    asked = {"on-day": on.day, "on-month": on.month, "on-year": on.year, **more}
    return f"{MARKS}?" + "&".join(f"{name}={value}" for name, value in asked.items())


@pytest.mark.parametrize("role", personas.NAMES)
def test_who_enters_marks(get, role):
    assert get(role, MARKS).status_code == (200 if role in MARKERS else 403)


def test_a_designated_teacher_enters_todays_marks(client, get, people):
    page = get("teacher", MARKS).content.decode()
    assert (people.amy.name in page, people.bob.name in page) == (True, False)
    assert enter(client, people.amy, "/", "N").status_code == 302
    held = AttendanceDay.objects.get(child=people.amy, date=today())
    assert (held.am, held.pm) == ("/", "N")
    event = AuditEvent.objects.filter(verb="attendance.marked").get()
    assert (event.by, event.child_id, event.data) == (
        str(people.teacher.pk),
        str(people.amy.pk),
        {"on": today().isoformat(), "am": "/", "pm": "N"},
    )


def test_on_a_sunday_the_last_school_day_is_offered_and_the_sunday_said_to_be_none(get):
    sunday = date(2026, 11, 15)
    with standing_at(moment(sunday, 10)):
        assert get("teacher", MARKS).context["day"] == "13 November 2026"
        page = get("teacher", day(sunday))
    assert (page.context["day"], page.context["no_school"]) == ("15 November 2026", "Sunday")
    assert get("teacher", day(MONDAY)).context["no_school"] == ""


def test_the_same_marks_again_change_nothing(client, get, people):
    get("teacher", MARKS)
    enter(client, people.amy, "/", "N")
    enter(client, people.amy, "/", "N")
    assert (AuditEvent.objects.filter(verb="attendance.marked").count(), MarkChange.objects.count()) == (1, 0)


def test_a_correction_is_kept_with_who_made_it_and_an_empty_one_changes_nothing(client, get, people):
    get("teacher", MARKS)
    enter(client, people.amy, "", "L", day(MONDAY), MONDAY)
    held = AttendanceDay.objects.get(child=people.amy, date=MONDAY)
    assert (held.am, held.pm) == ("/", "L")
    change = MarkChange.objects.get()
    assert (change.session, change.was, change.became, change.user_id) == ("PM", "I", "L", str(people.teacher.pk))


def test_the_schools_word_counts_and_the_feeds_is_listed(client, get, people):
    mark(people.amy, today(), "N", None, source="import")
    get("teacher", MARKS)
    enter(client, people.amy, "/", "")
    assert AttendanceDay.objects.get(child=people.amy, date=today()).am == "/"
    assert MarkDispute.objects.open().get().code == "N"


def test_a_day_shows_the_marks_that_stand_and_the_codes_of_its_time(get, people):
    form = get("teacher", day(MONDAY)).context["form"]
    assert form[boxes(people.amy, MONDAY)[1]].value() == "I"
    people.amy.enrolments.update(start=date(2023, 1, 1))
    offered = [
        {code for code, _ in get("teacher", day(on)).context["form"].fields[boxes(people.amy, on)[0]].choices}
        for on in (date(2024, 8, 18), date(2024, 8, 19))
    ]
    assert (offered[0] - offered[1], "Y1" in offered[0], "Y1" in offered[1]) == ({"H", "J", "Y"}, False, True)


@pytest.mark.parametrize("on", [date(2026, 11, 11), date(2099, 1, 1)])
def test_a_day_to_come_has_no_marks(client, get, people, on):
    response = get("teacher", day(on))
    assert (response.context["form"], response.status_code) == (None, 200)
    enter(client, people.amy, "/", "/", day(on))
    assert not AttendanceDay.objects.filter(date__gt=today()).exists()


@pytest.mark.parametrize(
    "query", ["on-day=x&on-month=1&on-year=2026", "on-day=&on-month=&on-year=1", "on=2026-11-09", "school=x"]
)
def test_an_odd_day_is_no_error_of_the_service(get, query):
    assert get("teacher", f"{MARKS}?{query}").status_code == 200
    assert get("data", f"{MARKS}?{query}").status_code == 200


def test_a_code_that_was_not_offered_is_not_taken(client, get, people):
    get("teacher", MARKS)
    response = enter(client, people.amy, "H", "")
    assert (response.status_code, list(response.context["form"].errors)) == (200, boxes(people.amy)[:1])


def test_on_a_day_before_the_child_came_the_school_has_nobody_to_mark(get, people):
    start = people.amy.enrolments.get().start
    assert get("teacher", day(start)).context["form"] is not None
    assert get("teacher", day(start - timedelta(1))).context["form"] is None


def test_whoever_reaches_the_whole_roll_chooses_a_school(client, get, people):
    assert get("data", MARKS).context["form"] is None
    asked = day(today(), school=people.school.uuid)
    form = get("data", asked).context["form"]
    assert form.places == [(people.amy, today())]
    enter(client, people.amy, "/", "/", asked)
    assert AttendanceDay.objects.filter(child=people.amy, date=today()).exists()


def test_a_child_at_two_schools_is_marked_once(get, people):
    EnrolmentFactory(child=people.amy, school=people.other_school, second=True)
    assert get("teacher", MARKS).context["form"].places == [(people.amy, today())]


def test_a_whole_week_is_entered_at_once(client, get, people):
    week = day(MONDAY, span="week")
    get("teacher", week)
    tuesday = MONDAY + timedelta(1)
    sent = dict(zip(boxes(people.amy, tuesday), ("I", "I"), strict=True)) | {boxes(people.amy, MONDAY)[1]: "L"}
    assert [on for _, on in client.get(week).context["form"].places] == [MONDAY, tuesday]
    assert client.post(week, opened(client, week) | sent).status_code == 302
    held = AttendanceDay.objects.filter(child=people.amy, date__gte=MONDAY).order_by("date")
    assert list(held.values_list("am", "pm")) == [("/", "L"), ("I", "I")]
    assert AuditEvent.objects.filter(verb="attendance.marked").count() == 2


def test_what_somebody_else_entered_meanwhile_is_told_and_not_written_over(client, get, people):
    get("teacher", day(MONDAY))
    stale = opened(client, day(MONDAY))
    mark(people.amy, MONDAY, "C", "N")
    am, pm = boxes(people.amy, MONDAY)
    answer = client.post(day(MONDAY), stale | {pm: "L"})
    held = AttendanceDay.objects.get(child=people.amy, date=MONDAY)
    assert (held.am, held.pm, answer.status_code) == ("C", "N", 200)
    assert answer.context["meanwhile"] == [f"{people.amy.name}, 9 November 2026, afternoon: N"]
    form = answer.context["form"]
    assert (form[am].value(), form[pm].value()) == ("C", "N")
    assert client.post(day(MONDAY), opened(client, day(MONDAY)) | {pm: "L"}).status_code == 302
    assert AttendanceDay.objects.get(child=people.amy, date=MONDAY).pm == "L"


@pytest.mark.parametrize("was", ["", "[]", "{", "null", '{"x": {}}', "[" * 20_000, '{"am": 9}'])
def test_an_odd_sign_of_what_was_shown_is_no_error_of_the_service(client, get, people, was):
    get("teacher", MARKS)
    assert client.post(MARKS, opened(client) | {"was": was, boxes(people.amy)[0]: "/"}).status_code in (200, 302)
