"""The nights' ledger: each night once, in order, whatever is killed."""

from datetime import date, timedelta

import pytest

from tests.factories.jobs import NightShardFactory
from tests.factories.rulebook import set_rule
from virtualschool.accounts.models import Organisation
from virtualschool.jobs import backoff, nights, registry
from virtualschool.jobs.enums import WorkState
from virtualschool.jobs.models import NightShard
from virtualschool.jobs.watch import night_watch, pending, stale

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 10)
YESTERDAY = date(2026, 11, 9)


def night(days: int) -> date:
    """The night so many days after yesterday's."""
    return YESTERDAY + timedelta(days=days)


class Killed(BaseException):
    """The worker is gone: nothing after this runs, not even the recording of a failure."""


class Job:
    """A night's job that writes one row a shard and remembers in which order it was called."""

    def __init__(self, shards: int = 1) -> None:
        self.calls: list[tuple[date, int]] = []
        self.fault: BaseException | None = None
        registry.register_night_job("checks", self.run, shards=lambda for_date: shards)

    def run(self, for_date, shard, of, renew):
        self.calls.append((for_date, shard))
        Organisation.objects.create(kind="service", name=f"{for_date} {shard}/{of}", code=f"{for_date}:{shard}")
        if self.fault:
            raise self.fault
        return {"checks": {"some.check": {"opened": 1, "resolved": shard}}}


@pytest.fixture
def job(no_night_jobs) -> Job:
    return Job()


@pytest.fixture
def sharded(no_night_jobs) -> Job:
    return Job(shards=3)


def pump_all() -> int:
    return next(done for done in range(1000) if not nights.pump())


def written() -> list[str]:
    return list(Organisation.objects.filter(kind="service").order_by("id").values_list("code", flat=True))


class TestPlan:
    def test_the_first_night_is_last_nights(self, sharded):
        assert nights.plan().planned == {"checks": [YESTERDAY]}
        assert list(NightShard.objects.values_list("for_date", "shard", "of", "state").order_by("shard")) == [
            (YESTERDAY, shard, 3, WorkState.PENDING) for shard in range(3)
        ]

    def test_twice_is_once(self, sharded):
        nights.plan()
        assert nights.plan().planned == {"checks": []}
        assert NightShard.objects.count() == 3

    def test_missed_nights_are_caught_up_oldest_first(self, job):
        NightShardFactory(for_date=night(-4), done=True)
        assert nights.plan().planned == {"checks": [night(-3), night(-2), night(-1), YESTERDAY]}
        assert pump_all() == 4
        assert [for_date for for_date, _ in job.calls] == [night(-3), night(-2), night(-1), YESTERDAY]

    def test_no_more_than_a_month_at_once_and_the_rest_is_told(self, job):
        NightShardFactory(for_date=night(-40), done=True)
        plan = nights.plan()
        assert (len(plan.planned["checks"]), plan.planned["checks"][0], plan.left) == (31, night(-39), {"checks": 9})
        assert len(nights.plan().planned["checks"]) == 9

    def test_a_night_planned_by_somebody_else_keeps_their_division(self, sharded):
        NightShardFactory(for_date=YESTERDAY, of=1)
        nights.plan()
        assert NightShard.objects.get().of == 1


class TestPump:
    def test_nothing_to_do(self, job):
        assert nights.pump() is False

    def test_a_shard_is_done_with_its_counts(self, sharded):
        nights.plan()
        assert pump_all() == 3
        assert nights.counts(YESTERDAY) == {"checks": {"some.check": {"opened": 3, "resolved": 3}}}
        assert written() == ["2026-11-09:0", "2026-11-09:1", "2026-11-09:2"]

    def test_a_later_night_waits_for_every_shard_of_the_earlier(self, sharded):
        NightShardFactory(for_date=night(-1), state=WorkState.RUNNING, owner="other", lease_until=backoff_end())
        nights.plan()
        assert pump_all() == 0

    def test_other_jobs_do_not_wait(self, job):
        NightShardFactory(job="other", for_date=night(-1))
        nights.plan()
        assert pump_all() == 1

    def test_a_failure_is_kept_and_tried_again(self, job, clock):
        job.fault = ValueError("no")
        nights.plan()
        assert pump_all() == 1
        shard = NightShard.objects.get()
        assert (shard.state, shard.attempts, shard.error) == (WorkState.FAILED, 1, "ValueError: no")
        assert written() == []
        job.fault = None
        assert pump_all() == 0
        clock.shift(61)
        assert pump_all() == 1
        shard.refresh_from_db()
        assert (shard.state, shard.attempts, shard.error) == (WorkState.DONE, 2, "")
        assert written() == ["2026-11-09:0"]

    def test_a_killed_workers_shard_is_done_again_and_once(self, sharded, clock):
        nights.plan()
        sharded.fault = Killed()
        with pytest.raises(Killed):
            nights.pump()
        sharded.fault = None
        assert pump_all() == 2
        assert NightShard.objects.get(shard=0).state == WorkState.RUNNING
        clock.shift(61)
        assert nights.waiting() is True
        assert pump_all() == 1
        assert sorted(written()) == ["2026-11-09:0", "2026-11-09:1", "2026-11-09:2"]
        assert nights.last_complete() == YESTERDAY


class TestRunNow:
    def test_it_answers_the_nights_counts(self, sharded):
        assert nights.run_now(YESTERDAY) == {"checks": {"some.check": {"opened": 3, "resolved": 3}}}
        assert nights.last_complete() == YESTERDAY

    def test_it_runs_the_missed_nights_first(self, job):
        NightShardFactory(for_date=night(-3), done=True)
        nights.run_now(TODAY)
        assert [for_date for for_date, _ in job.calls] == [night(-2), night(-1), YESTERDAY, TODAY]

    def test_of_a_long_gap_it_leaves_no_night_out(self, job):
        NightShardFactory(for_date=night(-40), done=True)
        nights.run_now(YESTERDAY)
        assert [for_date for for_date, _ in job.calls] == [night(days) for days in range(-39, 1)]

    def test_it_answers_for_the_missed_nights_too(self, job):
        NightShardFactory(for_date=night(-2), done=True)
        assert nights.run_now(YESTERDAY)["checks"]["some.check"]["opened"] == 2

    def test_a_night_to_come_is_refused_and_leaves_the_ledger(self, job):
        with pytest.raises(nights.NightToCome, match="2026-11-11 is after today"):
            nights.run_now(night(2))
        assert (nights.last_complete(), NightShard.objects.count()) == (None, 0)

    def test_the_last_night_may_be_run_again(self, no_night_jobs):
        answers = iter([{"opened": 2}, {"opened": 0}])
        registry.register_night_job("checks", lambda *args: next(answers))
        assert [nights.run_now(YESTERDAY), nights.run_now(YESTERDAY)] == [{"opened": 2}, {"opened": 0}]

    def test_a_night_before_the_last_is_past(self, job):
        nights.run_now(YESTERDAY)
        with pytest.raises(nights.NightIsPast, match="2026-11-09"):
            nights.run_now(night(-1))
        assert len(job.calls) == 1

    def test_a_failure_is_told(self, job):
        job.fault = ValueError("no")
        with pytest.raises(nights.NightFailed, match="checks 2026-11-09 1 of 1: ValueError: no"):
            nights.run_now(YESTERDAY)
        job.fault = None
        assert nights.run_now(YESTERDAY)["checks"]["some.check"]["opened"] == 1

    def test_it_waits_for_a_shard_that_another_worker_holds(self, sharded, monkeypatch):
        nights.plan()
        held = nights._claim("other")
        slept = []

        def sleep(seconds):
            slept.append(seconds)
            nights._work(held)

        nights._pump_until(YESTERDAY, "checks", sleep=sleep)
        assert (len(slept), nights.last_complete()) == (1, YESTERDAY)


class TestWatch:
    def test_never_run_is_stale(self):
        assert (night_watch().last_complete, stale()) == (None, True)

    def test_a_night_is_complete_when_all_its_shards_are(self):
        NightShardFactory(for_date=night(-1), done=True)
        NightShardFactory(for_date=YESTERDAY, shard=0, of=2, done=True)
        NightShardFactory(for_date=YESTERDAY, shard=1, of=2)
        assert nights.last_complete() == night(-1)
        NightShard.objects.update(state=WorkState.DONE, finished_at=backoff_end())
        assert nights.last_complete() == YESTERDAY

    def test_it_is_stale_after_twenty_six_hours(self, clock):
        NightShardFactory(done=True)
        clock.shift(26 * 3600)
        assert stale() is False
        clock.shift(1)
        assert stale() is True

    def test_how_many_hours_is_a_rule_that_a_council_changes_from_a_day_on(self, clock):
        set_rule("night.stale_hours", 72, from_=TODAY + timedelta(days=1))
        NightShardFactory(done=True)
        clock.shift(26 * 3600 + 1)  # on the next day
        assert stale() is False

    def test_a_rule_of_a_later_day_does_not_count_yet(self, clock):
        set_rule("night.stale_hours", 72, from_=TODAY + timedelta(days=2))
        NightShardFactory(done=True)
        clock.shift(26 * 3600 + 1)
        assert stale() is True

    def test_without_anybody_who_knows_the_rule_it_is_an_error(self, monkeypatch):
        monkeypatch.setattr(registry, "_latenesses", [])
        NightShardFactory(done=True)
        with pytest.raises(LookupError, match="how late a night may be"):
            night_watch()

    def test_an_old_nights_late_finish_is_stale_too(self):
        NightShardFactory(for_date=night(-2), done=True)
        assert stale() is True

    def test_other_jobs_do_not_count(self):
        NightShardFactory(job="other", done=True)
        assert nights.last_complete() is None

    def test_it_is_two_queries_the_night_and_the_rule(self, django_assert_num_queries):
        NightShardFactory(done=True)
        with django_assert_num_queries(2):
            night_watch()

    def test_what_waits_is_counted(self):
        NightShardFactory(failed=True)
        NightShardFactory(shard=1, of=2)
        assert pending() == {"deliveries": 0, "deliveries_failed": 0, "shards": 2, "shards_failed": 1}


def test_back_off_doubles_up_to_six_hours():
    assert [backoff.delay(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 9, 10, 500)] == [
        1,
        2,
        4,
        256,
        360,
        360,
    ]


def backoff_end():
    return nights.now() + timedelta(minutes=1)
