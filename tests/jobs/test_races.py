"""Several workers, planners and deliverers at once, each on its own connection."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tests.factories.accounts import UserFactory
from tests.factories.jobs import MessageFactory
from virtualschool.accounts.models import Organisation
from virtualschool.jobs import events, nights, outbox, registry
from virtualschool.jobs.enums import MailState, WorkState
from virtualschool.jobs.models import Delivery, Event, Message, NightShard

pytestmark = pytest.mark.django_db(transaction=True)


def beside(*works: Callable[[], Any]) -> list[Any]:
    """What each answers when all run at once, each in a thread and on a connection of its own."""
    answers: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            answers[place] = work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def write(code: str) -> None:
    Organisation.objects.create(kind="service", name=code, code=code)


def written() -> list[str]:
    return sorted(Organisation.objects.filter(kind="service").values_list("code", flat=True))


def pump_all() -> int:
    return next(done for done in range(1000) if not nights.pump())


class TestEvents:
    @pytest.fixture(autouse=True)
    def workers_only(self, monkeypatch):
        """The emitting process leaves the deliveries to these tests' own deliverers."""
        monkeypatch.setattr(events, "AT_ONCE", 0)

    def test_two_deliverers_do_each_delivery_once(self, no_consumers, bell):
        seen = Counter()

        def react(event):
            seen[event.key] += 1
            time.sleep(0.002)
            write(event.key)

        registry.consumer("a.happened", name="tests.reaction")(react)
        with transaction.atomic():
            for number in range(30):
                events.emit("a.happened", key=f"a:{number:02}")
        tried = beside(events.deliver_pending, events.deliver_pending, events.deliver_pending)
        assert sum(tried) == 30
        assert set(seen.values()) == {1}
        assert written() == [f"a:{number:02}" for number in range(30)]
        assert set(Delivery.objects.values_list("state", flat=True)) == {WorkState.DONE}

    def test_one_key_from_two_transactions_is_one_event(self, no_consumers, bell):
        registry.consumer("a.happened", name="tests.reaction")(print)

        def emit() -> bool:
            with transaction.atomic():
                new = events.emit("a.happened", key="a:1")
                time.sleep(0.05)
                return new

        assert sorted(beside(emit, emit, emit)) == [False, False, True]
        assert (Event.objects.count(), Delivery.objects.count()) == (1, 1)

    def test_a_deliverer_that_dies_leaves_its_delivery_waiting(self, no_consumers, bell):
        answers = iter([SystemExit(), None])

        def react(event):
            write(event.key)
            if error := next(answers):
                raise error

        registry.consumer("a.happened", name="tests.reaction")(react)
        with transaction.atomic():
            events.emit("a.happened", key="a:1")
        with pytest.raises(SystemExit):
            events.deliver_pending()
        assert (written(), Delivery.objects.get().state) == ([], WorkState.PENDING)
        assert events.deliver_pending() == 1
        assert written() == ["a:1"]


class TestOutbox:
    def test_two_senders_send_one_mail(self, mailoutbox, monkeypatch):
        user = UserFactory()
        MessageFactory.create_batch(5, to=user)
        real = outbox._mail

        def slow(messages):
            time.sleep(0.05)
            return real(messages)

        monkeypatch.setattr(outbox, "_mail", slow)
        assert sum(beside(outbox.send_due, outbox.send_due)) == 1
        assert len(mailoutbox) == 1
        assert Message.objects.filter(state=MailState.SENT).count() == 5

    def test_a_sender_that_dies_loses_nothing(self, monkeypatch, mailoutbox):
        MessageFactory()
        mark = outbox._mark
        monkeypatch.setattr(outbox, "_mark", lambda *args, **fields: (_ for _ in ()).throw(SystemExit()))
        with pytest.raises(SystemExit):
            outbox.send_due()
        assert Message.objects.get().state == MailState.DUE
        monkeypatch.setattr(outbox, "_mark", mark)
        assert outbox.send_due() == 1
        assert len({sent.extra_headers["Message-ID"] for sent in mailoutbox}) == 1


class TestNights:
    @pytest.fixture
    def job(self, no_night_jobs):
        def run(for_date, shard, of, renew):
            write(f"{for_date}:{shard}")
            return {"done": 1}

        registry.register_night_job("checks", run, shards=lambda for_date: 8)

    def test_planners_at_once_plan_each_night_once(self, job):
        planned = [len(plan.planned["checks"]) for plan in beside(nights.plan, nights.plan, nights.plan)]
        assert sorted(planned) == [0, 0, 1]
        assert NightShard.objects.count() == 8

    def test_planners_that_count_differently_do_not_mix(self, no_night_jobs):
        numbers = iter([3, 5])
        registry.register_night_job("checks", print, shards=lambda for_date: next(numbers))
        beside(nights.plan, nights.plan)
        found = NightShard.objects.values_list("shard", "of").order_by("shard")
        of = found[0][1]
        assert list(found) == [(shard, of) for shard in range(of)]

    def test_workers_at_once_do_each_shard_once(self, job):
        nights.plan()
        assert sum(beside(pump_all, pump_all, pump_all)) == 8
        assert nights.counts(nights.last_complete()) == {"done": 8}
        assert len(written()) == 8


class TestFence:
    """A worker that was frozen longer than its lease wakes up to find its shard with another."""

    def play(self, clock, first: Callable[[Callable[[], None]], None]) -> NightShard:
        """The first worker is overtaken in the middle of its shard, and then goes on with ``first(renew)``."""
        calls = []

        def run(for_date, shard, of, renew):
            calls.append(shard)
            write(f"call {len(calls)}")
            if len(calls) == 1:
                clock.shift(61)
                assert beside(lambda: nights.pump("second")) == [True]
                first(renew)
            return {"done": len(calls)}

        registry.register_night_job("checks", run)
        nights.plan()
        assert nights.pump("first") is True
        assert len(calls) == 2
        return NightShard.objects.get()

    def test_a_zombie_cannot_finish(self, no_night_jobs, clock):
        shard = self.play(clock, lambda renew: None)
        assert (shard.state, shard.owner, shard.attempts, shard.counts) == (WorkState.DONE, "second", 2, {"done": 2})
        assert written() == ["call 2"]

    def test_a_zombie_is_told_when_it_renews(self, no_night_jobs, clock):
        told = []

        def renew_lease(renew):
            with pytest.raises(nights.LeaseLost) as lost:
                renew()
            told.append("lost")
            raise lost.value

        shard = self.play(clock, renew_lease)
        assert (told, shard.owner) == (["lost"], "second")
        assert written() == ["call 2"]

    def test_a_zombies_failure_is_not_the_shards(self, no_night_jobs, clock):
        def fail(renew):
            raise ValueError("late")

        shard = self.play(clock, fail)
        assert (shard.state, shard.error) == (WorkState.DONE, "")

    def test_a_renewed_lease_keeps_others_away(self, no_night_jobs, clock):
        others = []

        def run(for_date, shard, of, renew):
            for _ in range(5):
                clock.shift(40)
                renew()
                others.extend(beside(lambda: nights.pump("second")))
            return {}

        registry.register_night_job("checks", run)
        nights.plan()
        nights.pump("first")
        assert (others, NightShard.objects.get().owner) == ([False] * 5, "first")
