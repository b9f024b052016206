"""Entering marks: who may, for whom, on which day, with which codes."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.actions.marks import enter_changes, enter_marks
from attendance.models import AttendanceDay, MarkDispute
from tests import personas
from tests.factories.attendance import mark
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return personas.cast()


def entered(people, by, child=None, on=None, codes=("/", "\\")):
    return enter_marks(on=on or today(), marks={(child or people.amy).pk: codes}, by=by)


@pytest.mark.parametrize("role", personas.NAMES)
def test_who_may(people, role):
    if role in ("vsh", "teacher", "data"):
        assert entered(people, people[role]) == 2
    else:
        with pytest.raises(Refused):
            entered(people, people[role])


@pytest.mark.parametrize("role", personas.DATED)
def test_nobody_marks_a_child_of_others(people, role):
    with pytest.raises(Refused):
        entered(people, people.outsiders[role])
    assert not AttendanceDay.objects.exists()


def test_one_child_of_others_refuses_all(people):
    with pytest.raises(Refused, match="on the roll of your school"):
        enter_marks(on=today(), marks={people.amy.pk: ("/", "/"), people.bob.pk: ("/", "/")}, by=people.teacher)
    assert not AttendanceDay.objects.exists()


def test_a_school_marks_days_on_its_roll_alone(people):
    place = people.amy.enrolments.get()
    assert entered(people, people.teacher, on=place.start) == 2
    with pytest.raises(Refused):
        entered(people, people.teacher, on=place.start - timedelta(1))


@pytest.mark.parametrize(
    ("on", "codes"),
    [(date(2026, 11, 11), ("/", None)), (date(2026, 11, 9), ("H", None)), (date(2026, 11, 9), (None, "QQ"))],
)
def test_days_to_come_and_codes_not_in_use_are_refused(people, on, codes):
    with pytest.raises(ValidationError):
        entered(people, people.teacher, on=on, codes=codes)
    assert not AttendanceDay.objects.exists()


def test_what_stands_already_is_not_counted(people):
    mark(people.amy, today(), "/", None)
    assert entered(people, people.teacher, codes=("/", "N")) == 1
    assert entered(people, people.teacher, codes=("/", "N")) == 0
    assert entered(people, people.teacher, codes=(None, None)) == 0


def test_what_a_feed_said_gives_way_and_is_listed_for_those_who_reach_the_child(people):
    mark(people.amy, today(), "N", "N", source="import")
    assert entered(people, people.teacher, codes=("/", "N")) == 1
    seen = {role: MarkDispute.objects.visible_to(user).open().count() for role, user in people.people.items()}
    assert seen == {role: 0 if role in ("sen", "admissions", "dpo") else 1 for role in personas.NAMES}
    assert MarkDispute.objects.visible_to(people.outsiders["teacher"]).count() == 0


def test_a_week_is_locked_as_a_feed_locks_it(people):
    """Marks first and years after them, once for all days, and the children without their key: otherwise one of two at once is thrown out."""
    days = (today() - timedelta(1), today())
    chosen = {(people.amy.pk, on, "AM"): "/" for on in days}
    with CaptureQueriesContext(connection) as asked:
        assert enter_changes(chosen=chosen, shown={}, by=people.teacher).saved == 2
    written = [query["sql"] for query in asked.captured_queries]
    assert sum("INSERT INTO attendance_year" in sql for sql in written) == 1
    locks = [sql for sql in written if '"children_child"' in sql and " FOR " in sql]
    assert ["FOR NO KEY UPDATE" in sql for sql in locks] == [True]
