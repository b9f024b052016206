"""Lost education as pages tell it: what is gathered, who sees whom, numbers that open their lists, as many queries for one as for many."""

from datetime import date
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance.lost import cohort
from attendance.lost.reasons import Reason
from attendance.yearbits import Window
from children.models import Child
from tests.factories.attendance import (
    AlternativeProvisionFactory,
    ExclusionFactory,
    ReducedTimetableFactory,
    TimetableReviewFactory,
    mark,
    weekdays,
)
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory
from tests.factories.rulebook import set_rule
from virtualschool.audit.models import AccessLog, AuditEvent

pytestmark = pytest.mark.django_db
LIST, FILE = reverse("attendance:lost"), reverse("attendance:lost_file")
MONDAY, FRIDAY = date(2026, 11, 2), date(2026, 11, 6)
WEEK = weekdays(MONDAY, FRIDAY)
THIS = Window(MONDAY, FRIDAY)


def enrolled(**more):
    """On a roll since before the week, in Year 11: 25 hours are full time."""
    return ChildFactory(in_care=True, year=11, school=SchoolFactory(), **more)


def past_school(child):
    """In care, and of no school age."""
    Child.objects.filter(pk=child.pk).update(date_of_birth=date(2005, 1, 1))


def told(user, child, window=THIS):
    [one] = cohort.entries(Child.objects.visible_to(user).filter(pk=child.pk), user, window)
    found = one.ledger
    sums = [found.expected, found.offered, found.attended, found.unknown]
    return [float(one.hours) for one in sums], {reason: float(amount.hours) for reason, amount in found.lost.items()}


def test_ten_of_twenty_five_hours_beside_a_full_register(people, get):
    child = enrolled()
    place = child.enrolments.get()
    ReducedTimetableFactory(child=child, enrolment=place, start=MONDAY, pattern="1111000000")
    mark(child, WEEK)
    assert told(people.vsh, child) == ([25, 10, 10, 0], {Reason.REDUCED: 15})
    page = get("vsh", reverse("attendance:lost_of", args=[child.uuid]))
    assert page.context["beside"].startswith(
        "The register says 100.0% of 10 possible sessions. Of a full-time education "
    )


def test_what_was_raised_at_a_review_counts_from_its_day(people):
    child = enrolled()
    timetable = ReducedTimetableFactory(
        child=child, enrolment=child.enrolments.get(), start=MONDAY, hours="15.0", pattern="1" * 6 + "0000"
    )
    TimetableReviewFactory(timetable=timetable, hours_were="10.0", hours="15.0", on=date(2026, 11, 4))
    mark(child, WEEK)
    assert (
        told(people.vsh, child)[0][1] == 2 * 2 + 2 * 2.5
    )  # two days of ten hours a week; then Wednesday, of six half days


@pytest.mark.parametrize(("ended", "reduced"), [(False, 15), (True, 0)])
def test_a_timetable_goes_on_past_its_day_until_somebody_ends_it(people, ended, reduced):
    child = enrolled()
    more = {"state": "ended"} if ended else {}
    ReducedTimetableFactory(
        child=child, enrolment=child.enrolments.get(), start=date(2026, 9, 7), end=MONDAY, pattern="1111000000", **more
    )
    mark(child, WEEK)
    assert told(people.vsh, child)[1].get(Reason.REDUCED, 0) == reduced


def test_provision_suspension_and_permanent_exclusion(people):
    child = enrolled()
    school = child.enrolments.get().school
    AlternativeProvisionFactory(child=child, start=MONDAY, hours="3.0", pattern="1100000000")
    ExclusionFactory(child=child, school=school, start=date(2026, 11, 3), end=date(2026, 11, 4), sessions=2)
    ExclusionFactory(child=child, school=school, start=date(2026, 11, 5), permanent=True)
    mark(child, WEEK[:1], "B", "B")
    mark(child, WEEK[1:2], "E", "N")
    mark(child, WEEK[2:3], "/", "I")
    assert told(people.vsh, child) == (
        [25, 23, 5.5, 0],
        {Reason.PROVISION: 2, Reason.PERMANENT: 10, Reason.SUSPENSION: 5, Reason.ILLNESS: 2.5},
    )


def test_no_place_from_the_first_day_and_the_hours_of_two_schools_together(people):
    child = ChildFactory(in_care=True, year=11)
    EnrolmentFactory(child=child, school=SchoolFactory(), start=date(2026, 9, 1), end=date(2026, 11, 3))
    main = {"child": child, "start": date(2026, 11, 5), "kind": "main", "hours_offered": "10.0"}
    EnrolmentFactory(school=SchoolFactory(), **main)
    EnrolmentFactory(school=SchoolFactory(), **(main | {"kind": "subsidiary", "hours_offered": "5.0"}))
    assert told(people.vsh, child) == ([25, 11, 0, 11], {Reason.NO_PLACE: 10, Reason.REDUCED: 4})


def test_hours_of_another_school_count_only_while_the_child_is_there(people):
    """However long the time is that is looked at, a day has the hours that were offered on it."""
    child = ChildFactory(in_care=True, year=11)
    main = {"child": child, "start": date(2026, 9, 1), "kind": "main", "hours_offered": "10.0"}
    EnrolmentFactory(school=SchoolFactory(), **main)
    ended = {"kind": "subsidiary", "hours_offered": "5.0", "end": date(2026, 11, 4)}
    EnrolmentFactory(school=SchoolFactory(), **(main | ended))
    assert told(people.vsh, child) == ([25, 12, 0, 12], {Reason.REDUCED: 13})


def test_full_time_is_what_the_rule_of_the_day_says_for_the_year_taught_in(people):
    child = enrolled()
    set_rule("attendance.full_time_hours.by_year", {"10": 20, "11": 30}, from_=date(2026, 11, 4))
    assert told(people.vsh, child)[0][0] == 2 * 5 + 3 * 6
    child.enrolments.update(year_group=10)
    assert told(people.vsh, child)[0][0] == 2 * 4.8 + 3 * 4


@pytest.mark.parametrize(
    "born", [date(2022, 9, 1), date(2010, 8, 31)], ids=["before Reception", "past compulsory school age"]
)
def test_of_no_school_age_nothing_is_expected(people, born):
    child = ChildFactory(in_care=True, date_of_birth=born)
    assert cohort.entries(Child.objects.filter(pk=child.pk), people.vsh, THIS) == []


def test_short_breaks_and_days_before_the_child_was_known_are_left_out(people):
    broken = ChildFactory(in_short_breaks=True)
    late = ChildFactory(in_care=True, year=11, known_from=date(2026, 11, 5))
    found = cohort.entries(Child.objects.filter(pk__in=[broken.pk, late.pk]), people.vsh, THIS)
    assert [(one.child_id, one.ledger.whole.hours) for one in found] == [(late.pk, 10)]


def test_the_list_opens_what_each_number_counts(get, people):
    past_school(people.bob)
    ill, lacking = enrolled(), ChildFactory(in_care=True, year=11)
    mark(ill, WEEK[:2], "I", "N")
    page = get("vsh", f"{LIST}?over=term")
    assert page.context["pages"].total == page.context["total"] == 3
    assert [row[0].cell.href.split("/")[2] for row in page.context["table"].rows][0] == str(lacking.uuid)
    links = {row[0].cell.text: row[2].cell.href for row in page.context["reasons"].rows}
    opened = {name: get("vsh", LIST + href).context["pages"].total for name, href in links.items()}
    assert opened == {
        "No school place": 1,
        "Unexplained absence": 1,
        "Illness or medical appointment": 1,
        "Not known: no mark": 2,
    }
    for figure in page.context["stats"]:
        listed = get("vsh", LIST + figure["href"])
        assert listed.context["stats"] == page.context["stats"]
        assert listed.context["pages"].total == {"hours lost": 2, "hours not known: no mark": 2}.get(figure["label"], 3)


def test_filters_and_what_is_not_understood(get, people):
    past_school(people.bob)
    mark(enrolled(), WEEK[0], "N", "N")
    ChildFactory(in_care=True, year=11)
    counts = {
        "": 3,
        "?over=year&reason=any": 2,
        "?owner=virtual_school": 1,
        "?owner=social_worker": 1,
        "?owner=council": 0,
        "?owner=school&reason=no_place": 0,
        "?phase=P": 1,
        "?phase=S": 2,
        "?reason=nothing": 0,
        "?over=1066": 0,
        "?owner=x&school=%F0%9F%8F%AB": 0,
    }
    pages = {query: get("vsh", LIST + query).context for query in counts}
    assert {query: page["pages"].total for query, page in pages.items()} == counts
    [row] = pages["?owner=social_worker"]["table"].rows
    assert (row[-1].column.text, row[-1].cell.text) == ("As filtered", "5")


def test_by_school(get, people):
    child = enrolled()
    school = child.enrolments.get().school
    assert get("vsh", f"{LIST}?school={school.uuid}").context["pages"].total == 1


def test_the_file_is_the_list_with_the_hours_of_each_reason_and_is_logged(get, people):
    past_school(people.bob)
    child = ChildFactory(in_care=True, year=11)
    answer = get("vsh", f"{FILE}?over=term&reason=no_place")
    heading, row = answer.content.decode("utf-8-sig").splitlines()
    assert heading.startswith('Time,Council\'s id,Child,School,URN,Year group,"Expected, hours"')
    assert row.split(",")[1] == child.child_id
    assert AuditEvent.objects.get(verb="attendance.lost_exported").data == {"rows": 1}
    assert AccessLog.objects.latest("pk").kind == "export"
    assert get("teacher", FILE).status_code == 403


def test_each_reader_has_their_own_children(get, people):
    ChildFactory(in_care=True)
    assert {role: get(role, LIST).context["total"] for role in ("vsh", "socialworker", "teacher", "iro")} == {
        "vsh": 3,
        "socialworker": 1,
        "teacher": 1,
        "iro": 1,
    }
    assert get("sen", LIST).status_code == 403


def test_a_childs_page_has_each_gap_with_its_owner_and_only_those_of_a_reason(get, people):
    child = enrolled()
    mark(child, WEEK[:2], "I", "\\")
    mark(child, WEEK[2:3], "N", "\\")
    address = reverse("attendance:lost_of", args=[child.uuid])
    page = get("socialworker", address)
    assert page.status_code == 404
    page = get("vsh", f"{address}?over=term&reason=illness")
    [row] = page.context["gaps"].rows
    assert [drawn.cell.text for drawn in row] == [
        "2 to 3 November 2026",
        "Illness or medical appointment",
        "School",
        "1",
        "5",
    ]
    for odd in ("?over=1066", "?over=term&reason=zz&page=-1"):
        assert get("vsh", address + odd).status_code == 200


def test_a_childs_attendance_says_how_many_school_days_have_no_mark_and_opens_them(get, people):
    child = enrolled()
    page = get("vsh", reverse("attendance:child", args=[child.uuid]))
    days = page.context["unmarked"].removesuffix(" school days this term without a mark")
    gaps = get("vsh", f"{reverse('attendance:lost_of', args=[child.uuid])}?over=term&reason=no_mark").context["gaps"]
    assert [row[-2].cell.text for row in gaps.rows] == [days]
    mark(child, weekdays(date(2026, 9, 1), date(2026, 11, 9)))
    assert get("vsh", reverse("attendance:child", args=[child.uuid])).context["unmarked"] == ""


def test_a_term_that_begins_today_has_nothing_yet(people, clock):
    clock.move_to("2026-09-01T10:00:00+01:00")
    assert cohort.entries(Child.objects.all(), people.vsh, cohort.spans(date(2026, 9, 1))["term"].window) == []


def test_as_many_queries_for_one_child_as_for_many(get, people):
    def more():
        child = enrolled()
        timetable = ReducedTimetableFactory(child=child, enrolment=child.enrolments.get(), start=MONDAY)
        TimetableReviewFactory(timetable=timetable)
        AlternativeProvisionFactory(child=child)
        ExclusionFactory(child=child, school=child.enrolments.get().school)
        mark(child, WEEK, "I", "N")

    def asked():
        counts = []
        for address in (f"{LIST}?over=year", f"{FILE}?over=year"):
            with CaptureQueriesContext(connection) as caught:
                assert get("vsh", address).status_code == 200
            counts.append(len(caught))
        return counts

    more()
    asked()
    before = asked()
    for _ in range(3):
        more()
    assert asked() == before


def test_the_whole_is_the_sum_of_the_children(people):
    for _ in range(2):
        mark(enrolled(), WEEK, "I", "\\")
    found = cohort.entries(
        Child.objects.filter(enrolments__school__isnull=False, date_of_birth__lt=date(2013, 1, 1)), people.vsh, THIS
    )
    assert cohort.together(found).lost == {Reason.ILLNESS: found[0].ledger.whole + found[1].ledger.whole}
    assert cohort.together(found).whole.hours == Fraction(25)
