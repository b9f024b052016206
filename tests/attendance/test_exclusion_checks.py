"""What the night finds of suspensions, in as many queries however many children there are."""

from datetime import date, timedelta

import pytest

from attendance.actions import exclusion_clocks
from attendance.actions.exclusions import ExclusionFacts, record_exclusion
from children.checks.registry import CHECKS
from children.checks.signals import SIGNALS
from children.models import Child, Clock
from tests.factories.attendance import ExclusionFactory, mark
from tests.factories.children import ChildFactory, SchoolFactory

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 10)  # a Tuesday
DAY = timedelta(days=1)


def found(name, on=ON):
    children = Child.objects.on_roll(on)
    return [one.evidence["sentence"] for one in CHECKS[f"attendance.{name}"].find(on=on, children=children)]


def suspended(child, start, days, **fields):
    return ExclusionFactory(
        child=child, school=SchoolFactory(), start=start, end=start + days * DAY, sessions=2 * days, **fields
    )


def test_who_is_away_and_who_was_told_of_lately():
    amy, bob, zoe = (ChildFactory(in_care=True) for _ in range(3))
    suspended(amy, ON, 2)
    suspended(bob, ON - 60 * DAY, 2)
    suspended(zoe, ON - 60 * DAY, 2, recorded_on=ON - 2 * DAY)
    ExclusionFactory(child=bob, permanent=True, state="final", start=ON - 20 * DAY)
    ExclusionFactory(child=zoe, permanent=True, state="proposed", given_on=None, start=ON)
    assert [sentence.split(",")[0].split(" by ")[0] for sentence in found("suspended")] == [
        "Suspension",
        "Suspension",
        "Permanent exclusion proposed",
    ]
    assert len(found("suspended", ON + 30 * DAY)) == 1


def test_days_near_and_over_the_limits_across_schools():
    amy, bob = (ChildFactory(in_care=True) for _ in range(2))
    for child, days in ((amy, 13), (bob, 5)):
        for n in range(3):
            start = date(2026, 9, 1) + n * 20 * DAY
            ExclusionFactory(child=child, start=start, end=start + 14 * DAY, sessions=2 * days)
    [sentence] = [one for one in found("suspension_days") if one.startswith("39") or "39 days" in one]
    assert "more than 15, so the governors must meet" in sentence
    assert len(found("suspension_days")) == 1


def test_no_education_named_and_governors_who_did_not_meet():
    amy = ChildFactory(in_care=True)
    one = suspended(amy, ON - 4 * DAY, 14, exam_missed=True)
    exclusion_clocks.follow(one, by=None)
    assert found("suspension_provision") == ["No education is named; it is owed from 13 November 2026"]
    assert found("governors_late") == []
    assert len(found("governors_late", ON + 60 * DAY)) == 1


def test_marks_that_nobody_explained():
    amy, bob, zoe = (ChildFactory(in_care=True) for _ in range(3))
    for child in (amy, bob):
        mark(child, ON, "E", "E")
    mark(zoe, ON, "E", "/")
    suspended(bob, ON, 1)
    assert found("suspended_unrecorded") == ["Marked E for 1 day, and no suspension is recorded"]


def test_repeated_suspensions_are_a_sign():
    amy, bob = (ChildFactory(in_care=True) for _ in range(2))
    rows = [suspended(amy, ON - n * DAY, 1) for n in (40, 20)]
    suspended(bob, ON - 10 * DAY, 1)
    look = SIGNALS["suspensions"].look
    signs = list(look(on=ON, children=Child.objects.all(), value={"on": True, "at_least": 2, "days": 90}))
    assert [one.natural_key for one in signs] == [f"{amy.pk}:{rows[-1].pk}"]


def test_as_many_questions_for_one_child_as_for_ten(django_assert_max_num_queries):
    asked = []
    for number in (1, 9):
        for child in ChildFactory.create_batch(number, in_care=True):
            one = suspended(child, ON - 8 * DAY, 10)
            exclusion_clocks.follow(one, by=None)
            mark(child, ON + 5 * DAY, "E", "E")
        with django_assert_max_num_queries(60) as queries:
            for name in CHECKS:
                if name.startswith(("attendance.susp", "attendance.gov", "attendance.early")):
                    list(CHECKS[name].find(on=ON + 6 * DAY, children=Child.objects.on_roll(ON)))
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(("gap", "owed"), [(0, date(2026, 11, 2)), (5, None)])
def test_suspensions_that_run_on_are_one_time_away(order, gap, owed):
    """Monday to Thursday, then from Friday over the weekend, or only from Wednesday on: the sixth day is that of the whole."""
    amy = ChildFactory(in_care=True, school=SchoolFactory())
    school = amy.enrolments.get().school
    spans = [(date(2026, 11, 2), 4), (date(2026, 11, 6) + gap * DAY, 5)]
    for place in order:
        start, length = spans[place]
        facts = ExclusionFacts("SUSP", start, ("DB",), end=start + length * DAY)
        record_exclusion(child=amy, school=school, facts=facts, by=None)
    sixth = Clock.objects.running().filter(rule__key=exclusion_clocks.PROVISION)
    assert [clock.started_on + DAY for clock in sixth] == ([owed] if owed else [])
