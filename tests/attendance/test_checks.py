"""What the night finds: falls and persistent absence at their exact limits, silence by the school's own days, always in as many queries."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from attendance.marking import record_marks
from children.checks import engine
from children.checks.registry import CHECKS
from children.checks.signals import SIGNALS
from children.models import Alert, Child
from tests.factories.attendance import mark, weekdays
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory
from tests.factories.rulebook import set_rule
from virtualschool.audit.models import Change
from virtualschool.kernel.dates import today
from virtualschool.rulebook.models import SchoolClosure

pytestmark = pytest.mark.django_db
FALL, PERSISTENT, NO_MARKS = (CHECKS[f"attendance.{name}"] for name in ("fall", "persistent", "no_marks"))
ON = date(2026, 11, 10)  # a Tuesday
TERM = date(2026, 9, 1)


def found(check, on=ON):
    return list(check.find(on=on, children=Child.objects.on_roll(on)))


def sessions(child, first, possible, absent):
    """So many sessions from a day on, the first of them missed; one a day."""
    rows = [(child.pk, first + timedelta(n), "I" if n < absent else "/", None) for n in range(possible)]
    record_marks(rows, source="school")


# ---------------------------------------------------------------- persistent absence


@pytest.mark.parametrize(
    ("possible", "absent", "grade"),
    [
        (40, 4, "Persistently"),
        (41, 4, ""),
        (40, 20, "Persistently"),
        (41, 20, "Persistently"),
        (20, 2, "Persistently"),
        (19, 19, ""),
    ],
)
def test_from_exactly_a_tenth_and_with_enough_sessions(possible, absent, grade):
    amy = ChildFactory(in_care=True)
    sessions(amy, TERM, possible, absent)
    told = [(one.natural_key, one.evidence["sentence"].split(" absent")[0]) for one in found(PERSISTENT)]
    assert told == ([(f"{amy.pk}:2026", grade)] if grade else [])


def test_the_evidence_has_the_figures_and_the_day_they_are_counted_from():
    amy = ChildFactory(in_care=True)
    sessions(amy, TERM, 40, 4)
    [one] = found(PERSISTENT)
    assert one.evidence == {
        "sentence": "Persistently absent in 2026/27: 4 of 40 possible sessions missed (10.0%)",
        "facts": [{"on": "2026-09-01", "words": "Counted from this day", "href": f"/attendance/{amy.uuid}/"}],
    }


def test_a_year_is_counted_from_september_and_stands_through_august():
    amy = ChildFactory(in_care=True, known_from=date(2025, 1, 1))
    amy.periods_of_care.update(start=date(2025, 1, 1))
    sessions(amy, date(2026, 5, 1), 40, 10)
    assert [one.natural_key for one in found(PERSISTENT, date(2026, 8, 20))] == [f"{amy.pk}:2025"]
    assert found(PERSISTENT, date(2026, 9, 1)) == []


def test_marks_after_the_day_are_not_known_on_it():
    amy = ChildFactory(in_care=True)
    sessions(amy, TERM, 30, 0)
    mark(amy, weekdays(date(2026, 10, 5), date(2026, 10, 9)), "N", "N")
    assert len(found(PERSISTENT, date(2026, 10, 9))) == 1
    assert found(PERSISTENT, date(2026, 10, 5)) == []


def test_short_breaks_are_in_no_figure():
    amy = ChildFactory(in_short_breaks=True)
    sessions(amy, TERM, 40, 40)
    assert found(PERSISTENT) == []


# ---------------------------------------------------------------- falls

NOW = ON - timedelta(weeks=4) + timedelta(days=1)
BEFORE = NOW - timedelta(weeks=12)


@pytest.mark.parametrize(
    ("was", "became", "falls"),
    [
        ((0, 80), (2, 20), True),  # 100% to 90%: exactly ten points
        ((0, 80), (2, 21), False),
        ((8, 80), (4, 20), True),  # 90% to 80%
        ((7, 80), (3, 20), False),  # 91.25% to 85%
        ((0, 19), (20, 20), False),  # too few before
        ((0, 80), (19, 19), False),  # too few now
        ((40, 80), (0, 20), False),  # a rise
    ],
)
def test_a_fall_of_ten_points_against_the_weeks_before(was, became, falls):
    assert (Fraction(*became) - Fraction(*was) >= Fraction(1, 10) and was[1] >= 20 and became[1] >= 20) is falls
    amy = ChildFactory(in_care=True)
    sessions(amy, BEFORE, was[1], was[0])
    sessions(amy, NOW, became[1], became[0])
    assert [one.natural_key for one in found(FALL)] == ([f"{amy.pk}:fall"] if falls else [])


def test_a_fall_tells_its_figures():
    amy = ChildFactory(in_care=True)
    sessions(amy, BEFORE, 80, 4)
    sessions(amy, NOW, 20, 10)
    [one] = found(FALL)
    assert one.evidence["sentence"] == "Attendance fell from 95.0% to 50.0%"
    assert [(fact["on"], fact["words"]) for fact in one.evidence["facts"]] == [
        (BEFORE.isoformat(), "76 of 80 sessions attended up to 13 October 2026"),
        (NOW.isoformat(), "10 of 20 sessions attended up to 10 November 2026"),
    ]


def test_weeks_before_may_lie_in_the_year_before():
    on = date(2026, 9, 30)
    amy = ChildFactory(in_care=True)
    sessions(amy, date(2026, 6, 11), 45, 0)
    sessions(amy, date(2026, 9, 3), 28, 14)
    assert len(found(FALL, on)) == 1


def test_the_weeks_and_points_are_the_rulebooks():
    amy = ChildFactory(in_care=True)
    sessions(amy, BEFORE, 80, 4)
    sessions(amy, NOW, 20, 10)
    set_rule("attendance.fall.points", 46, from_=date(2000, 1, 1))
    assert found(FALL) == []
    set_rule("attendance.fall.points", 45, from_=date(2000, 1, 1))
    assert len(found(FALL)) == 1


def scene_of_every_alert():
    """A fall that goes on falling as the weeks move, persistent absence, and silence since."""
    amy = ChildFactory(in_care=True, school=SchoolFactory(), known_from=date(2025, 9, 1))
    mark(amy, weekdays(BEFORE, NOW - timedelta(days=1)))
    mark(amy, weekdays(NOW, date(2026, 11, 2)), "N", "N")
    return amy


def test_nights_without_new_marks_change_no_alert_and_write_no_history():
    scene_of_every_alert()
    checks = [FALL, PERSISTENT, NO_MARKS, CHECKS["placement.signals"]]
    first = [engine.run_check(check, ON) for check in checks]
    assert [one.opened for one in first] == [1, 1, 1, 1]
    stood, written = list(Alert.objects.order_by("pk").values()), Change.objects.count()
    for night in range(1, 4):
        again = [engine.run_check(check, ON + timedelta(days=night)) for check in checks]
        assert again == [engine.Counts(unchanged=1)] * 4
    assert (list(Alert.objects.order_by("pk").values()), Change.objects.count()) == (stood, written)


def test_a_new_mark_a_correction_and_another_span_tell_the_fall_anew():
    amy = scene_of_every_alert()
    engine.run_check(FALL, ON)
    told = [Alert.objects.get(check_name=FALL.name).evidence]
    for night, change in enumerate(
        (
            lambda: mark(amy, date(2026, 11, 3)),
            lambda: mark(amy, date(2026, 10, 30)),
            lambda: set_rule("attendance.fall.window", 5, from_=date(2000, 1, 1)),
        ),
        1,
    ):
        change()
        assert engine.run_check(FALL, ON + timedelta(days=night)) == engine.Counts(updated=1)
        told.append(Alert.objects.get(check_name=FALL.name).evidence)
    assert len({one["sentence"] for one in told}) == 4


def test_a_mark_that_is_still_to_come_changes_nothing_yet():
    amy = scene_of_every_alert()
    engine.run_check(FALL, ON)
    mark(amy, ON + timedelta(days=3))
    assert engine.run_check(FALL, ON + timedelta(days=1)) == engine.Counts(unchanged=1)
    assert engine.run_check(FALL, ON + timedelta(days=3)) == engine.Counts(updated=1)


def test_a_fall_is_a_sign_too():
    amy = ChildFactory(in_care=True)
    sessions(amy, BEFORE, 80, 4)
    sessions(amy, NOW, 20, 10)
    assert SIGNALS["attendance_fall"].group == "attendance"
    keys = [one.natural_key for one in found(CHECKS["placement.signals"])]
    assert keys == [f"attendance_fall:{amy.pk}:fall"]


# ---------------------------------------------------------------- silence


@pytest.fixture
def amy():
    """On a school's roll, with marks up to Wednesday 4 November."""
    child = ChildFactory(in_care=True, school=SchoolFactory(name="Amy's School"))
    mark(child, weekdays(date(2026, 11, 2), date(2026, 11, 4)))
    return child


def test_three_school_days_without_a_mark(amy):
    assert found(NO_MARKS, date(2026, 11, 6)) == []
    assert found(NO_MARKS, date(2026, 11, 8)) == []  # a Sunday: two school days
    [one] = found(NO_MARKS, date(2026, 11, 9))
    assert (one.child_id, one.natural_key) == (amy.pk, f"{amy.pk}:2026-11-04")
    assert one.evidence["sentence"] == "No mark from Amy's School since 4 November 2026"
    assert [again.evidence for again in found(NO_MARKS)] == [one.evidence]


@pytest.mark.parametrize("code", ["N", "X", "Y5", "#"])
def test_any_mark_breaks_the_silence(amy, code):
    mark(amy, date(2026, 11, 5), None, code)
    assert found(NO_MARKS, date(2026, 11, 9)) == []


def test_days_on_which_the_childs_own_school_is_closed_are_not_asked_for(amy):
    urn = amy.enrolments.get().school.urn
    SchoolClosure.objects.create(
        school_urn=urn, start=date(2026, 11, 5), end=date(2026, 11, 7), name="Boiler", source="school"
    )
    assert found(NO_MARKS) == []
    assert len(found(NO_MARKS, date(2026, 11, 11))) == 1


def test_silence_stands_through_a_holiday(amy):
    assert len(found(NO_MARKS, date(2026, 12, 27))) == 1


def test_a_child_without_any_mark_is_asked_for_from_the_first_day_on_the_roll():
    child = ChildFactory(in_care=True)
    EnrolmentFactory(child=child, school=SchoolFactory(name="New School"), start=date(2026, 11, 5))
    assert found(NO_MARKS, date(2026, 11, 6)) == []
    [one] = found(NO_MARKS, date(2026, 11, 9))
    assert (one.natural_key, one.evidence["sentence"]) == (f"{child.pk}:2026-11-05", "No mark at all from New School")


def test_marks_of_an_earlier_school_do_not_speak_for_this_one(amy):
    amy.enrolments.update(end=date(2026, 11, 5))
    EnrolmentFactory(child=amy, school=SchoolFactory(name="New School"), start=date(2026, 11, 5))
    [one] = found(NO_MARKS, date(2026, 11, 9))
    assert one.evidence["sentence"] == "No mark at all from New School"


@pytest.mark.parametrize("fields", [{"known_from": date(2026, 11, 6)}, {"in_short_breaks": True}])
def test_nothing_is_asked_for_before_the_child_was_known_nor_in_short_breaks(fields):
    ChildFactory(**{"in_care": "in_short_breaks" not in fields, **fields}, school=SchoolFactory())
    assert found(NO_MARKS, date(2026, 11, 9)) == []


def test_a_child_on_no_roll_is_another_checks_matter():
    ChildFactory(in_care=True)
    assert found(NO_MARKS) == []


def test_where_no_terms_are_loaded_nobody_is_asked(amy):
    assert found(NO_MARKS, date(2035, 11, 9)) == []


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize(("name", "queries"), [("fall", 3), ("persistent", 2), ("no_marks", 7)])
def test_as_many_queries_for_one_child_as_for_many(name, queries, django_assert_num_queries):
    school = SchoolFactory()

    def more(count):
        for child in ChildFactory.create_batch(count, in_care=True, school=school):
            sessions(child, BEFORE, 80, 4)
            sessions(child, NOW, 20, 20)

    more(1)
    with django_assert_num_queries(queries):
        one = found(CHECKS[f"attendance.{name}"])
    more(4)
    with django_assert_num_queries(queries):
        assert len(found(CHECKS[f"attendance.{name}"])) == 5 * len(one) == 5


def test_a_night_twice_opens_once_and_resolves_when_marks_come(amy):
    on = date(2026, 11, 9)
    assert engine.run_check(NO_MARKS, on).opened == 1
    assert engine.run_check(NO_MARKS, on) == engine.Counts(unchanged=1)
    mark(amy, on)
    assert engine.run_check(NO_MARKS, today()) == engine.Counts(resolved=1)
    assert Alert.objects.get().field_group == "attendance"
