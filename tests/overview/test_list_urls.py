"""The list of addresses that outside checks read: its shape, and that every page of ours declares what it is."""

import json
from io import StringIO

from django.core.management import call_command
from django.urls import get_resolver

from virtualschool.overview.addresses import LIBRARY_PAGES, addresses


def printed(*options: str) -> str:
    out = StringIO()
    call_command("list_urls", *options, stdout=out)
    return out.getvalue()


def test_one_json_list_of_every_pattern_in_the_shape_that_was_agreed():
    rows = json.loads(printed("--json"))
    assert {frozenset(row) for row in rows} == {frozenset({"name", "pattern", "methods", "policy", "models"})}
    assert {
        "name": "peps:detail",
        "pattern": "peps/<uuid:pep>/",
        "methods": ["GET"],
        "policy": "peps.policies.can_read",
        "models": {"pep": "peps.Pep"},
    } in rows
    assert len(rows) == len(addresses())


def test_every_id_in_an_address_means_a_model():
    ours = [address for address in addresses() if address.name not in LIBRARY_PAGES]
    unnamed = {
        address.name: address.pattern for address in ours if address.pattern.count("<uuid:") != len(address.models)
    }
    assert unnamed == {}


def test_every_pattern_has_a_name_of_its_own_and_a_policy():
    names = [address.name for address in addresses()]
    assert [address.pattern for address in addresses() if not address.policy or not address.name] == []
    assert len(names) == len(set(names))


def test_the_librarys_pages_that_are_declared_are_there():
    assert {address.name for address in addresses()} >= set(LIBRARY_PAGES)


def test_nothing_is_left_out():
    def count(patterns) -> int:
        return sum(count(entry.url_patterns) if hasattr(entry, "url_patterns") else 1 for entry in patterns)

    assert count(get_resolver().url_patterns) == len(addresses())


def test_in_words_each_name_stands_on_a_line():
    text = printed()
    assert [address.name for address in addresses() if address.name not in text] == []
