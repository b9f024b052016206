"""Care reviews as a calendar file (RFC 5545): which days, and no word of whose they are, because calendars are shared."""

from collections.abc import Iterable
from datetime import UTC

from django.conf import settings
from icalendar import Calendar, Event

from children.models import CareReview
from virtualschool.kernel.dates import now


def calendar_file(reviews: Iterable[CareReview]) -> bytes:
    """Care reviews as whole days, each with the link to what is known of the education. Taken in again they move along."""
    calendar = Calendar.new(prodid="-//Virtual School//Care reviews//EN", version="2.0", method="PUBLISH")
    stamp = now().astimezone(UTC)
    for review in reviews:
        event = Event.new(
            summary="Care review",
            description=f"{settings.VS_BASE_URL}{review.child.get_absolute_url()}",
            start=review.on,
            uid=f"{review.uuid}@virtual-school",
            stamp=stamp,
            classification="PRIVATE",
        )
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
