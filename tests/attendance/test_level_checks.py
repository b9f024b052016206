"""What the night finds of levels and of absence without a reason, each at its border; and the ask on the day the mark arrives."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from attendance.actions.asking import follow
from attendance.actions.marks import enter_marks
from attendance.checks.levels import first_of_weeks
from attendance.checks.unexplained import latest_run
from attendance.marking import record_marks
from attendance.rates import Sessions
from attendance.yearbits import ZERO, place_of, year_of
from children.checks import engine
from children.checks.registry import CHECKS
from children.models import Alert, Child
from tests import personas
from tests.attendance import oracle
from tests.factories.attendance import mark, weekdays
from tests.factories.children import ChildFactory, SchoolFactory
from tests.factories.rulebook import set_rule
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today

ON = date(2026, 11, 10)  # a Tuesday; the half-term holiday was 26 to 30 October
TERM = date(2026, 9, 1)
GOOD, SEVERE, PERSISTENT, UNAUTHORISED, DAY, ROW, OVERDUE = (
    CHECKS[f"attendance.{name}"]
    for name in (
        "below_good",
        "severe",
        "persistent",
        "unauthorised",
        "unexplained_day",
        "unexplained.in_a_row",
        "unexplained",
    )
)
database = pytest.mark.django_db


def found(check, on=ON):
    return {one.child_id: one for one in check.find(on=on, children=Child.objects.on_roll(on))}


def sessions(first, possible, absent, code="I"):
    """A child with so many sessions from a day on, the first of them missed; one a day."""
    child = ChildFactory(in_care=True)
    record_marks(
        [(child.pk, first + timedelta(n), code if n < absent else "/", None) for n in range(possible)], source="school"
    )
    return child.pk


# ---------------------------------------------------------------- levels


@database
def test_each_level_at_its_border():
    cases = {  # possible, missed: below 95, persistently, severely absent
        (60, 3): (False, False, False),  # 95% exactly
        (59, 3): (True, False, False),
        (41, 4): (True, False, False),
        (40, 4): (False, True, False),  # a tenth exactly is persistent absence, told by itself
        (41, 20): (False, True, False),
        (40, 20): (False, True, True),  # half exactly
        (20, 2): (False, True, False),
        (19, 19): (False, False, False),  # too few to say
    }
    made = {sessions(TERM, *case): levels for case, levels in cases.items()}
    by_check = [set(found(check)) for check in (GOOD, PERSISTENT, SEVERE)]
    assert {pk: tuple(pk in those for those in by_check) for pk in made} == made


@database
def test_levels_are_the_rulebooks_and_tell_their_figures():
    pk = sessions(TERM, 60, 3)
    assert found(GOOD) == {}
    set_rule("attendance.good", 96, from_=date(2000, 1, 1))
    assert found(GOOD)[pk].evidence["sentence"] == "Attendance of 95.0% is below 96%: 57 of 60 sessions attended"
    pk = sessions(TERM, 40, 20)
    assert found(SEVERE)[pk].evidence["sentence"] == (
        "Severely absent in 2026/27: 20 of 40 possible sessions missed (50.0%)"
    )


@pytest.mark.parametrize("percent", [10, 50])
def test_a_share_is_compared_as_a_fraction_at_every_size(percent):
    for possible in range(80):
        for absent in range(possible + 1):
            codes = ["I"] * absent + ["/"] * (possible - absent)
            share = oracle.absence(codes)
            expected = share is not None and share >= Fraction(percent, 100)
            assert Sessions(possible, absent).missed(percent) is expected


# ---------------------------------------------------------------- unauthorised


@database
def test_ten_unauthorised_sessions_in_ten_school_weeks_are_told_and_never_fined():
    first = date(
        2026, 9, 1
    )  # ten school weeks up to 10 November, without the half-term holiday, begin on Monday 31 August
    nine = ChildFactory(in_care=True)
    mark(nine, weekdays(first, first + timedelta(3)), "G", "U")
    mark(nine, date(2026, 11, 10), "O", "I")
    ten = ChildFactory(in_care=True)
    mark(ten, weekdays(first, first + timedelta(6)), "G", "U")
    made = found(UNAUTHORISED)
    assert set(made) == {ten.pk}
    told = made[ten.pk].evidence
    assert told["sentence"].startswith("10 unauthorised sessions in 10 school weeks up to 10 November 2026. ")
    assert "never asks for a penalty" in told["sentence"]
    assert set(found(UNAUTHORISED, date(2026, 11, 16))) == set()  # the first of these weeks has left the ten
    assert found(UNAUTHORISED, date(2024, 8, 18)) == {}  # the threshold held from 19 August 2024


class Weeks:
    """A calendar in which the weeks of these Mondays are holidays; weekdays of the others are school days."""

    def __init__(self, *holidays):
        self.holidays = holidays

    def counts(self, on):
        return on.weekday() < 5 and on - timedelta(on.weekday()) not in self.holidays


@pytest.mark.parametrize(
    ("weeks", "holidays", "first"),
    [
        (1, [], date(2026, 11, 9)),
        (10, [], date(2026, 9, 7)),
        (10, [date(2026, 10, 26)], date(2026, 8, 31)),
        (2, [date(2026, 11, 9)], date(2026, 10, 26)),  # a day in a holiday looks back from it
    ],
)
def test_school_weeks_are_those_with_a_school_day(weeks, holidays, first):
    assert first_of_weeks(Weeks(*holidays), ON, weeks) == first


def test_a_calendar_without_a_school_day_ends_the_search():
    never = type("Never", (), {"counts": lambda self, on: False})()
    assert first_of_weeks(never, ON, 10) == date(2026, 11, 9) - timedelta(weeks=60)


# ---------------------------------------------------------------- unexplained


@pytest.mark.parametrize("seed", range(30))
def test_the_latest_run_is_that_of_a_plain_walk_through_the_sessions(seed):
    rng = random.Random(seed)
    first = rng.choice([date(2024, 2, 20), date(2026, 7, 20), date(2026, 10, 20)])
    marks = [(first + timedelta(n // 2), n % 2, rng.choice("NNNN/X ")) for n in range(60)]
    on = first + timedelta(rng.randrange(30))
    years = {}
    for day, half, code in marks:
        possible, unexplained = years.setdefault(year_of(day), (list(ZERO), list(ZERO)))
        possible[place_of(day) + half] = "1" if code in "N/" else "0"
        unexplained[place_of(day) + half] = "1" if code == "N" else "0"
    number, since = 0, None
    for day, _, code in reversed([one for one in marks if one[0] <= on]):
        if code == "/":
            break
        if code == "N":
            number, since = number + 1, day
    strings = {year: tuple("".join(bits) for bits in pair) for year, pair in years.items()}
    assert latest_run(strings, on) == (number, since)


@database
def test_four_in_a_row_and_nobody_who_came_back():
    four, three, back = ChildFactory.create_batch(3, in_care=True)
    mark(four, weekdays(date(2026, 11, 9), ON), "N", "O")
    mark(three, ON - timedelta(1), "/", "N")
    mark(three, ON, "N", "N")
    mark(back, weekdays(date(2026, 11, 2), ON), "N", "N")
    mark(back, ON, None, "\\")
    made = found(ROW)
    assert {pk: one.evidence["sentence"] for pk, one in made.items()} == {
        four.pk: "4 unexplained sessions in a row since 9 November 2026"
    }
    set_rule("attendance.unexplained.in_a_row", 3, from_=date(2000, 1, 1))
    assert set(found(ROW)) == {four.pk, three.pk}


@database
def test_a_reason_is_overdue_after_five_school_days_and_o_is_a_reason():
    late, in_time, other = ChildFactory.create_batch(3, in_care=True)
    mark(late, date(2026, 11, 2), "N", "/")  # five school days on is 9 November
    mark(in_time, date(2026, 11, 3), "N", "N")
    mark(other, date(2026, 11, 2), "O", "O")
    made = found(OVERDUE)
    assert {pk: one.evidence["sentence"] for pk, one in made.items()} == {
        late.pk: "1 session still marked N, the first on 2 November 2026: the school has 5 school days"
    }
    assert set(found(OVERDUE, ON + timedelta(1))) == {late.pk, in_time.pk}
    mark(late, date(2026, 11, 2), "I", None)
    assert found(OVERDUE) == {}


@database
def test_as_many_queries_for_one_child_as_for_many(django_assert_num_queries):
    def more(count):
        for child in ChildFactory.create_batch(count, in_care=True):
            mark(child, weekdays(date(2026, 10, 5), ON), "N", "O")

    counts = {SEVERE: 2, UNAUTHORISED: 6, DAY: 5, ROW: 3, OVERDUE: 6}
    more(1)
    for check, number in counts.items():
        with django_assert_num_queries(number):
            assert len(list(check.find(on=ON, children=Child.objects.on_roll(ON)))) >= 1
    more(3)
    for check, number in counts.items():
        with django_assert_num_queries(number):
            assert len(found(check)) == 4


# ---------------------------------------------------------------- asked the same day


@pytest.fixture
def people(db):
    return personas.cast()


def enter(people, on, am, pm):
    enter_marks(on=on, marks={people.amy.pk: (am, pm)}, by=people.teacher)


def asks():
    return list(Alert.objects.filter(check_name=DAY.name).order_by("pk").values_list("natural_key", "state"))


def test_the_social_worker_is_asked_once_a_child_and_day_and_no_longer_when_it_is_explained(people):
    key = f"{people.amy.pk}:2026-11-10"
    enter(people, today(), "N", None)
    assert asks() == [(key, "open")]
    mail = Message.objects.get(kind="attendance.unexplained")
    assert (mail.to, mail.urgent) == (people.socialworker, True)
    assert people.amy.last_name not in mail.key
    enter(people, today(), None, "O")
    alert = Alert.objects.get(check_name=DAY.name)
    assert alert.evidence["sentence"] == (
        "Marked N in the morning and O in the afternoon on 10 November 2026. Ask the carer and the school today why"
    )
    assert Message.objects.filter(kind="attendance.unexplained").count() == 1
    enter(people, today(), "I", None)
    assert asks() == [(key, "open")]
    enter(people, today(), None, "I")
    assert asks() == [(key, "resolved")]
    assert engine.run_check(DAY, today()) == engine.Counts()


def test_another_day_is_another_ask_and_an_old_mark_is_nobodys(people):
    enter(people, date(2026, 11, 9), "N", None)
    enter(people, date(2026, 11, 10), "N", None)
    enter(people, date(2026, 9, 14), "N", None)
    assert [key.split(":")[1] for key, _ in asks()] == ["2026-11-09", "2026-11-10"]
    assert Message.objects.filter(kind="attendance.unexplained").count() == 2


def test_without_a_social_worker_the_advocate_is_asked_and_without_one_the_head(people):
    lone, led = (
        ChildFactory(in_care=True, school=people.school),
        ChildFactory(in_care=True, school=people.school, advocate=people.ala),
    )
    enter_marks(on=today(), marks={lone.pk: ("N", None), led.pk: ("O", None)}, by=people.teacher)
    mails = Message.objects.filter(kind="attendance.unexplained").order_by("pk")
    assert [mail.to for mail in mails] == [people.vsh, people.ala]


def test_marks_that_ask_nobody_cost_one_statement_more_however_many(people, django_assert_num_queries):
    for rows in ([(people.amy.pk, today(), "/", "\\")], [(pk, today(), "/", "I") for pk in range(1, 500)]):
        with django_assert_num_queries(3):  # with its savepoint
            follow(rows)


def test_asking_of_many_takes_as_many_statements_as_of_one(people, django_assert_num_queries):
    school = SchoolFactory()
    for count in (1, 4):
        children = ChildFactory.create_batch(count, in_care=True, school=school, social_worker=people.socialworker)
        rows = [(one.pk, today(), "N", "N") for one in children]
        record_marks(rows, source="school")
        with django_assert_num_queries(17):
            follow(rows)
