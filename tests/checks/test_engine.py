"""The engine: alerts are exactly what the checks find, however often, in whatever order and after whatever kill."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from children import alerts
from children.checks import engine
from children.checks.registry import CHECKS, Check, Finding
from children.enums import AlertState
from children.evidence import evidence, fact
from children.models import Alert
from tests.factories.children import AlertFactory, ChildFactory
from virtualschool.accounts.roles import FieldGroup
from virtualschool.jobs import nights
from virtualschool.jobs.enums import WorkState
from virtualschool.jobs.models import NightShard
from virtualschool.kernel.dates import today

NAME = "tests.left_handed"
DAY = timedelta(days=1)


@pytest.fixture
def facts() -> dict[int, str]:
    """Child ids with the words of the fact that holds of them."""
    return {}


@pytest.fixture
def left_handed(facts: dict[int, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    """A check that finds what ``facts`` says, for the children it is given."""

    def find(*, on, children):
        for pk in children.filter(pk__in=facts).order_by("pk").values_list("pk", flat=True):
            yield Finding(pk, f"child:{pk}", evidence(facts[pk], fact(date(2026, 1, 5), facts[pk])))

    made = Check(NAME, "Left-handed", find, group=FieldGroup.EDUCATION)
    for name in list(CHECKS):
        monkeypatch.delitem(CHECKS, name)
    monkeypatch.setitem(CHECKS, NAME, made)
    return made


def open_keys() -> set[str]:
    return set(Alert.objects.open().filter(check_name=NAME).values_list("natural_key", flat=True))


@pytest.mark.django_db
def test_opens_then_stays_then_updates_then_resolves(left_handed, facts):
    amy = ChildFactory(in_care=True)
    on = today()
    facts[amy.pk] = "writes with the left hand"
    assert engine.run_check(left_handed, on) == engine.Counts(opened=1)
    assert engine.run_check(left_handed, on) == engine.Counts(unchanged=1)
    facts[amy.pk] = "draws with the left hand"
    assert engine.run_check(left_handed, on + DAY) == engine.Counts(updated=1)
    alert = Alert.objects.get(check_name=NAME)
    assert (alert.evidence["sentence"], alert.opened_on, alert.evidence_on) == (
        "draws with the left hand",
        on,
        on + DAY,
    )
    del facts[amy.pk]
    assert engine.run_check(left_handed, on + 2 * DAY) == engine.Counts(resolved=1)
    alert.refresh_from_db()
    assert (alert.state, alert.resolved_on) == (AlertState.RESOLVED, on + 2 * DAY)


@pytest.mark.django_db
def test_a_fact_that_comes_back_is_a_new_alert(left_handed, facts):
    amy = ChildFactory(in_care=True)
    for night, holds in enumerate([True, False, True]):
        facts.clear()
        if holds:
            facts[amy.pk] = "x"
        engine.run_check(left_handed, today() + night * DAY)
    rows = Alert.objects.filter(check_name=NAME).order_by("pk").values_list("state", "opened_on")
    assert list(rows) == [("resolved", today()), ("open", today() + 2 * DAY)]


@pytest.mark.django_db
def test_an_alert_of_a_child_who_left_care_resolves(left_handed, facts):
    amy = ChildFactory(in_care=True)
    facts[amy.pk] = "x"
    engine.run_check(left_handed, today())
    amy.periods_of_care.update(end=today() + DAY)
    assert engine.run_check(left_handed, today()) == engine.Counts(unchanged=1)
    assert engine.run_check(left_handed, today() + DAY) == engine.Counts(resolved=1)


@pytest.mark.django_db
def test_a_shard_touches_its_own_children_only(left_handed, facts):
    amy, bob = ChildFactory.create_batch(2, in_care=True)
    facts.update({amy.pk: "x", bob.pk: "y"})
    engine.run_check(left_handed, today())
    facts.clear()
    assert engine.run_check(left_handed, today(), amy.pk, amy.pk) == engine.Counts(resolved=1)
    assert open_keys() == {f"child:{bob.pk}"}


@pytest.mark.django_db
def test_an_alert_reported_after_the_nights_date_is_left_alone(left_handed):
    alert = AlertFactory(check_name=NAME, opened_on=today(), evidence_on=today(), child=ChildFactory(in_care=True))
    assert engine.run_check(left_handed, today() - DAY) == engine.Counts()
    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN


@pytest.mark.django_db
def test_a_night_run_again_does_not_reopen_what_was_resolved_since(left_handed, facts):
    amy = ChildFactory(in_care=True)
    facts[amy.pk] = "x"
    engine.run_check(left_handed, today() - DAY)
    assert alerts.resolve(check_name=NAME, natural_key=f"child:{amy.pk}")
    assert engine.run_check(left_handed, today() - DAY) == engine.Counts(unchanged=1)
    assert open_keys() == set()
    assert engine.run_check(left_handed, today()) == engine.Counts(opened=1)


@pytest.mark.django_db
def test_a_key_given_twice_stops_the_check(left_handed, facts):
    ChildFactory(in_care=True)

    def twice(*, on, children):
        for pk in children.values_list("pk", flat=True):
            yield Finding(pk, "the same")
            yield Finding(pk, "the same")

    with pytest.raises(ValueError, match="twice"):
        engine.run_check(Check(NAME, "", twice), today())
    assert Alert.objects.count() == 0


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_children(left_handed, facts, django_assert_num_queries):
    for children in (1, 20):
        facts.update({child.pk: "x" for child in ChildFactory.create_batch(children, in_care=True)})
        with django_assert_num_queries(5):  # savepoint, findings, open alerts, insert, release
            engine.run_check(left_handed, today() + children * DAY)


@pytest.mark.django_db
def test_the_night_twice_opens_nothing_the_second_time(left_handed, facts):
    facts.update({child.pk: "x" for child in ChildFactory.create_batch(3, in_care=True)})
    assert nights.run_now(today()) == {NAME: {"opened": 3, "updated": 0, "unchanged": 0, "resolved": 0}}
    assert nights.run_now(today()) == {NAME: {"opened": 0, "updated": 0, "unchanged": 3, "resolved": 0}}


@pytest.mark.django_db
def test_missed_nights_are_run_in_the_order_of_their_dates(left_handed, facts, monkeypatch):
    seen = []
    monkeypatch.setitem(CHECKS, NAME, Check(NAME, "", lambda *, on, children: seen.append(on) or []))
    nights.run_now(today() - 3 * DAY)
    nights.run_now(today())
    assert seen == [today() - 3 * DAY, today() - 2 * DAY, today() - DAY, today()]


@pytest.mark.django_db
def test_a_past_date_is_reported_and_changes_nothing(left_handed, facts):
    amy, bob = ChildFactory.create_batch(2, in_care=True)
    facts[amy.pk] = "x"
    nights.run_now(today())
    before = list(Alert.objects.values())
    facts[bob.pk] = "y"
    with pytest.raises(nights.NightIsPast):
        nights.run_now(today() - DAY)
    assert engine.report(today() - DAY) == {NAME: {"opened": 2, "updated": 0, "unchanged": 0, "resolved": 0}}
    assert engine.report(today()) == {NAME: {"opened": 1, "updated": 0, "unchanged": 1, "resolved": 0}}
    assert list(Alert.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_two_shards_and_one_inside_leave_exact_alerts(left_handed, facts, monkeypatch, clock):
    """Three shards. The first worker dies between two shards, the second in the middle of one, the third finishes."""
    monkeypatch.setattr(engine, "SHARD", 2)
    for pk in range(1, 7):  # shards go by number: after thousands of children there would be thousands to do
        facts[ChildFactory(pk=pk, in_care=True).pk] = "x"
    nights.plan(on=today() + DAY)
    shards = NightShard.objects.count()
    assert shards >= 3

    while not Alert.objects.exists():  # up to the first shard that has children
        assert nights.pump("first worker")
    done = open_keys()
    assert 0 < len(done) < 6

    class Killed(BaseException):
        """Stands for SIGKILL: nothing is caught, nothing is tidied."""

    def dies_after_writing(alerts, on):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(engine, "_update", dies_after_writing)
        with pytest.raises(Killed):
            nights.pump("second worker")
    assert open_keys() == done
    assert NightShard.objects.filter(state=WorkState.RUNNING, owner="second worker").count() == 1
    assert nights.last_complete() is None

    clock.shift(timedelta(minutes=2))  # the dead worker's lease runs out
    while nights.pump("third worker"):
        pass
    assert open_keys() == {f"child:{pk}" for pk in facts}
    assert Alert.objects.count() == 6
    assert nights.last_complete() == today()
    assert nights.counts(today())[NAME] == {"opened": 6, "updated": 0, "unchanged": 0, "resolved": 0}


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_lease_in_the_middle_writes_nothing(left_handed, facts, clock):
    """A frozen worker wakes after another has done its shard: what it wrote is rolled back, and nothing stands twice."""
    amy = ChildFactory(in_care=True)
    facts[amy.pk] = "x"
    nights.plan(on=today() + DAY)
    zombie = nights._claim("zombie")
    clock.shift(timedelta(minutes=2))
    while nights.pump("living"):
        pass
    facts[amy.pk] = "y"
    with pytest.raises(nights.LeaseLost):
        nights._work(zombie)
    assert list(Alert.objects.values_list("evidence__sentence", flat=True)) == ["x"]
