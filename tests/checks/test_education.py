"""No school place: of school age, counted, on no roll; from the first day; one alert for a gap."""

from datetime import date, timedelta

import pytest

from children.checks import engine
from children.checks.registry import CHECKS
from children.models import Alert, Child
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory
from tests.factories.rulebook import set_rule
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
CHECK = CHECKS["education.no_school"]
DAY = timedelta(days=1)


def found(on=None):
    return list(CHECK.find(on=on or today(), children=Child.objects.on_roll(on or today())))


def gaps(on=None):
    return [one.natural_key.rpartition(":")[2] for one in found(on)]


def test_a_child_who_never_had_a_school_is_without_since_coming_into_care():
    amy = ChildFactory(in_care=True)
    start = amy.periods_of_care.get().start
    [one] = found()
    assert (one.child_id, one.natural_key) == (amy.pk, f"gap:{amy.pk}:{start}")


def test_a_child_who_left_a_roll_is_without_from_that_day():
    amy = ChildFactory(in_care=True, school=SchoolFactory())
    assert gaps() == []
    amy.enrolments.update(end=today())
    assert gaps(today() - DAY) == []
    assert gaps() == [today().isoformat()]
    assert found()[0].evidence["sentence"] == "On no school's roll since 10 November 2026"


def test_moving_to_adoption_is_no_reason_to_be_without_a_school():
    amy = ChildFactory(in_care=True, school=SchoolFactory())
    amy.care_placements.update(placement_type="A3")
    amy.enrolments.update(end=today())
    assert gaps() == [today().isoformat()]


def test_a_planned_start_ends_the_gap_on_its_day():
    amy = ChildFactory(in_care=True)
    EnrolmentFactory(child=amy, start=today() + 3 * DAY)
    assert len(found(today() + 2 * DAY)) == 1
    assert gaps(today() + 3 * DAY) == []


def test_a_second_gap_is_another():
    amy = ChildFactory(in_care=True)
    EnrolmentFactory(child=amy, start=today(), end=today() + 5 * DAY)
    engine.run_check(CHECK, today() - DAY)
    engine.run_check(CHECK, today())
    engine.run_check(CHECK, today() + 5 * DAY)
    assert list(Alert.objects.order_by("pk").values_list("state", flat=True)) == ["resolved", "open"]


@pytest.mark.parametrize(
    ("born", "on", "of_school_age"),
    [
        (date(2022, 9, 1), date(2026, 11, 10), False),  # four after the last 31 August: nursery
        (date(2022, 8, 31), date(2026, 11, 10), True),  # Reception
        (date(2022, 8, 31), date(2026, 8, 31), False),  # the day before Reception
        (date(2010, 6, 1), date(2026, 6, 26), True),  # last Friday in June of Year 11
        (date(2010, 6, 1), date(2026, 6, 27), False),
    ],
)
def test_from_reception_to_the_last_day_of_compulsory_school_age(born, on, of_school_age):
    amy = ChildFactory(date_of_birth=born, known_from=date(2020, 1, 1))
    amy.periods_of_care.create(start=date(2023, 1, 1))
    assert bool(found(on)) == of_school_age


def test_the_gap_of_a_child_who_came_of_school_age_begins_with_reception():
    amy = ChildFactory(date_of_birth=date(2022, 3, 1), known_from=date(2023, 1, 1))
    amy.periods_of_care.create(start=date(2023, 1, 1))
    assert gaps() == ["2026-09-01"]


def test_children_who_are_not_counted_or_not_known_yet_are_left_out():
    ChildFactory(in_short_breaks=True)
    ChildFactory(left_care=True)
    ChildFactory(in_care=True, is_sealed=True)
    ChildFactory(in_care=True, known_from=today() + DAY)
    assert found() == []


@pytest.mark.parametrize(
    ("left", "on", "told"),
    [
        (date(2026, 11, 10), date(2026, 11, 11), False),
        (date(2026, 11, 10), date(2026, 11, 12), True),
        (date(2026, 10, 23), date(2026, 11, 2), False),  # half-term is no school day
        (date(2026, 10, 23), date(2026, 11, 3), True),
    ],
)
def test_a_council_may_wait_some_school_days(left, on, told):
    set_rule("education.no_school", 3, from_=date(2000, 1, 1))
    amy = ChildFactory(in_care=True, school=SchoolFactory())
    amy.enrolments.update(end=left)
    assert bool(found(on)) == told


def test_a_gap_in_years_whose_terms_are_not_loaded_is_told():
    set_rule("education.no_school", 3, from_=date(2000, 1, 1))
    ChildFactory(in_care=True, year=1)
    assert len(found(date(2032, 1, 5))) == 1


def test_asks_as_often_for_one_child_as_for_many(django_assert_num_queries):
    for children in (1, 20):
        ChildFactory.create_batch(children, in_care=True)
        with django_assert_num_queries(2):
            found()
