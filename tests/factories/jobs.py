"""Rows of the ledgers as they stand before anybody has worked on them."""

from datetime import timedelta

import factory
from factory.django import DjangoModelFactory

from tests.factories.accounts import UserFactory
from virtualschool.jobs.enums import MailState, WorkState
from virtualschool.jobs.models import Delivery, Event, Message, NightShard
from virtualschool.kernel.dates import now, today


class EventFactory(DjangoModelFactory):
    class Meta:
        model = Event

    kind = "thing.happened"
    key = factory.Sequence(lambda n: f"thing.happened:{n}")


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    class Params:
        failed = factory.Trait(state=WorkState.FAILED, attempts=1, error="ValueError: no")

    event = factory.SubFactory(EventFactory)
    consumer = "tests.consumer"


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    class Params:
        sent = factory.Trait(state=MailState.SENT, sent_at=factory.LazyFunction(now))

    to = factory.SubFactory(UserFactory)
    key = factory.Sequence(lambda n: f"message:{n}")
    kind = "thing.waits"


class NightShardFactory(DjangoModelFactory):
    """Last night's only shard, waiting."""

    class Meta:
        model = NightShard

    class Params:
        done = factory.Trait(state=WorkState.DONE, finished_at=factory.LazyFunction(now))
        failed = factory.Trait(state=WorkState.FAILED, attempts=1, error="ValueError: no")

    job = "checks"
    for_date = factory.LazyFunction(lambda: today() - timedelta(days=1))
    shard = 0
    of = 1
