"""A PEP meeting for the reader's own calendar."""

from django.http import HttpRequest, HttpResponse

from peps import policies
from peps.invites import as_it_is
from peps.invites import calendar_file as made_for
from peps.models import PepMeeting
from virtualschool.audit.pages import page


@page(policies.can_read, meeting=PepMeeting)
def calendar_file(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """The file that a calendar takes in; taken in again it moves the meeting, or takes it out when it is off."""
    answer = HttpResponse(made_for(as_it_is(meeting)), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="pep-meeting.ics"'
    return answer
