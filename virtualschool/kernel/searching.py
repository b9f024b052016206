"""Searching for somebody by name or number without writing it into an address.

Addresses end up in the browser's history, in bookmarks and in the logs of every machine between; a child's name or UPN may not. So
the words are posted and kept in the searcher's session, and the page is opened by an address that holds a key to them: pages of
the list, its file, and the browser's way back go on working, and the key opens nothing to anybody else.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.http import HttpRequest, HttpResponseRedirect, QueryDict

from virtualschool.kernel.pagination import PARAMETER

FIELD = "q"  # what the words are posted as
KEY = "search"  # what an address holds instead
LONGEST = 200  # characters kept
MOST = 50  # searches kept in a session; the oldest go first
KEPT = "searches"


@dataclass(frozen=True)
class Search:
    """What a page was asked to find.

    ``lost``: the address speaks of a search that this session does not keep, or names somebody itself; then nobody is found, for
    showing everybody instead would show more than was asked for. ``clear_href``: the same page without the search.
    """

    term: str = ""
    lost: bool = False
    clear_href: str = ""


def search_of(request: HttpRequest) -> Search:
    """The search that the request's address has the key of."""
    term = request.session.get(KEPT, {}).get(request.GET.get(KEY, ""), "")
    named = any(value.strip() for value in request.GET.getlist(FIELD))
    rest = request.GET.copy()
    for name in (FIELD, KEY, PARAMETER):
        rest.pop(name, None)
    return Search(term, lost=named or bool(request.GET.get(KEY) and not term), clear_href=_address(request, rest))


def sent_on(request: HttpRequest, names: Iterable[str] = ()) -> HttpResponseRedirect:
    """The answer to a posted search: the same page by its address, with the other fields called ``names`` in it."""
    query = QueryDict(mutable=True)
    for name in names:
        if name != FIELD and (values := [value for value in request.POST.getlist(name) if value.strip()]):
            query.setlist(name, values)
    if term := request.POST.get(FIELD, "").strip()[:LONGEST]:
        query[KEY] = _keep(request, term)
    return HttpResponseRedirect(_address(request, query))


def _keep(request: HttpRequest, term: str) -> str:
    """The key of the words in this session; the same words keep theirs."""
    kept = dict(request.session.get(KEPT, {}))
    key = next((key for key, words in kept.items() if words == term), secrets.token_hex(4))
    kept.pop(key, None)
    request.session[KEPT] = dict([*kept.items(), (key, term)][-MOST:])
    return key


def _address(request: HttpRequest, query: QueryDict) -> str:
    return f"{request.path}?{query.urlencode()}" if query else request.path


class SearchFilterSet(django_filters.FilterSet):
    """A filter with the field ``q`` for a name or number, which is posted; its other fields stand in the address."""

    def __init__(self, data: Any, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.search = search_of(request)
        data = data.copy()
        data.pop(FIELD, None)
        if self.search.term:
            data[FIELD] = self.search.term
        super().__init__(data, *args, request=request, **kwargs)

    @classmethod
    def sent_on(cls, request: HttpRequest) -> HttpResponseRedirect:
        """The answer to this filter when it was posted."""
        return sent_on(request, cls.base_filters)

    @property
    def qs(self) -> Any:
        """Nobody when a filter is not understood: dropping it would show, and export, more than was asked for."""
        return super().qs if self.is_valid() and not self.search.lost else self.queryset.none()
