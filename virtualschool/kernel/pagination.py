"""One page of a list, from any number somebody writes in the address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

PER_PAGE = 25
PARAMETER = "page"


@dataclass(frozen=True)
class PageLink:
    """A link to a page; ``gap`` stands for the pages left out."""

    number: int = 0
    href: str = ""
    current: bool = False
    gap: bool = False


@dataclass(frozen=True)
class Pages:
    """A page of rows and the links around it. ``first`` and ``last`` count rows from 1; both are 0 for an empty list."""

    rows: Sequence[Any]
    number: int
    of: int
    total: int
    first: int
    last: int
    links: tuple[PageLink, ...]
    previous: str = ""
    next: str = ""


def paginate(
    request: HttpRequest, rows: Any, *, per_page: int = PER_PAGE, shown: Callable[[Any], Any] = lambda page: page
) -> Pages:
    """The page that the request asks for: below one is the first, beyond the end the last, no number the first.

    Args:
        shown: makes of the page's part of ``rows`` what is shown of it, so that nothing is reckoned for the rows before it.
    """
    paginator = Paginator(rows, per_page)
    number = _asked(request.GET.get(PARAMETER, ""), paginator.num_pages)
    page = paginator.page(number)

    def href(target: int) -> str:
        query = request.GET.copy()
        query[PARAMETER] = str(target)
        return f"?{query.urlencode()}"

    return Pages(
        rows=list(shown(page.object_list)),
        number=number,
        of=paginator.num_pages,
        total=paginator.count,
        first=page.start_index() if paginator.count else 0,
        last=page.end_index(),
        links=_links(number, paginator.num_pages, href),
        previous=href(number - 1) if number > 1 else "",
        next=href(number + 1) if number < paginator.num_pages else "",
    )


def _asked(words: str, last: int) -> int:
    """A page that exists. Only ASCII digits count: isdigit() would let ² through to int(), which refuses it."""
    if not (words.isascii() and words.isdigit()):
        return 1
    return min(max(int(words[:9]), 1), last)


def _links(number: int, last: int, href: Any) -> tuple[PageLink, ...]:
    """First, last, and the neighbours of this page, with a gap where pages are left out."""
    shown = sorted({1, last, *range(max(1, number - 1), min(last, number + 1) + 1)})
    links: list[PageLink] = []
    for target in shown:
        if links and target - links[-1].number > 1:
            links.append(PageLink(gap=True, number=target - 1))
        links.append(PageLink(target, href(target), current=target == number))
    return tuple(links)
