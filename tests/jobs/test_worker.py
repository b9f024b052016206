"""A real worker on the real broker: a ring is heard, and with the broker wiped the sweeper finds the work."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from celery import current_app

from tests.factories.jobs import MessageFactory
from virtualschool.jobs import doorbell
from virtualschool.jobs.enums import MailState
from virtualschool.jobs.models import Message

pytestmark = [pytest.mark.realclock, pytest.mark.django_db(transaction=True)]

WORKER = [sys.executable, "-m", "celery", "-A", "virtualschool", "worker", "--pool=solo", "--loglevel=warning"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


@pytest.fixture
def worker(service_environment) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([*WORKER, *QUIET], env=service_environment, stderr=subprocess.DEVNULL)
    yield process
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wipe_broker() -> None:
    with current_app.connection_for_write() as line:
        line.default_channel.client.flushdb()


def sent_within(seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if Message.objects.get().state == MailState.SENT:
            return True
        time.sleep(0.1)
    return False


def test_a_ring_is_heard(worker):
    MessageFactory()
    assert doorbell.send("send_mail") is True
    assert sent_within(60)


def test_with_the_broker_wiped_the_sweeper_finds_it(worker):
    MessageFactory()
    doorbell.send("send_mail")
    wipe_broker()
    doorbell.send("sweep")
    assert sent_within(60)
