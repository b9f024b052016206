"""A PEP meeting as a calendar file (RFC 5545): when and where, and no word of whose it is, because calendars are shared.

It is published (RFC 5546) and not requested: an answer that a calendar sends by mail would reach nobody, so people answer on the
signed-in page that it leads to. A meeting that moves keeps its id, and its sequence rises: the entry moves, or goes.
"""

from datetime import UTC, timedelta
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress

from peps.enums import MeetingState
from peps.models import PepMeeting
from virtualschool.kernel.dates import now

LASTS = timedelta(hours=1)
NO_LONGER = (MeetingState.REARRANGED, MeetingState.CANCELLED)


def calendar_file(meeting: PepMeeting, *, off: bool = False) -> bytes:
    """The meeting for anybody's calendar; one that was called off takes itself out again.

    Args:
        off: take it out for somebody who is not asked any more, although it is held.
    """
    over = off or meeting.state in NO_LONGER
    calendar = Calendar.new(
        prodid="-//Virtual School//PEP meetings//EN", version="2.0", method="CANCEL" if over else "PUBLISH"
    )
    event = Event.new(
        summary="PEP meeting",
        description=address("peps:meeting", meeting.uuid),
        start=meeting.starts_at.astimezone(UTC),
        end=(meeting.starts_at + LASTS).astimezone(UTC),
        location=meeting.place,
        uid=f"{meeting.calendar_key}@virtual-school",
        stamp=now().astimezone(UTC),
        sequence=meeting.calendar_sequence,
        status="CANCELLED" if over else "CONFIRMED",
        classification="PRIVATE",
        organizer=vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"),
    )
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def as_it_is(meeting: PepMeeting) -> PepMeeting:
    """The meeting that stands in people's calendars in its place: itself, or the one it was moved to."""
    followed = PepMeeting.objects.filter(
        calendar_id=meeting.calendar_key, calendar_sequence__gt=meeting.calendar_sequence
    )
    return followed.order_by("calendar_sequence").last() or meeting


def address(name: str, uuid: UUID) -> str:
    """A page's whole address, for mail and calendars. Whoever is not signed in signs in first and is led on to it."""
    return f"{settings.VS_BASE_URL}{reverse(name, args=[uuid])}"
