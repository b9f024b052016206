"""The cast, and opening a page as one of them."""

import pytest

from tests import personas


@pytest.fixture
def people(db):
    return personas.cast()


@pytest.fixture
def get(client, people):
    """Open an address as the person of the role; ``of`` names other people than the cast's own."""

    def run(role, address, of=None):
        client.force_login((of or people.people)[role])
        return client.get(address)

    return run
