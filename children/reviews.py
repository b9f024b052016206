"""By when a child's care plan is to be reviewed, as the law has it and the record knows the reviews before.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 33: the first within 20 working days of becoming
looked after, the second within three months of it, each later one within six months of the one before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max

from children.models import CareReview, PeriodOfCare
from virtualschool.rulebook import clocks
from virtualschool.rulebook.calendars import Calendars
from virtualschool.rulebook.clocks import Reckoning
from virtualschool.rulebook.rules import Pack

PREFIX = "review."


@dataclass(frozen=True)
class Held:
    """What the next review is reckoned from: since when the child is in care, how many reviews there were, and the last of them."""

    since: date
    count: int = 0
    last_on: date | None = None


def held(children: Collection[int], on: date) -> dict[int, Held]:
    """The reviews before the day in the children's present period of care, by child. Two queries.

    A review counts as held when its day is over: who has not heard otherwise cannot tell more.
    """
    periods = PeriodOfCare.objects.current(on).filter(child__in=children, short_breaks=False)
    since = dict(periods.values_list("child", "start"))
    told = (
        CareReview.objects.filter(
            child__periods_of_care__in=periods, on__lt=on, on__gte=F("child__periods_of_care__start")
        )
        .values("child")
        .annotate(n=Count("pk"), last=Max("on"))
        .order_by("child")
    )
    found = {row["child"]: Held(since[row["child"]], row["n"], row["last"]) for row in told}
    return {child: found.get(child, Held(start)) for child, start in since.items()}


def at_the_latest(reviews: Held, known: Calendars, in_force: Pack) -> Reckoning:
    """The last day on which the next review may be held, with all that led to it. ``in_force``: the rules ``review.…``."""
    if reviews.last_on is None:
        return clocks.reckon(in_force.get("review.first"), reviews.since, known)
    key = "review.second" if reviews.count == 1 else "review.later"
    return clocks.reckon(in_force.get(key), reviews.last_on, known)
