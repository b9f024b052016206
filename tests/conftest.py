"""The database as the service sees it, and what every test may ask for."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker

import vs_pytest


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made and migrated by the owner of the tables, used by the service's own role."""
    role = vs_pytest.ServiceRole(connection)
    with django_db_blocker.unblock():
        role.take()
    yield
    with django_db_blocker.unblock():
        role.give_back()


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """No test sees another's rate limits or cached figures."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _unsafe_for_browsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's driver keeps an event loop in this thread, in which Django refuses the database."""
    if request.node.get_closest_marker("browser"):
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def service_environment(transactional_db: None) -> dict[str, str]:
    """Environment for a subprocess that works on the test database as the service."""
    return vs_pytest.service_environment()
