"""Signs: each a fact with its dates, each switched off by its rule, none when it is below the council's number."""

from datetime import date, timedelta

import pytest

from children.checks import placement
from children.checks.registry import CHECKS
from children.checks.signals import SIGNALS
from children.models import Child
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.children import (
    CarePlacementFactory,
    ChildFactory,
    EnrolmentFactory,
    HealthReturnFactory,
    MissingEpisodeFactory,
    RelationshipFactory,
    SchoolFactory,
)
from tests.factories.rulebook import set_rule
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
CHECK = CHECKS["placement.signals"]


def found(on=None):
    return list(CHECK.find(on=on or today(), children=Child.objects.on_roll(on or today())))


def sentences(on=None):
    return [one.evidence["sentence"] for one in found(on)]


def ago(days):
    return today() - timedelta(days=days)


def moved(child, *days_ago):
    """End the open care placement and begin another on each of the days."""
    for days in days_ago:
        child.care_placements.filter(end=None).update(end=ago(days))
        last = CarePlacementFactory(child=child, start=ago(days))
    return last


class TestMoves:
    def test_two_in_a_year_are_a_sign_with_both_dates(self):
        amy = ChildFactory(in_care=True)
        last = moved(amy, 200, 20)
        [one] = found()
        assert (one.child_id, one.natural_key) == (amy.pk, f"moves:{amy.pk}:{last.pk}")
        assert one.evidence["sentence"] == "2 changes of care placement in 12 months"
        assert [fact["on"] for fact in one.evidence["facts"]] == [ago(200).isoformat(), ago(20).isoformat()]

    @pytest.mark.parametrize("days", [[20], [400, 20]])
    def test_fewer_are_none(self, days):
        amy = ChildFactory(in_care=True)
        amy.care_placements.update(start=ago(500), end=ago(450))
        amy.periods_of_care.update(start=ago(500))
        moved(amy, *days)
        assert sentences() == []

    def test_the_first_placement_of_a_time_in_care_is_no_move(self):
        amy = ChildFactory(left_care=True)
        amy.periods_of_care.create(start=ago(20))
        CarePlacementFactory(child=amy, start=ago(20))
        moved(amy, 10)
        assert sentences() == []

    def test_never_names_where_or_with_whom(self):
        moved(ChildFactory(in_care=True), 200, 20)
        assert not any(word in str(found()) for word in ("Secretname", "Hidden", "ZZ9"))

    def test_a_move_after_the_date_is_not_seen_on_it(self):
        moved(ChildFactory(in_care=True), 200, 20)
        assert sentences(ago(21)) == []


class TestChanges:
    def test_of_school(self):
        amy = ChildFactory(in_care=True)
        for start, end in ((300, 200), (200, 100), (100, None)):
            school = SchoolFactory(name=f"School {start}")
            EnrolmentFactory(child=amy, school=school, start=ago(start), end=end and ago(end))
        [one] = found()
        assert one.evidence["sentence"] == "2 changes of school in 12 months"
        assert [fact["words"] for fact in one.evidence["facts"]] == ["Started at School 200", "Started at School 100"]

    def test_of_social_worker(self):
        amy = ChildFactory(in_care=True)
        for start, end in ((300, 200), (200, 100), (100, None)):
            RelationshipFactory(child=amy, start=ago(start), end=end and ago(end))
        assert sentences() == ["2 changes of social worker in 12 months"]

    def test_of_designated_teacher_while_the_child_was_there(self):
        school = SchoolFactory()
        amy = ChildFactory(in_care=True, school=school)
        EnrolmentFactory(child=ChildFactory(in_care=True), school=school, start=ago(5))
        MembershipFactory(organisation=school.organisation, designated=True, end=ago(10))
        new = MembershipFactory(organisation=school.organisation, designated=True, start=ago(10))
        [one] = found()
        assert (one.child_id, one.natural_key) == (amy.pk, f"designated_teacher:{amy.pk}:{new.pk}")
        assert sentences(ago(-60)) == []

    def test_the_first_designated_teacher_is_no_change(self):
        school = SchoolFactory()
        ChildFactory(in_care=True, school=school)
        MembershipFactory(organisation=school.organisation, designated=True, start=ago(10))
        assert sentences() == []


class TestMissing:
    def test_one_time_in_ninety_days(self):
        amy = ChildFactory(in_care=True)
        episode = MissingEpisodeFactory(child=amy, start=ago(89))
        [one] = found()
        assert (one.natural_key, one.evidence["sentence"]) == (
            f"missing:{amy.pk}:{episode.pk}",
            "1 time missing or away in 90 days",
        )
        assert one.group == "narrative"

    def test_ninety_days_later_it_is_over(self):
        MissingEpisodeFactory(child=ChildFactory(in_care=True), start=ago(90))
        assert sentences() == []


class TestSdq:
    @pytest.mark.parametrize(
        ("scores", "words"),
        [
            ({2026: 17}, ["The strengths and difficulties score is 17, which is 17 or more"]),
            ({2025: 6, 2026: 11}, ["The strengths and difficulties score rose by 5 points to 11"]),
            (
                {2025: 10, 2026: 20},
                ["The strengths and difficulties score rose by 10 points to 20, which is 17 or more"],
            ),
            ({2025: 7, 2026: 11}, []),
            ({2025: 20, 2026: 11}, []),
            ({2024: 30}, []),
        ],
    )
    def test_high_or_risen(self, scores, words):
        amy = ChildFactory(in_care=True)
        for year, score in scores.items():
            HealthReturnFactory(child=amy, year=year, sdq_score=score)
        assert sentences(date(2026, 3, 31)) == words


def everything(child):
    """Every sign that the roll gives, for one child."""
    moved(child, 200, 20)
    for start, end in ((300, 200), (200, 100), (100, None)):
        RelationshipFactory(child=child, start=ago(start), end=end and ago(end))
        EnrolmentFactory(child=child, start=ago(start), end=end and ago(end))
    MissingEpisodeFactory(child=child)
    HealthReturnFactory(child=child, sdq_score=30)
    organisation = child.enrolments.get(end=None).school.organisation
    MembershipFactory(organisation=organisation, designated=True, end=ago(10), user=UserFactory(role="teacher"))
    MembershipFactory(organisation=organisation, designated=True, start=ago(10), user=UserFactory(role="teacher"))


OWN = ["moves", "school_moves", "social_worker", "missing", "designated_teacher", "sdq"]


@pytest.mark.parametrize("name", OWN)
def test_each_sign_is_switched_off_by_its_rule(name):
    everything(ChildFactory(in_care=True))
    assert sorted(one.evidence["sign"] for one in found()) == sorted(OWN)
    rule = {
        "moves": {"at_least": 2, "months": 12},
        "missing": {"at_least": 1, "days": 90},
        "sdq": {"rise": 5, "score": 17},
    }
    rule |= {"school_moves": rule["moves"], "social_worker": rule["moves"], "designated_teacher": {"days": 60}}
    set_rule(f"placement.signals.{name}", {"on": False, **rule[name]}, from_=date(2000, 1, 1))
    assert sorted(one.evidence["sign"] for one in found()) == sorted(set(OWN) - {name})


def test_no_sign_for_a_child_in_short_breaks_or_out_of_care():
    everything(ChildFactory(in_care=True))
    Child.objects.get().periods_of_care.update(short_breaks=True)
    assert found() == []


def test_every_sign_comes_under_its_own_rule_with_what_it_tells():
    everything(ChildFactory(in_care=True))
    assert {one.evidence["sign"]: one.group.value for one in found()} == {
        "moves": "legal",
        "school_moves": "education",
        "social_worker": "legal",
        "missing": "narrative",
        "designated_teacher": "education",
        "sdq": "health",
    }
    assert len({one.rule_id for one in found()}) == len(OWN)


def test_asks_as_often_for_one_child_as_for_many(django_assert_num_queries):
    # the rules once; each sign of the roll one query, the teacher's two; "warning", "suspensions" and "reduced_timetable" one each, "attendance_fall" its rules and the bits
    queries = 13
    for children in (1, 4):
        for child in ChildFactory.create_batch(children, in_care=True):
            everything(child)
        with django_assert_num_queries(queries):
            assert len(found()) >= children * len(OWN)


def test_the_signs_of_the_roll_are_registered():
    assert set(OWN) <= set(SIGNALS)
    assert placement.placement_signals is CHECK.find
