"""Registries without the project's own entries, and a bell that is only listened to."""

import pytest
from celery import Celery

from virtualschool.jobs import doorbell, registry


@pytest.fixture
def no_consumers(monkeypatch):
    monkeypatch.setattr(registry, "_consumers", {})


@pytest.fixture
def no_night_jobs(monkeypatch):
    monkeypatch.setattr(registry, "_night_jobs", {})


@pytest.fixture
def bell(monkeypatch) -> list[str]:
    """The rings that were sent."""
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "send", rung.append)
    return rung


@pytest.fixture
def no_redis(monkeypatch, tmp_path, settings):
    """A broker's address where nobody listens; what is remembered of that is forgotten afterwards."""
    monkeypatch.setattr(doorbell._Line, "closed_until", 0.0)
    alone = Celery("alone", broker=f"redis+socket://{tmp_path}/none.sock", set_as_current=False)
    alone.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(doorbell, "current_app", alone)
