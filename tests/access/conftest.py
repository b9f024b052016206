"""One world for all tests of a module: it is built once, and every test's own transaction leaves it as it was."""

import logging
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.access import objects


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[objects.World]:
    with django_db_blocker.unblock(), objects.made(objects.build) as built:
        yield built


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Refusals by the thousand are not written to the log."""
    requests = logging.getLogger("django.request")
    requests.setLevel(logging.CRITICAL)
    yield
    requests.setLevel(logging.NOTSET)
