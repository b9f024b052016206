"""Rates against an oracle that knows nothing of the project; the boundaries; schools; bits and marks agree."""

import io
import json
import random
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from attendance import rates
from attendance.codes import CODES
from attendance.marking import record_marks
from attendance.models import AttendanceDay
from attendance.rates import Rates, Sessions
from attendance.yearbits import Window
from children.models import Child
from tests.attendance import oracle
from tests.factories.attendance import mark, weekdays
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2023, 9, 1), date(2026, 11, 9)
MONDAY = date(2026, 11, 2)


def answer(*options):
    out = io.StringIO()
    call_command("attendance_rates", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--school", "999999"], "No school 999999 is known."),
        (["--child", "none"], "No child none is known."),
        (["--to", "2000-01-01"], "--from is after --to."),
    ],
)
def test_a_question_without_an_answer_is_an_error_in_json_too(options, words):
    out = io.StringIO()
    asked = ["--from", str(MONDAY), "--to", str(MONDAY), *options, "--json"]
    with pytest.raises(CommandError, match=words) as refused:
        call_command("attendance_rates", *asked, stdout=out)
    assert (refused.value.returncode, json.loads(out.getvalue())) == (2, {"error": words})


def some_marks(rng, children):
    """A few hundred days anywhere in three years, weekends, leap day and clock changes among them, every code there is."""
    span = (LAST - FIRST).days
    days = {
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2025, 10, 26),
        *(FIRST + timedelta(rng.randrange(span)) for _ in range(40)),
    }
    picks = [rng.sample(list(CODES), rng.randrange(1, 6)) + ["/"] * rng.randrange(12) for _ in children]
    rows = []
    for child, codes in zip(children, picks, strict=True):
        for day in sorted(days):
            am, pm = rng.choice([*codes, None]), rng.choice([*codes, None])
            if am or pm:
                rows.append((child, day, am, pm))
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_rates_are_those_of_the_oracle(seed):
    rng = random.Random(seed)
    children = [child.pk for child in ChildFactory.create_batch(8)]
    rows = some_marks(rng, children)
    record_marks(rows, source="school")
    for first, last in [(FIRST, LAST), (date(2024, 2, 20), date(2025, 8, 10)), (date(2025, 8, 1), date(2025, 8, 1))]:
        told = [(child, code) for child, day, *codes in rows for code in codes if code and first <= day <= last]
        expected = oracle.rates(told)
        assert answer("--from", str(first), "--to", str(last)) == expected
        counted = rates.by_child(Child.objects.all(), {"all": Window(first, last)})
        whole = sum((one["all"] for one in counted.values()), Sessions())
        assert (whole.possible, whole.attended, whole.authorised, whole.unauthorised) == tuple(
            expected[name] for name in ("possible", "attended", "authorised", "unauthorised")
        )
        assert sum(one["all"].missed(10) for one in counted.values()) == expected["persistently_absent"]
        assert sum(one["all"].missed(50) for one in counted.values()) == expected["severely_absent"]


@pytest.mark.parametrize(
    ("missed", "of", "persistent", "severe"),
    [
        (1, 10, 1, 0),
        (1, 11, 0, 0),
        (37, 380, 0, 0),
        (38, 380, 1, 0),
        (5, 10, 1, 1),
        (9, 19, 1, 0),
        (10, 19, 1, 1),
        (2, 2, 1, 1),
    ],
)
def test_exactly_a_tenth_and_exactly_a_half(missed, of, persistent, severe):
    amy = ChildFactory()
    days = [MONDAY - timedelta(n) for n in range(of)]
    record_marks([(amy.pk, day, "I" if n < missed else "/", None) for n, day in enumerate(days)], source="school")
    found = rates.of_marks(days[-1], days[0])
    assert (found.possible, found.authorised, found.persistently_absent, found.severely_absent) == (
        of,
        missed,
        persistent,
        severe,
    )


def test_withdrawn_codes_count_as_they_did():
    amy = ChildFactory()
    for day, code in enumerate("HJY", 1):
        mark(amy, date(2024, 7, day), code, None)
    found = rates.of_marks(date(2024, 7, 1), date(2024, 7, 31))
    assert found == Rates(2, 1, 1, 0, {"H": 1, "J": 1, "Y": 1}, 1, 1, 1)


def test_a_child_with_nothing_possible_is_in_no_count():
    mark(ChildFactory(), MONDAY, "X", "#")
    assert rates.of_marks(MONDAY, MONDAY) == Rates(codes={"X": 1, "#": 1})


def test_no_marks_at_all():
    assert answer("--from", "2026-11-02", "--to", "2026-11-02") == Rates().to_json()


def test_only_marks_of_days_on_the_schools_roll_are_the_schools():
    amy, school, other = ChildFactory(), SchoolFactory(urn="123456"), SchoolFactory(urn="654321")
    EnrolmentFactory(child=amy, school=school, start=date(2026, 9, 1), end=MONDAY)
    EnrolmentFactory(child=amy, school=other, start=MONDAY)
    mark(amy, weekdays(date(2026, 10, 26), date(2026, 11, 6)), "/", "N")
    span = ("--from", "2026-10-01", "--to", "2026-11-30")
    assert answer(*span, "--school", "123456")["codes"] == {"/": 5, "N": 5}
    assert answer(*span, "--school", "654321")["possible"] == 10
    assert answer(*span)["possible"] == 20


def test_one_child_by_the_councils_id():
    amy, ben = ChildFactory(child_id="A1"), ChildFactory(child_id="B2")
    mark(amy, MONDAY, "/", "\\")
    mark(ben, MONDAY, "N", "N")
    assert answer("--from", str(MONDAY), "--to", str(MONDAY), "--child", "B2")["unauthorised"] == 2


@pytest.mark.parametrize(
    "options",
    [("--school", "999999"), ("--child", "nobody"), ("--child", "S1"), ("--to", "2026-11-01")],
)
def test_what_is_not_known_is_refused(options):
    ChildFactory(child_id="S1", sealed=True)
    with pytest.raises(CommandError) as caught:
        answer("--from", str(MONDAY), "--to", str(MONDAY), *options)
    assert caught.value.returncode == 2


def test_the_command_tells_people_too():
    mark(ChildFactory(), MONDAY, "/", "N")
    out = io.StringIO()
    call_command("attendance_rates", "--from", str(MONDAY), "--to", str(MONDAY), stdout=out)
    assert out.getvalue().splitlines() == [
        "possible: 2",
        "attended: 1",
        "authorised: 0",
        "unauthorised: 1",
        "children: 1",
        "persistently absent: 1",
        "severely absent: 1",
        "codes: / 1, N 1",
    ]


def test_counting_takes_one_query_however_many_children(django_assert_num_queries):
    windows = {"term": Window(date(2026, 9, 1), LAST), "before": Window(date(2026, 5, 1), date(2026, 8, 31))}
    mark(ChildFactory(), MONDAY)
    with django_assert_num_queries(1):
        assert len(rates.by_child(Child.objects.all(), windows)) == 1
    for child in ChildFactory.create_batch(4):
        mark(child, MONDAY)
    with django_assert_num_queries(1):
        assert len(rates.by_child(Child.objects.all(), windows)) == 5


def test_a_months_marks_are_read_from_that_month_alone():
    amy = ChildFactory()
    mark(amy, [date(2026, 9, 7), date(2026, 10, 5), MONDAY])
    plan = AttendanceDay.objects.between(MONDAY, LAST).filter(child=amy).explain()
    assert ("attendance_day_202611" in plan, "attendance_day_202610" in plan) == (True, False)
