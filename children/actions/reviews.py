"""The day of a child's next care review."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from children import policies
from children.actions.common import locked, permitted
from children.models import CareReview, Child
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict

FARTHEST = timedelta(days=366)  # twice what the law allows: whatever is later is a slip of the pen


@transaction.atomic
def record_review(*, child: Child, on: date, seen: date | None, by: User | None) -> CareReview:
    """Plan the next review for a day; one that was planned is moved there. Told the same day twice it is one review.

    Args:
        seen: the day that the page showed as planned.

    Raises:
        Refused: when ``by`` may not.
        ValidationError: for a day gone by, or more than a year ahead.
        Conflict: when another day was recorded meanwhile.
    """
    child = locked(child)
    permitted(policies.can_record_review, by, child)
    if not today() <= on <= today() + FARTHEST:
        raise ValidationError({"on": "The next review must be today or within a year"})
    same = CareReview.objects.filter(child=child, on=on).first()
    if same is not None:
        return same
    planned = next_review(child)
    if (planned.on if planned else None) != seen:
        raise Conflict("Another day was recorded for this review meanwhile. Open the page again to see it.")
    return _moved(planned, on, by) if planned else _planned(child, on, by)


def next_review(child: Child) -> CareReview | None:
    """The next one of which nobody has reported how it went."""
    found: CareReview | None = (
        CareReview.objects.filter(child=child, on__gte=today(), participation="").order_by("on").first()
    )
    return found


def _planned(child: Child, on: date, by: User | None) -> CareReview:
    review: CareReview = CareReview.objects.create(child=child, on=on)
    record("review.planned", by=by, subject=review, child=child, data={"on": on})
    return review


def _moved(review: CareReview, on: date, by: User | None) -> CareReview:
    before, review.on = review.on, on
    review.save(update_fields=["on"])
    record("review.moved", by=by, subject=review, child=review.child, data={"from": before, "on": on})
    return review
