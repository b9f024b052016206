"""What keeps the cost of a night and of a page apart from the years that are kept: which months' tables a question reads, and how many
questions there are. Plans and counts, never a clock."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children.checks import engine
from children.models import Alert
from tests.factories.accounts import UserFactory
from tests.factories.attendance import mark
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory
from virtualschool.kernel.dates import today
from virtualschool.rulebook import schoolyear

pytestmark = pytest.mark.django_db
A_WEEK = timedelta(weeks=1)
OF_ALL = (
    "attendance:rates",
    "attendance:groups",
    "attendance:weeks",
    "attendance:lost",
    "overview:roll",
    "overview:dashboard",
)
OF_A_CHILD = ("attendance:child", "attendance:year", "attendance:lost_of", "overview:child")


def plans(asked):
    """The plans of the captured questions about marks, where reading a whole table is the last resort."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in [query["sql"] for query in asked.captured_queries]:
            if "attendance_day" in sql and sql.lstrip("( ").startswith(("SELECT", "WITH")):
                cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
                yield "\n".join(line for (line,) in cursor.fetchall())


def months_read(asked):
    """The months' tables that the captured questions may read."""
    return {month for plan in plans(asked) for month in re.findall(r"attendance_day_(\d{6})", plan)}


def child_with_a_past(on, school=None):
    """Marks of this week, of every month of the academic year before and of years before that."""
    amy = ChildFactory(in_care=True)
    if school:
        EnrolmentFactory(child=amy, school=school, start=on - 60 * A_WEEK)
    mark(amy, [on - A_WEEK * n for n in (0, 1, 60, 70, 110, 160)], "N", "E")
    return amy


def test_the_night_reads_no_month_before_the_academic_year():
    on = today() - timedelta(days=1)
    child_with_a_past(on)
    silent = ChildFactory(in_care=True)
    EnrolmentFactory(child=silent, start=on - 170 * A_WEEK)
    mark(silent, on - 160 * A_WEEK)
    with CaptureQueriesContext(connection) as asked:
        engine.report(on)
    read = months_read(asked)
    assert read
    assert min(read) >= f"{date(schoolyear.academic_year(on), 8, 1):%Y%m}"


def test_the_night_asks_as_much_of_many_children_as_of_one():
    on = today() - timedelta(days=1)
    school = SchoolFactory()
    child_with_a_past(on, school)
    with CaptureQueriesContext(connection) as of_one:
        engine.report(on)
    for _ in range(2):
        child_with_a_past(on, school)
    with CaptureQueriesContext(connection) as of_many:
        engine.report(on)
    assert len(of_many) == len(of_one)


@pytest.mark.parametrize("name", OF_ALL)
def test_a_page_of_all_children_reads_no_month_before_the_academic_year(client, name):
    child_with_a_past(today())
    client.force_login(UserFactory(role="vsh"))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(name)).status_code == 200
    assert all(month >= f"{date(schoolyear.academic_year(today()), 8, 1):%Y%m}" for month in months_read(asked))


@pytest.mark.parametrize("name", OF_A_CHILD)
def test_a_page_of_a_child_looks_its_days_up(client, name):
    amy = child_with_a_past(today())
    client.force_login(UserFactory(role="vsh"))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(name, args=[amy.uuid])).status_code == 200
    asked_for = list(plans(asked))
    assert asked_for
    assert [plan for plan in asked_for if "Seq Scan on attendance_day" in plan] == []


def test_a_shard_of_the_night_reads_the_rulebook_once_and_writes_each_checks_alerts_at_once():
    on = today() - timedelta(days=1)
    for _ in range(2):
        child_with_a_past(on, SchoolFactory())
    engine.night(on, 0, 1, lambda: None)
    Alert.objects.update(evidence={"sentence": "What was found before"})
    with CaptureQueriesContext(connection) as asked:
        counts = engine.night(on, 0, 1, lambda: None)
    asked_for = [query["sql"] for query in asked.captured_queries]
    changed = [name for name, one in counts.items() if one["updated"]]
    assert sum(one["updated"] for one in counts.values()) > len(changed) > 0
    assert len([sql for sql in asked_for if "UPDATE children_alert" in sql]) == len(changed)
    assert len([sql for sql in asked_for if 'FROM "rulebook_rule"' in sql]) == 1
    assert set(Alert.objects.values_list("evidence__sentence", flat=True)).isdisjoint({"What was found before"})


def test_a_page_of_the_roll_reckons_for_its_own_children_alone(client):
    ChildFactory.create_batch(30, in_care=True)
    client.force_login(UserFactory(role="vsh"))
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("overview:roll") + "?page=2").context["pages"]
    assert (page.first, page.last, len(page.rows)) == (26, 30, 5)
    [sql] = [query["sql"] for query in asked.captured_queries if "school_name" in query["sql"]]
    assert re.search(r"OFFSET 25\)", sql)
