"""The database as the service sees it, and what every test may ask for."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker

import vs_pytest
from scripts import chromium, testdb
from scripts.services import Places
from virtualschool.audit import context


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The test database goes with its server when the run ends."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Each worker's database starts as a copy of one that is migrated already."""
    connection.settings_dict["TEST"]["TEMPLATE"] = testdb.prepare(Places(settings.VAR))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Made and migrated by the owner of the tables, used by the service's own role."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        with django_db_blocker.unblock():
            vs_pytest.ServiceRole(connection).take(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """No test sees another's rate limits or cached figures."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def nobody_acts() -> Iterator[None]:
    """No test goes on in the name of somebody who signed in during another."""
    with context.acting(None):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The browser that scripts/setup.py unpacked, with its own fonts."""
    if not chromium.EXECUTABLE.is_file():
        pytest.fail("The browser for tests is missing: run scripts/setup.py --browser, or make test.")
    return browser_type_launch_args | {
        "executable_path": str(chromium.EXECUTABLE),
        "args": list(chromium.FLAGS),
        "env": dict(os.environ) | chromium.environment(),
    }


@pytest.fixture
def service_environment(transactional_db: None) -> dict[str, str]:
    """Environment for a subprocess that works on the test database as the service."""
    return vs_pytest.service_environment()
