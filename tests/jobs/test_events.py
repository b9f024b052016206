"""The event ledger: a reaction is done once, whatever fails on the way."""

import pytest
from django.db import transaction

from tests.factories.accounts import OrganisationFactory
from tests.factories.jobs import DeliveryFactory, EventFactory
from virtualschool.accounts.models import Organisation
from virtualschool.audit.context import acting
from virtualschool.audit.models import Change
from virtualschool.jobs import doorbell, registry
from virtualschool.jobs.enums import WorkState
from virtualschool.jobs.events import add_missing, deliver_pending, emit, waiting
from virtualschool.jobs.models import Delivery, Event

pytestmark = pytest.mark.django_db


def on(kind: str, function, name: str = "tests.reaction") -> None:
    registry.consumer(kind, name=name)(function)


class TestEmit:
    def test_the_reaction_follows_the_commit_at_once(self, no_consumers, django_capture_on_commit_callbacks):
        seen = []
        on("a.happened", lambda event: seen.append(event.key))
        with django_capture_on_commit_callbacks(execute=True):
            emit("a.happened", key="a:1")
            emit("a.happened", key="a:2")
            assert seen == []
        assert seen == ["a:1", "a:2"]
        assert set(Delivery.objects.values_list("state", flat=True)) == {WorkState.DONE}

    def test_whoever_muffles_the_bell_delivers(self, no_consumers, django_capture_on_commit_callbacks):
        seen = []
        on("a.happened", lambda event: seen.append(event.key))
        with doorbell.muffled(), django_capture_on_commit_callbacks(execute=True):
            emit("a.happened", key="a:1")
        assert seen == []
        assert (deliver_pending(), seen) == (1, ["a:1"])

    def test_twice_is_once(self, no_consumers):
        on("a.happened", lambda event: None)
        assert [emit("a.happened", key="a:1"), emit("a.happened", key="a:1")] == [True, False]
        assert (Event.objects.count(), Delivery.objects.count()) == (1, 1)

    def test_each_consumer_has_its_delivery(self, no_consumers):
        on("a.happened", print, "tests.one")
        on("a.happened", print, "tests.two")
        on("b.happened", print, "tests.three")
        emit("a.happened", key="a:1", data={"pep": 4})
        assert set(Delivery.objects.values_list("consumer", "state")) == {
            ("tests.one", WorkState.PENDING),
            ("tests.two", WorkState.PENDING),
        }
        assert Event.objects.get().data == {"pep": 4}

    def test_it_keeps_who_did_it(self, no_consumers):
        with acting(5, "r1"):
            emit("a.happened", key="a:1")
        assert list(Event.objects.values_list("user_id", "request_id")) == [("5", "r1")]

    def test_what_is_rolled_back_did_not_happen(self, no_consumers):
        on("a.happened", print)
        with transaction.atomic():
            emit("a.happened", key="a:1")
            transaction.set_rollback(True)
        assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)

    @pytest.mark.django_db(transaction=True)
    def test_it_needs_the_transaction_of_the_deed(self):
        with pytest.raises(transaction.TransactionManagementError):
            emit("a.happened", key="a:1")

    def test_the_bell_rings_when_it_commits(self, no_consumers, bell, django_capture_on_commit_callbacks):
        on("a.happened", print)
        with django_capture_on_commit_callbacks(execute=True):
            emit("a.happened", key="a:1")
            emit("a.happened", key="a:2")
            assert bell == []
        assert bell == ["deliver"]


class TestDeliver:
    def test_a_reaction_is_done_once(self, no_consumers):
        seen = []
        on("a.happened", lambda event: seen.append(event.key))
        emit("a.happened", key="a:1")
        assert [deliver_pending(), deliver_pending()] == [1, 0]
        assert seen == ["a:1"]
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts, delivery.done_at is not None) == (WorkState.DONE, 1, True)

    def test_a_failure_is_kept_and_tried_again_later(self, no_consumers, clock):
        answers = iter([ValueError("no\nKey (upn)=(A123)"), ValueError("no"), None])

        def react(event):
            OrganisationFactory(name="half done")
            if error := next(answers):
                raise error

        on("a.happened", react)
        emit("a.happened", key="a:1")
        assert deliver_pending() == 1
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts, delivery.error) == (WorkState.FAILED, 1, "ValueError: no")
        assert Organisation.objects.count() == 0
        assert deliver_pending() == 0
        clock.shift(60)
        assert deliver_pending() == 1
        clock.shift(60)
        assert deliver_pending() == 0
        clock.shift(60)
        assert (waiting(), deliver_pending(), waiting()) == (True, 1, False)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts, delivery.error) == (WorkState.DONE, 3, "")
        assert Organisation.objects.count() == 1

    def test_one_failure_stops_nobody_else(self, no_consumers):
        seen = []
        on("a.happened", lambda event: 1 / 0, "tests.bad")
        on("a.happened", lambda event: seen.append(event.key), "tests.good")
        for number in range(3):
            emit("a.happened", key=f"a:{number}")
        assert deliver_pending() == 6
        assert seen == ["a:0", "a:1", "a:2"]
        assert Delivery.objects.filter(state=WorkState.FAILED).count() == 3

    def test_no_more_than_asked_for(self, no_consumers):
        on("a.happened", lambda event: None)
        for number in range(5):
            emit("a.happened", key=f"a:{number}")
        assert [deliver_pending(2), deliver_pending(2), deliver_pending(2)] == [2, 2, 1]

    def test_a_reaction_is_the_doers(self, no_consumers):
        on("a.happened", lambda event: OrganisationFactory())
        with acting(5, "r1"):
            emit("a.happened", key="a:1")
        deliver_pending()
        change = Change.objects.get(table_name="accounts_organisation")
        assert (change.user_id, change.request_id, change.why) == ("5", "r1", "tests.reaction on a.happened")

    def test_a_consumer_that_is_gone_keeps_its_delivery(self, no_consumers):
        DeliveryFactory(consumer="removed.consumer")
        assert deliver_pending() == 0
        assert Delivery.objects.get().state == WorkState.PENDING


class TestAddMissing:
    def test_a_later_consumer_gets_the_last_thirty_days(self, no_consumers, clock):
        EventFactory(kind="a.happened", key="old")
        clock.shift(31 * 24 * 3600)
        EventFactory(kind="a.happened", key="new")
        EventFactory(kind="b.happened", key="other")
        on("a.happened", lambda event: None)
        assert [add_missing(), add_missing()] == [1, 0]
        assert list(Delivery.objects.values_list("event__key", flat=True)) == ["new"]


class TestRegistry:
    def test_a_name_is_taken_once(self, no_consumers):
        on("a.happened", print)
        with pytest.raises(ValueError, match="tests.reaction"):
            on("b.happened", print)

    def test_a_night_job_is_taken_once(self, no_night_jobs):
        registry.register_night_job("tests.job", print)
        with pytest.raises(ValueError, match="tests.job"):
            registry.register_night_job("tests.job", print)
