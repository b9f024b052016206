"""The bell never fails whoever rings it, and is only ever rung after the deed."""

import time

import pytest
from celery import current_app
from django.db import transaction
from django.http import HttpResponse
from kombu.exceptions import OperationalError

from tests.factories.jobs import DeliveryFactory, MessageFactory, NightShardFactory
from virtualschool.jobs import doorbell, events, nights, registry, tasks
from virtualschool.jobs.enums import WorkState
from virtualschool.jobs.middleware import NudgeMiddleware
from virtualschool.jobs.models import Delivery, NightShard


@pytest.fixture
def line(monkeypatch):
    """What is sent to the broker; it can be told to fail."""

    class Line:
        sent: list[str] = []
        fails = False

        def send_task(self, name, **options):
            assert options == {"retry": False, "ignore_result": True}
            if self.fails:
                raise OperationalError("connection refused")
            self.sent.append(name.removeprefix("virtualschool.jobs.tasks."))

    found = Line()
    found.sent = []
    monkeypatch.setattr(current_app, "send_task", found.send_task)
    monkeypatch.setattr(doorbell._Line, "closed_until", 0.0)
    return found


@pytest.mark.django_db
class TestRing:
    def test_after_the_commit_and_once(self, line, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(3):
                doorbell.ring("deliver")
            doorbell.ring("pump")
            assert line.sent == []
        assert line.sent == ["deliver", "pump"]

    def test_a_rolled_back_ring_takes_no_other_with_it(self, line, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            with transaction.atomic():
                doorbell.ring("deliver")
                transaction.set_rollback(True)
            doorbell.ring("deliver")
        assert line.sent == ["deliver"]

    def test_nobody_is_rung_while_it_is_muffled(self, line, django_capture_on_commit_callbacks):
        with doorbell.muffled():
            with django_capture_on_commit_callbacks(execute=True):
                doorbell.ring("deliver")
            assert (doorbell.send("pump"), line.sent) == (False, [])
        assert (doorbell.send("pump"), line.sent) == (True, ["pump"])

    def test_redis_away_fails_nobody(self, line, caplog):
        line.fails = True
        assert doorbell.send("pump") is False
        assert caplog.messages == ["The doorbell was not heard: pump (OperationalError)"]

    def test_a_dead_line_is_left_alone_for_a_while(self, line, monkeypatch):
        line.fails = True
        doorbell.send("pump")
        line.fails = False
        assert (doorbell.send("pump"), line.sent) == (False, [])
        later = time.monotonic() + 31
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert (doorbell.send("pump"), line.sent) == (True, ["pump"])


class TestRealLine:
    """Against the real broker, and against a socket where there is none."""

    def test_it_answers(self):
        assert doorbell.answers() is True

    def test_it_is_heard(self, monkeypatch):
        monkeypatch.setattr(doorbell._Line, "closed_until", 0.0)
        assert doorbell.send("sweep") is True

    def test_redis_away(self, no_redis):
        started = time.perf_counter()
        assert (doorbell.answers(), doorbell.send("sweep")) == (False, False)
        assert time.perf_counter() - started < 10  # not for ever; how fast is for a benchmark to say


@pytest.mark.django_db
class TestTasks:
    def test_the_sweeper_rings_for_what_waits(
        self, bell, no_consumers, no_night_jobs, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.sweep()
        assert bell == []
        registry.consumer("thing.happened", name="tests.consumer")(print)
        registry.register_night_job("checks", lambda *args: {})
        DeliveryFactory()
        MessageFactory()
        NightShardFactory()
        with django_capture_on_commit_callbacks(execute=True):
            tasks.sweep()
        assert bell == ["deliver", "send_mail", "pump"]

    def test_what_the_bell_rings_for_gets_done(self, no_consumers, no_night_jobs, mailoutbox):
        registry.consumer("thing.happened", name="tests.consumer")(lambda event: None)
        registry.register_night_job("checks", lambda *args: {})
        DeliveryFactory()
        MessageFactory()
        tasks.plan_nights()
        tasks.deliver()
        tasks.send_mail()
        tasks.pump()
        assert (events.waiting(), nights.waiting(), len(mailoutbox)) == (False, False, 1)
        assert (Delivery.objects.get().state, NightShard.objects.get().state) == (WorkState.DONE, WorkState.DONE)

    def test_planning_rings_the_pump(self, bell, no_night_jobs, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.plan_nights()
        assert bell == ["pump"]

    def test_a_long_pump_hands_over(self, bell, no_night_jobs, monkeypatch, django_capture_on_commit_callbacks):
        registry.register_night_job("checks", lambda *args: {}, shards=lambda for_date: 3)
        nights.plan()
        monkeypatch.setattr(tasks, "_BUDGET", -1)
        with django_capture_on_commit_callbacks(execute=True):
            tasks.pump()
        assert bell == ["pump"]
        assert NightShard.objects.filter(state=WorkState.DONE).count() == 1

    def test_a_full_round_of_deliveries_rings_for_the_next(self, bell, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr(events, "deliver_pending", lambda: 100)
        with django_capture_on_commit_callbacks(execute=True):
            tasks.deliver()
        assert bell == ["deliver"]


def test_the_web_rings_once_a_minute(bell, rf, monkeypatch):
    at = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    middleware = NudgeMiddleware(lambda request: HttpResponse("here"))
    for seconds in (0, 1, 58, 1, 59, 1):
        at[0] += seconds
        assert middleware(rf.get("/")).content == b"here"
    assert bell == ["sweep", "sweep", "sweep"]
