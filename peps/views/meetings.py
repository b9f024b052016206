"""The meeting's pages: plan, answer, arrange again, record."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst

from peps import policies
from peps.actions import meetings
from peps.actions.attendees import attendees
from peps.actions.guests import take_seat_away
from peps.enums import MeetingState, Response, Seat
from peps.forms.meeting_mode import action_words
from peps.forms.meetings import (
    AnswerInvitationForm,
    HoldForm,
    InviteForm,
    MeetingForm,
    NextMeetingForm,
    RearrangeForm,
    UninviteForm,
    declined_words,
    name_words,
    seat_words,
)
from peps.models import MeetingAction, MeetingInvitation, Pep, PepMeeting
from peps.people import people_of
from peps.views import common, files
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.formpages import done, form_page
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import ALLOW, Refused, require
from virtualschool.rulebook import rules

COLUMNS = [Column("Part"), Column("Who"), Column("Must come"), Column("Answer"), Column("Came")]
LETTER = "A mail tells them that the meeting goes on without them, and takes it out of their calendar."
NO_LETTER = "No mail goes out: somebody without an account is told by whoever asked them."


@page(policies.can_read, meeting=PepMeeting)
def meeting(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """One meeting: who is asked and why, what they answered, and what can be done."""
    meeting = _whole(meeting)
    at = policies.standing(request.user, meeting.pep)
    actions, refused = _actions(request.user, meeting, at)
    state = str(meeting.get_state_display())
    context = {
        "meeting": meeting,
        "heading": f"PEP meeting, {common.meeting_day(meeting)}",
        "caption": common.caption(meeting.pep),
        "tag": {"text": capfirst(state), "status": meeting.state},
        "crumbs": common.crumbs(meeting.pep, {"text": "Meeting"}),
        "summary": _summary(meeting),
        "table": _people(request.user, meeting, at),
        "decided": [_decided(action) for action in meeting.actions.all()],
        "may_tick": bool(policies.reaches(request.user, meeting.pep, at) and _works_there(request.user)),
        "files": files.of_meeting(request.user, meeting, at),
        "actions": actions,
        "refused": refused,
    }
    return render(request, "peps/meeting.html", context)


@page(policies.can_schedule, methods=("GET", "POST"), pep=Pep)
def schedule(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Plan the meeting. Before that the page says who will be invited, and by which rule."""
    form = MeetingForm(request.POST or None, cancel_href=pep.get_absolute_url())
    if form.is_valid():
        made = meetings.schedule_meeting(
            pep=pep, starts_at=form.starts_at(), place=form.cleaned_data["place"], by=request.user
        )
        return done(
            request, "The meeting is planned and the invitations are out.", reverse("peps:meeting", args=[made.uuid])
        )
    return form_page(
        request,
        form,
        heading="Plan the meeting",
        caption=common.caption(pep),
        back=pep.get_absolute_url(),
        rows=[_asked(one) for one in attendees(pep, people_of(pep.child, pep.school, today()), today())],
    )


@page(policies.can_rearrange, methods=("GET", "POST"), meeting=PepMeeting)
def rearrange(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    back = reverse("peps:meeting", args=[meeting.uuid])
    form = RearrangeForm(request.POST or None, initial={"place": meeting.place}, cancel_href=back)
    if form.is_valid():
        made = meetings.rearrange_meeting(
            meeting=meeting,
            why=form.cleaned_data["why"],
            starts_at=form.starts_at(),
            place=form.cleaned_data["place"],
            by=request.user,
        )
        words = (
            "The meeting is rearranged and the invitations are out." if made else "The meeting waits for a new time."
        )
        return done(request, words, meeting.pep.get_absolute_url())
    intro = ["This meeting stays in the record with the reason. Everybody is invited anew."]
    caption = common.caption(meeting.pep)
    return form_page(request, form, heading="Rearrange the meeting", caption=caption, back=back, intro=intro)


@page(policies.can_hold, methods=("GET", "POST"), meeting=PepMeeting)
def hold(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """Record who came. Without the social worker the page says that it has to be rearranged, and by which rule."""
    meeting = _whole(meeting)
    back, rule = reverse("peps:meeting", args=[meeting.uuid]), rules.get("pep.social_worker_absent", on=today())
    form = HoldForm(
        request.POST or None,
        invitations=meeting.invitations.all(),
        reader=request.user,
        held_on=_day(meeting),
        ask_why_absent=rule.value != "rearrange",
        cancel_href=back,
    )
    if form.is_valid():
        try:
            meetings.hold_meeting(meeting=meeting, attendance=form.attendance(), by=request.user, **form.facts())
        except Refused as refused:
            form.add_error(None, f"{refused.verdict.reason} Source: {refused.verdict.source}.")
        else:
            return done(request, "It is recorded that the meeting was held.", meeting.pep.get_absolute_url())
    caption = f"{common.caption(meeting.pep)}, {long_moment(meeting.starts_at)}"
    intro = [f"{rule.words}: {rule.value.replace('_', ' ')}. Source: {rule.source}."]
    return form_page(request, form, heading="Record the meeting", caption=caption, back=back, intro=intro)


@page(policies.can_book_next, methods=("GET", "POST"), meeting=PepMeeting)
def book_next(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    back = reverse("peps:meeting", args=[meeting.uuid])
    begin = {"next_meeting_on": meeting.next_meeting_on}
    form = NextMeetingForm(request.POST or None, held_on=_day(meeting), initial=begin, cancel_href=back)
    if form.is_valid():
        meetings.book_next(meeting=meeting, next_meeting_on=form.cleaned_data["next_meeting_on"], by=request.user)
        return done(request, "The next meeting is booked.", back)
    return form_page(request, form, heading="Book the next meeting", caption=common.caption(meeting.pep), back=back)


@page(policies.can_rearrange, methods=("GET", "POST"), meeting=PepMeeting)
def invite(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    back = reverse("peps:meeting", args=[meeting.uuid])
    form = InviteForm(request.POST or None, reader=request.user, cancel_href=back)
    if form.is_valid():
        meetings.invite(meeting=meeting, by=request.user, **form.cleaned_data)
        return done(request, "The invitation is added.", back)
    return form_page(request, form, heading="Invite somebody else", caption=common.caption(meeting.pep), back=back)


@page(policies.can_rearrange, methods=("GET", "POST"), meeting=PepMeeting)
def uninvite(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """Take the seat of somebody away who was asked by hand. Where it is gone already the page leads back."""
    back = reverse("peps:meeting", args=[meeting.uuid])
    form = UninviteForm(request.POST or request.GET, cancel_href=back)
    guest = form.cleaned_data["guest"] if form.is_valid() else None
    if guest and request.method == "POST":
        gone = take_seat_away(meeting=meeting, guest=guest, by=request.user)
        return done(request, _taken_away(gone), back)
    seat = MeetingInvitation.objects.select_related("user", "meeting__pep").filter(meeting=meeting, uuid=guest).first()
    if seat is None:
        return redirect(back)
    require(policies.can_take_away(request.user, seat))
    who = {"key": capfirst(str(seat.get_seat_display())), "value": name_words(seat, request.user)}
    intro, caption = [LETTER if seat.user_id else NO_LETTER], common.caption(meeting.pep)
    heading = "Take a guest’s seat away"
    return form_page(request, form, heading=heading, caption=caption, back=back, intro=intro, rows=[who])


@page(policies.can_answer, methods=("GET", "POST"), invitation=MeetingInvitation)
def answer(request: HttpRequest, invitation: MeetingInvitation) -> HttpResponse:
    """Accept or decline: one page, on a phone too."""
    meeting = invitation.meeting
    back = reverse("peps:meeting", args=[meeting.uuid])
    form = AnswerInvitationForm(request.POST or None, cancel_href=back)
    if form.is_valid():
        accept = form.cleaned_data["answer"] == "accept"
        meetings.respond_to_invitation(
            invitation=invitation, accept=accept, why=form.cleaned_data["why"], by=request.user
        )
        return done(request, "Your answer is sent.", meeting.pep.get_absolute_url())
    intro = [f"{long_moment(meeting.starts_at)}, {meeting.place}."]
    if invitation.required_because:
        intro.append(f"You must be there: {invitation.required_because}.")
    return form_page(
        request,
        form,
        heading="Will you come to the PEP meeting?",
        caption=common.caption(meeting.pep),
        back=back,
        intro=intro,
    )


# ---------------------------------------------------------------- parts


def _taken_away(seat: MeetingInvitation | None) -> str:
    if seat is None:
        return "The seat has been taken away already."
    return "The seat is taken away, and a mail says so." if seat.user else "The seat is taken away. Tell them yourself."


def _day(meeting: PepMeeting) -> date:
    return meeting.starts_at.astimezone(LONDON).date()


def _whole(meeting: PepMeeting) -> PepMeeting:
    rows = PepMeeting.objects.select_related("pep__child", "pep__school", "arranged_by")
    return rows.prefetch_related("invitations__user", "actions").get(pk=meeting.pk)


def _asked(attendee: Any) -> dict[str, Any]:
    seat = str(attendee.seat.label)
    who = attendee.user.name if attendee.user else ""
    missing = "" if attendee.seat in (Seat.CHILD, Seat.CARER, Seat.PARENT) else "Nobody is known"
    because = f"Must come. {attendee.because}" if attendee.because else "Is told of it"
    return {"key": capfirst(seat), "value": who, "missing": missing, "lines": [because]}


def _summary(meeting: PepMeeting) -> list[dict[str, Any]]:
    rows = [
        {"key": "When", "value": long_moment(meeting.starts_at)},
        {"key": "Where", "value": meeting.place},
        {"key": "Chair", "value": str(meeting.get_chair_display())},
        {"key": "Arranged by", "value": str(meeting.arranged_by)},
    ]
    if meeting.state != MeetingState.HELD:
        file, words = reverse("peps:calendar_file", args=[meeting.uuid]), "Take it into my calendar"
        planned = meeting.state == MeetingState.PLANNED
        rows.append({"key": "Calendar", "value": words if planned else "Take it out of my calendar", "href": file})
    more = (
        ("Why it was rearranged or cancelled", meeting.ended_why),
        ("Why it went on without the social worker", meeting.without_social_worker_why),
        ("Key points", meeting.key_points),
        ("Next meeting", long_date(meeting.next_meeting_on) if meeting.next_meeting_on else ""),
    )
    return rows + [{"key": key, "value": value} for key, value in more if value]


def _people(user: User, meeting: PepMeeting, at: policies.Standing) -> Table:
    rows = []
    guests = {one.pk for one in meeting.invitations.all() if policies.can_take_away(user, one, at)}
    for one in meeting.invitations.all():
        seat = str(one.get_seat_display())
        mine = one.user_id == user.pk and meeting.state == MeetingState.PLANNED
        rows.append(
            [
                capfirst(seat),
                Cell(name_words(one, user)),
                Cell("Yes" if one.required else "No", hint=one.required_because),
                Cell(
                    str(one.get_response_display()).capitalize(),
                    href=reverse("peps:answer", args=[one.uuid]) if mine else "",
                    hint=declined_words(one, user),
                ),
                str(one.get_attendance_display()).capitalize(),
                *([_take_away(meeting, one, user) if one.pk in guests else ""] if guests else []),
            ]
        )
    columns = [*COLUMNS, Column("Guest")] if guests else COLUMNS
    return table("Who is invited", columns, rows, empty="Nobody is invited")


def _take_away(meeting: PepMeeting, guest: MeetingInvitation, user: User) -> Cell:
    href = f"{reverse('peps:uninvite', args=[meeting.uuid])}?guest={guest.uuid}"
    return Cell("Take away", href=href, hidden=seat_words(guest, user))


def _works_there(user: User) -> bool:
    return any(user.may(act) for act in policies.AT_THE_MEETING)


def _decided(action: MeetingAction) -> dict[str, Any]:
    return {
        "action": action,
        "words": action_words(action),
        "done": f"Done on {long_date(action.done_on)}" if action.done_on else "",
    }


def _actions(user: User, meeting: PepMeeting, at: policies.Standing) -> tuple[list[common.Link], list[common.Link]]:
    """The next step stands out: the reader's own answer while it is awaited, then the meeting itself."""
    if meeting.state == MeetingState.HELD:
        verdict, href = policies.can_book_next(user, meeting, at), reverse("peps:book_next", args=[meeting.uuid])
        run, summary = (reverse(f"peps:{name}", args=[meeting.uuid]) for name in ("meeting_mode", "child_summary"))
        steps = [
            common.Step("Book the next meeting", href, verdict, policies.AT_THE_MEETING),
            common.Step(
                "The meeting’s page", run, policies.can_run(user, meeting, at), policies.AT_THE_MEETING, "secondary"
            ),
            common.Step("The child’s summary", summary, ALLOW, tuple(Act), "secondary"),
        ]
        actions, _ = common.split(user, steps)
        return actions, []
    actions, refused = common.split(user, [*_own_answer(user, meeting), *_arranging(user, meeting, at)])
    return actions, refused if meeting.state == MeetingState.PLANNED else []


def _own_answer(user: User, meeting: PepMeeting) -> list[common.Step]:
    own = next((one for one in meeting.invitations.all() if one.user_id == user.pk), None)
    if own is None or meeting.state != MeetingState.PLANNED:
        return []
    awaited = own.response == Response.WAITING
    words = "Answer the invitation" if awaited else "Change your answer"
    href = reverse("peps:answer", args=[own.uuid])
    whoever_is_asked = tuple(Act)
    return [common.Step(words, href, ALLOW, whoever_is_asked, "" if awaited else "secondary")]


def _arranging(user: User, meeting: PepMeeting, at: policies.Standing) -> list[common.Step]:
    may_arrange = policies.can_rearrange(user, meeting, at)
    hold, rearrange, invite = (reverse(f"peps:{name}", args=[meeting.uuid]) for name in ("hold", "rearrange", "invite"))
    may_hold = policies.can_hold(user, meeting, at)
    run = reverse("peps:meeting_mode", args=[meeting.uuid])
    may_run = policies.can_run(user, meeting, at)
    return [
        common.Step("Run the meeting", run, may_run, policies.AT_THE_MEETING if may_run else ()),
        common.Step("Record that the meeting was held", hold, may_hold, policies.AT_THE_MEETING),
        common.Step("Rearrange the meeting", rearrange, may_arrange, policies.ARRANGING, "secondary"),
        common.Step("Invite somebody else", invite, may_arrange, policies.ARRANGING, "secondary"),
    ]
