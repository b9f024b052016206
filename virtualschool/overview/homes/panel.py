"""A panel of a home page: what waits, the first few of it, and where all of it is."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify

from virtualschool.kernel.dates import today
from virtualschool.overview.words import short_date

SHOWN = 8
FORTNIGHT = timedelta(days=14)
Item = dict[str, Any]


@dataclass
class Panel:
    """``count`` is of all that waits; ``items`` are the first few. An empty panel says so in ``empty``."""

    title: str
    empty: str
    count: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)
    href: str = ""
    link_text: str = ""
    child_ids: list[int] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Names it on its page."""
        return slugify(self.title)


def panel(title: str, rows: QuerySet, describe: Any, *, empty: str, href: str = "", link_text: str = "") -> Panel:
    """A panel of ``rows``, two queries whatever their number; ``describe(row)`` is an item for the task list component."""
    first = list(rows[:SHOWN])
    count = rows.count() if len(first) == SHOWN else len(first)
    ids = [row.pk if row._meta.label == "children.Child" else row.child_id for row in first]
    return Panel(title, empty, count, [describe(row) for row in first], href, link_text, ids)


def status(text: str, kind: str) -> dict[str, str]:
    """The tag of an item; ``kind`` is one of the words that have a colour."""
    return {"text": text, "status": kind}


def plain(text: str) -> dict[str, str]:
    """Words where a tag would be: for dates, which are not a state."""
    return {"text": text}


def due(on: date | None) -> dict[str, str]:
    """What is due on a day is overdue from the day after."""
    if on is None:
        return plain("no date")
    return status("overdue", "overdue") if on < today() else plain(f"due {short_date(on)}")
