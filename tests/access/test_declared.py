"""The table names every address and none that is gone: a page that nobody declared is a failing test."""

from collections import Counter

import pytest
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from tests.access.declared import ADMINISTRATOR, EVERYBODY, KINDS, LIBRARY, PUBLIC, READS, TABLE
from tests.personas import NAMES
from virtualschool.overview.addresses import LIBRARY_PAGES, Address, addresses

FOUND = {address.name: address for address in addresses()}
DECLARED = set(TABLE) | set(PUBLIC) | set(LIBRARY)


def test_every_address_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(one.name for one in addresses()).items() if times > 1 or not name] == []


def test_every_address_is_declared() -> None:
    assert sorted(set(FOUND) - DECLARED) == []


def test_no_address_is_declared_that_is_gone() -> None:
    assert sorted(DECLARED - set(FOUND)) == []


def test_an_address_is_declared_in_one_way() -> None:
    assert (set(TABLE) & set(PUBLIC)) | (set(TABLE) & set(LIBRARY)) | (set(PUBLIC) & set(LIBRARY)) == set()


def test_every_address_says_who_may_open_it() -> None:
    assert [address.name for address in addresses() if not address.policy] == []


def test_public_pages_are_those_declared() -> None:
    ours = {name for name, address in FOUND.items() if address.policy == "public" and name not in LIBRARY_PAGES}
    assert ours == set(PUBLIC)


@pytest.mark.parametrize("name", TABLE)
def test_an_address_names_the_records_it_is_declared_with(name: str) -> None:
    """The converter, the page's own statement and the table mean the same model."""
    address = FOUND.get(name, Address(name, ""))
    for case in TABLE[name]:
        assert {kwarg: KINDS[key].model for kwarg, key in case.named.items()} == address.models


@pytest.mark.parametrize("name", TABLE)
def test_an_address_answers_the_methods_it_is_declared_with(name: str) -> None:
    address = FOUND.get(name, Address(name, ""))
    said = {"GET" for case in TABLE[name] if case.get is not None} | {
        "POST" for case in TABLE[name] if case.post is not None
    }
    assert said == set(address.methods)


def test_every_id_in_an_address_is_a_record_that_its_page_looks_up() -> None:
    """An id that the door does not resolve would reach the view unasked."""
    found = []
    for pattern, name in _patterns():
        ids = {kwarg for kwarg, converter in pattern.converters.items() if type(converter).__name__ == "UUIDConverter"}
        if ids != set(FOUND[name].models):
            found.append(f"{name}: {sorted(ids)}")
    assert found == []


def test_only_known_roles_are_declared() -> None:
    assert set(NAMES) == EVERYBODY
    used = {
        role for cases in TABLE.values() for case in cases for group in (case.get, case.post) for role in group or ()
    }
    assert used | {role for group in READS.values() for role in group} == EVERYBODY | {ADMINISTRATOR}


def test_whoever_may_open_a_page_of_a_record_may_know_of_the_record() -> None:
    """Else the table would ask for a page and a 404 at once."""
    found = [
        f"{name} {case.key}"
        for name, cases in TABLE.items()
        for case in cases
        if case.kind and not ((case.get or frozenset()) | (case.post or frozenset())) <= case.kind.known_to
    ]
    assert found == []


def _patterns() -> list[tuple[RoutePattern, str]]:
    found: list[tuple[RoutePattern, str]] = []

    def walk(entries: list, namespace: str) -> None:
        for entry in entries:
            if isinstance(entry, URLPattern):
                if hasattr(entry.callback, "page"):
                    found.append((entry.pattern, f"{namespace}{entry.name}"))
            else:
                walk(entry.url_patterns, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)

    walk(get_resolver().url_patterns, "")
    return found
