"""A PEP meeting as a calendar file (RFC 5545): when and where, and no word of whose it is, because calendars are shared."""

from datetime import UTC, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from peps.enums import MeetingState
from peps.models import PepMeeting
from virtualschool.kernel.dates import now

LASTS = timedelta(hours=1)
NO_LONGER = (MeetingState.REARRANGED, MeetingState.CANCELLED)


def calendar_file(meeting: PepMeeting) -> bytes:
    """The meeting for anybody's calendar. One that was rearranged or cancelled takes itself out again: same id, later sequence."""
    over = meeting.state in NO_LONGER
    calendar = Calendar.new(
        prodid="-//Virtual School//PEP meetings//EN", version="2.0", method="CANCEL" if over else "PUBLISH"
    )
    event = Event.new(
        summary="PEP meeting",
        description=f"{settings.VS_BASE_URL}{reverse('peps:meeting', args=[meeting.uuid])}",
        start=meeting.starts_at.astimezone(UTC),
        end=(meeting.starts_at + LASTS).astimezone(UTC),
        location=meeting.place,
        uid=f"{meeting.uuid}@virtual-school",
        stamp=now().astimezone(UTC),
        sequence=int(over),
        status="CANCELLED" if over else "CONFIRMED",
        classification="PRIVATE",
    )
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
