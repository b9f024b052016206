"""Searching as a form does: the words are posted, and the page is opened by the address that the answer leads to."""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client


def query_of(client: Client, url: str, words: str, **fields: Any) -> str:
    """What stands after the address of the page when ``words`` were searched for: ``?search=…``, or nothing."""
    answer = client.post(url, {"q": words, **fields})
    assert answer.status_code == 302
    where = urlsplit(answer["Location"])
    assert where.path == url
    return f"?{where.query}" if where.query else ""


def search(client: Client, url: str, words: str, **fields: Any) -> Any:
    return client.get(url + query_of(client, url, words, **fields))
