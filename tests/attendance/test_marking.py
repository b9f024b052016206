"""Taking marks in: once, again, corrected, from two sources, across months and years; history and bits follow."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from attendance import bits, yearbits
from attendance.codes import CODES
from attendance.marking import Recorded, Standing, record_marks
from attendance.models import AttendanceDay, AttendanceYear, MarkChange, MarkDispute
from tests.factories.accounts import UserFactory
from tests.factories.attendance import mark
from tests.factories.children import ChildFactory
from tests.factories.rulebook import set_rule

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 2)
TUESDAY = date(2026, 11, 3)


@pytest.fixture
def amy():
    return ChildFactory()


def held(child, on=MONDAY):
    return AttendanceDay.objects.filter(child=child, date=on).values_list("am", "pm").get()


def listed(**fields):
    return list(
        MarkDispute.objects.filter(**fields).order_by("pk").values_list("source__name", "session", "code", "open")
    )


def changes():
    return list(MarkChange.objects.order_by("id").values_list("date", "session", "was", "became"))


def test_what_comes_first_is_accepted(amy):
    assert mark(amy, [MONDAY, TUESDAY], "/", "N") == Recorded(created=4)
    assert held(amy) == ("/", "N")


def test_what_is_sent_again_changes_nothing(amy):
    mark(amy, MONDAY)
    assert mark(amy, MONDAY) == Recorded(unchanged=2)
    assert (changes(), listed()) == ([], [])


def test_half_a_day_says_nothing_of_the_other_half(amy):
    mark(amy, MONDAY, "/", None)
    assert mark(amy, MONDAY, None, "I") == Recorded(created=1)
    assert held(amy) == ("/", "I")
    assert mark(amy, MONDAY, "/", None) == Recorded(unchanged=1)


def test_rows_of_one_day_are_put_together(amy):
    rows = [(amy.pk, MONDAY, "/", None), (amy.pk, MONDAY, None, "\\"), (amy.pk, MONDAY, "/", None)]
    assert record_marks(rows, source="school") == Recorded(created=2)
    assert held(amy) == ("/", "\\")


def test_two_marks_for_one_session_are_not_taken(amy):
    with pytest.raises(ValueError, match="Two marks"):
        record_marks([(amy.pk, MONDAY, "/", None), (amy.pk, MONDAY, "N", None)], source="school")


def test_a_child_that_there_is_not_is_not_taken(amy):
    with pytest.raises(ValueError, match=f"no child {amy.pk + 1}"):
        record_marks([(amy.pk, MONDAY, "/", None), (amy.pk + 1, MONDAY, "/", None)], source="school")


def test_no_rows_at_all():
    assert record_marks([], source="school") == Recorded()
    assert record_marks([(1, MONDAY, None, None)], source="school") == Recorded()


@pytest.mark.parametrize("name", ["", "  ", "x" * 41])
def test_a_source_has_a_name(amy, name):
    with pytest.raises(ValueError, match="name of a source"):
        mark(amy, MONDAY, source=name)


@pytest.mark.parametrize("code", list(CODES))
def test_every_code_comes_back_as_it_went_in(amy, code):
    mark(amy, MONDAY, code, code)
    assert held(amy) == (CODES[code].stored,) * 2


# ---------------------------------------------------------------- corrections


def test_a_source_corrects_itself_and_the_old_mark_is_kept_in_the_history(amy):
    user = UserFactory()
    mark(amy, [MONDAY, TUESDAY], "N", "N")
    recorded = record_marks([(amy.pk, MONDAY, "I", "N")], source="school", by=user)
    assert recorded == Recorded(updated=1, unchanged=1)
    assert changes() == [(MONDAY, "AM", "N", "I")]
    assert MarkChange.objects.get().user_id == str(user.pk)
    assert listed() == []


def test_a_mark_that_is_deleted_stays_in_the_history(amy):
    mark(amy, MONDAY, "/", "N")
    AttendanceDay.objects.filter(child=amy).delete()
    assert changes() == [(MONDAY, "AM", "/", None), (MONDAY, "PM", "N", None)]


def test_the_history_of_a_feed_is_written_in_one_statement(amy, django_assert_num_queries):
    others = ChildFactory.create_batch(5)
    mark(amy, MONDAY)
    record_marks([(child.pk, MONDAY, "/", "/") for child in others], source="school")
    with django_assert_num_queries(20):
        mark(amy, MONDAY, "N", "N")
    with django_assert_num_queries(20):
        assert record_marks([(child.pk, MONDAY, "N", "N") for child in others], source="school").updated == 10
    assert MarkChange.objects.count() == 12


# ---------------------------------------------------------------- two sources


@pytest.mark.parametrize("order", [("school", "import"), ("import", "school")])
def test_the_rule_says_who_is_believed_whoever_comes_first(amy, order):
    codes = {"school": "/", "import": "N"}
    for source in order:
        mark(amy, MONDAY, codes[source], None, source=source)
    assert held(amy) == ("/", None)
    assert listed() == [("import", "AM", "N", True)]


def test_who_is_not_believed_is_told_each_time_and_listed_once(amy):
    mark(amy, MONDAY, "/", "\\")
    standing = Standing(amy.pk, MONDAY, "AM", "N", "/", "school")
    assert mark(amy, MONDAY, "N", "\\", source="import") == Recorded(unchanged=1, disputes=[standing], listed=1)
    assert mark(amy, MONDAY, "N", "\\", source="import") == Recorded(unchanged=1, disputes=[standing], listed=0)
    assert changes() == []


def test_a_difference_closes_when_the_other_source_gives_in(amy):
    mark(amy, MONDAY, "/", None)
    mark(amy, MONDAY, "N", None, source="import")
    assert mark(amy, MONDAY, "/", None, source="import") == Recorded(unchanged=1)
    assert listed() == [("import", "AM", "/", False)]


def test_a_difference_closes_and_opens_with_the_accepted_mark(amy):
    mark(amy, MONDAY, "/", None)
    mark(amy, MONDAY, "N", None, source="import")
    mark(amy, MONDAY, "N", None)
    assert listed() == [("import", "AM", "N", False)]
    mark(amy, MONDAY, "I", None)
    assert listed() == [("import", "AM", "N", True)]


def test_sources_that_the_rule_does_not_name_are_believed_last_and_the_first_of_them_stays(amy):
    mark(amy, MONDAY, "/", None, source="Collector A")
    mark(amy, MONDAY, "N", None, source="Collector B")
    assert (held(amy), listed()) == (("/", None), [("collector b", "AM", "N", True)])
    mark(amy, MONDAY, "I", None, source="import")
    assert held(amy) == ("I", None)
    assert listed() == [("collector b", "AM", "N", True), ("collector a", "AM", "/", True)]


def test_who_agrees_and_is_believed_before_takes_the_mark_over(amy):
    mark(amy, MONDAY, "/", None, source="import")
    assert mark(amy, MONDAY, "/", None) == Recorded(unchanged=1)
    mark(amy, MONDAY, "N", None, source="import")
    assert held(amy) == ("/", None)


def test_a_new_order_counts_from_the_next_file_on(amy):
    mark(amy, MONDAY, "/", None)
    mark(amy, MONDAY, "N", None, source="import")
    set_rule("attendance.source_order", ["import", "school", "collection", "other"], from_=date(2000, 1, 1))
    mark(amy, MONDAY, "N", None, source="import")
    assert held(amy) == ("N", None)
    assert listed() == [("school", "AM", "/", True)]


# ---------------------------------------------------------------- months, years, bits


@pytest.mark.parametrize(
    "on",
    [
        date(2024, 2, 29),
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2026, 7, 31),
        date(2026, 8, 1),
        date(2026, 10, 25),
        date(1999, 5, 4),
    ],
)
def test_every_day_has_its_month_and_its_place(amy, on):
    mark(amy, on, "/", "N")
    assert held(amy, on) == ("/", "N")
    year = AttendanceYear.objects.get(child=amy)
    place = yearbits.place_of(on)
    assert (year.year, year.possible, year.absent) == (
        yearbits.year_of(on),
        yearbits.Window(on, on).mask(yearbits.year_of(on)),
        "0" * (place + 1) + "1" + "0" * (yearbits.LENGTH - place - 2),
    )


def test_a_month_that_there_was_not_is_made_by_the_application_itself(amy):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, to_regclass('attendance_day_203102')")
        assert cursor.fetchone() == ("vs_app", None)
        mark(amy, date(2031, 2, 3))
        cursor.execute("SELECT count(*) FROM attendance_day_203102")
        assert cursor.fetchone() == (1,)


def test_the_database_reckons_places_as_the_code_does():
    days = [date.fromordinal(n) for n in range(date(2023, 7, 1).toordinal(), date(2028, 9, 1).toordinal())]
    with connection.cursor() as cursor:
        cursor.execute("SELECT attendance_year_of(d), attendance_place_of(d) FROM unnest(%s) d", [days])
        assert cursor.fetchall() == [(yearbits.year_of(day), yearbits.place_of(day)) for day in days]
    assert max(yearbits.place_of(day) for day in days) == yearbits.LENGTH - 2


def all_bits():
    return list(AttendanceYear.objects.order_by("pk").values())


def test_bits_that_followed_are_those_that_the_marks_give(amy):
    ben = ChildFactory()
    for code, on in zip(CODES, [date(2026, 7, 20 + n % 12) for n in range(len(CODES))], strict=True):
        mark(amy, on, code, "N", source="import")
        mark(ben, on.replace(month=8), "N", code)
    mark(amy, date(2026, 7, 21), "/", "/")
    mark(ben, date(2026, 8, 21), "Y1", None)
    followed = all_bits()
    assert bits.rebuild() == 2
    assert all_bits() == followed


def test_bits_of_marks_that_are_gone_go_with_a_rebuild(amy):
    mark(amy, MONDAY)
    AttendanceDay.objects.all().delete()
    assert bits.rebuild() == 0
    assert all_bits() == []


# ---------------------------------------------------------------- what nobody may do


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attendance_markchange SET became = '/'",
        "DELETE FROM attendance_markchange",
        "TRUNCATE attendance_markchange",
        "INSERT INTO attendance_markchange (at, child_id, date, session, was, source_was, user_id, request_id, why, db_user)"
        " VALUES (now(), 1, '2026-11-02', 'AM', '/', 1, '', '', '', '')",
        "CREATE TABLE attendance_day_209901 PARTITION OF attendance_day FOR VALUES FROM ('2099-01-01') TO ('2099-02-01')",
        "DROP TABLE attendance_day_202611",
        "SELECT attendance_make_months('{1979-12-31}')",
    ],
)
def test_history_and_tables_are_out_of_the_applications_reach(amy, statement):
    mark(amy, MONDAY)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "values", ["NULL, NULL, NULL, NULL", "'/', NULL, NULL, NULL", "NULL, '/', NULL, NULL", "'/', NULL, 1, 1"]
)
def test_a_day_has_a_mark_and_each_mark_a_source(amy, values):
    mark(amy, MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO attendance_day VALUES ({amy.pk}, '2026-11-03', {values})")  # noqa: S608
