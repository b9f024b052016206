"""Planning a meeting, answering an invitation, arranging again, and recording who came."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from children.forms.common import capitalised
from peps import policies
from peps.enums import Attendance, Response, Seat
from peps.models import MeetingInvitation
from peps.people import NAMED_FOR, WRITERS
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.forms import GovukDateField, PageForm

TIMES = ["%H:%M", "%H.%M", "%I:%M%p", "%I.%M%p", "%I%p", "%I:%M %p", "%I %p"]
TIME_HINT = "For example, 10:30 or 2pm"
# A meeting that was held without having been planned here is entered within about a term; none is planned for years ahead.
LONGEST_AGO, LONGEST_AHEAD = timedelta(days=120), timedelta(days=366)
ANSWERS = [("accept", "I will come"), ("decline", "I cannot come")]


def time_field(**kwargs: Any) -> forms.TimeField:
    """A time as people write it."""
    widget = forms.TextInput(attrs={"class": "govuk-input--width-5"})
    messages = {"invalid": "Enter a time, like 10:30 or 2pm"}
    return forms.TimeField(
        label="Time", input_formats=TIMES, widget=widget, help_text=TIME_HINT, error_messages=messages, **kwargs
    )


def refuse_far_off(on: date) -> None:
    """A slip in the year plans no meeting."""
    first, last = today() - LONGEST_AGO, today() + LONGEST_AHEAD
    if not first <= on <= last:
        raise ValidationError(f"Date must be between {long_date(first)} and {long_date(last)}", code="far_off")


def refuse_not_next(on: date | None, held_on: date) -> None:
    """The next meeting comes after this one, within a year of it."""
    last = held_on + LONGEST_AHEAD
    if on is not None and not held_on < on <= last:
        words = f"The next meeting must be after this one, of {long_date(held_on)}, and no later than {long_date(last)}"
        raise ValidationError(words, code="not_next")


class MeetingForm(PageForm):
    """When and where."""

    submit_label = "Plan the meeting and invite"

    on = GovukDateField(label="Date of the meeting", validators=[refuse_far_off])
    time = time_field()
    place = forms.CharField(label="Where, or how to join", max_length=200)

    def starts_at(self) -> datetime:
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["time"], LONDON)


class RearrangeForm(PageForm):
    """Why the meeting cannot be held, and the new time if it is known."""

    submit_label = "Rearrange the meeting"

    why = forms.CharField(
        label="Why is it rearranged?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text="The reason is kept.",
    )
    on = GovukDateField(
        label="New date", required=False, help_text="Leave it out if there is none yet.", validators=[refuse_far_off]
    )
    time = time_field(required=False)
    place = forms.CharField(label="Where, or how to join", max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("on")) != bool(given.get("time")) and not self.errors:
            self.add_error("time" if given.get("on") else "on", "Enter both the new date and the time, or neither")
        return given

    def starts_at(self) -> datetime | None:
        on, time = self.cleaned_data.get("on"), self.cleaned_data.get("time")
        return datetime.combine(on, time, LONDON) if on and time else None


class AnswerInvitationForm(PageForm):
    """Coming or not; a refusal has its reason."""

    submit_label = "Send my answer"
    reveals: ClassVar = {"answer": {"decline": ["why"]}}

    answer = forms.ChoiceField(label="Will you come?", choices=ANSWERS, widget=forms.RadioSelect)
    why = forms.CharField(
        label="Why can you not come?", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, required=False
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("answer") == "decline" and not given.get("why"):
            self.add_error("why", "Say why you cannot come")
        return given


class InviteForm(PageForm):
    """Somebody else who should be there. The seats that make it a PEP meeting are for people with accounts, so no name takes them."""

    submit_label = "Invite"

    seat = forms.ChoiceField(
        label="Part in the meeting", choices=[(value, words) for value, words in Seat.choices if value not in WRITERS]
    )
    name = forms.CharField(label="Name", max_length=200, required=False)
    unmarked = ("name",)

    def __init__(self, data: Any = None, *, reader: User, **kwargs: Any) -> None:
        self.reader = reader
        super().__init__(data, **kwargs)
        unread = [str(seat.label) for seat in NAMED_FOR if not policies.can_name(reader, seat)]
        if unread:
            self.fields["name"].help_text = f"Leave it out for a {' or a '.join(unread)}: your role does not read it."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        seat, name = given.get("seat"), given.get("name")
        verdict = policies.can_name(self.reader, seat) if seat else None
        if verdict and not name:
            self.add_error("name", "Enter a name")
        if verdict is not None and not verdict and name:
            self.add_error("name", verdict.reason)
        return given


class UninviteForm(PageForm):
    """Yes, and nothing else."""

    submit_label = "Take the seat away"

    guest = forms.UUIDField(widget=forms.HiddenInput)


class HoldForm(PageForm):
    """Who came, and when the next meeting is."""

    submit_label = "Record the meeting"

    next_meeting_on = GovukDateField(
        label="Date of the next meeting", required=False, help_text="Booked now, before anyone leaves."
    )

    def __init__(
        self,
        data: Any = None,
        *,
        invitations: Iterable[MeetingInvitation],
        reader: User,
        held_on: date,
        ask_why_absent: bool,
        **kwargs: Any,
    ) -> None:
        self.invitations, self.held_on = list(invitations), held_on
        came: dict[str, forms.Field] = {f"came_{one.pk}": _came(one, reader) for one in self.invitations}
        if ask_why_absent:
            came["without_social_worker_why"] = forms.CharField(
                label="If it went on without the social worker: why",
                widget=forms.Textarea(attrs={"rows": 3}),
                max_length=1000,
                required=False,
            )
        self.base_fields = {**came, **self.base_fields}
        super().__init__(data, **kwargs)

    def clean_next_meeting_on(self) -> date | None:
        on: date | None = self.cleaned_data["next_meeting_on"]
        refuse_not_next(on, self.held_on)
        return on

    def attendance(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data[f"came_{one.pk}"] for one in self.invitations}

    def facts(self) -> dict[str, Any]:
        return {
            "next_meeting_on": self.cleaned_data["next_meeting_on"],
            "without_social_worker_why": self.cleaned_data.get("without_social_worker_why", ""),
        }


class NextMeetingForm(PageForm):
    submit_label = "Book the next meeting"

    next_meeting_on = GovukDateField(label="Date of the next meeting", not_past=True)

    def __init__(self, data: Any = None, *, held_on: date, **kwargs: Any) -> None:
        self.held_on = held_on
        super().__init__(data, **kwargs)

    def clean_next_meeting_on(self) -> date:
        on: date = self.cleaned_data["next_meeting_on"]
        refuse_not_next(on, self.held_on)
        return on


def name_words(invitation: MeetingInvitation, reader: User) -> str:
    """Who is asked: somebody with an account, or the name that was given, a carer's or parent's for roles that read those."""
    if invitation.user:
        return str(invitation.user)
    return invitation.name if policies.can_name(reader, invitation.seat) else ""


def declined_words(invitation: MeetingInvitation, reader: User) -> str:
    """Why somebody cannot come: of a carer or a parent it may tell who they are."""
    return invitation.declined_why if invitation.user or policies.can_name(reader, invitation.seat) else ""


def seat_words(invitation: MeetingInvitation, reader: User) -> str:
    """The seat, and who sits on it as far as the reader's role reads it."""
    seat, name = str(invitation.get_seat_display()), name_words(invitation, reader)
    words = f"{seat}, {name}" if name else seat
    return capfirst(words)


def _came(invitation: MeetingInvitation, reader: User) -> forms.Field:
    label, expected = seat_words(invitation, reader), _expected(invitation)
    choices = capitalised(Attendance.choices)
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, initial=expected)


def _expected(invitation: MeetingInvitation) -> str:
    if invitation.attendance:
        return str(invitation.attendance)
    return Attendance.APOLOGIES if invitation.response == Response.DECLINED else ""
