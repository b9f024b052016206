"""When the meeting is over: what is left for whom, the child's summary, and the actions until they are done."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from peps import policies
from peps.actions import deciding, submitting
from peps.forms.meeting_mode import ActionForm, action_words
from peps.models import MeetingAction, PepMeeting, PepTarget
from peps.views import common
from virtualschool.audit import access, log
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import done, sent
from virtualschool.kernel.paper import Paper, Part, Row, pdf
from virtualschool.kernel.verdicts import Conflict

NOT_SAID = "Nothing is written here yet."


@page(policies.can_see_end, meeting=PepMeeting)
def meeting_over(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """What is left before the PEP is sent in, by whom."""
    meeting = _whole(meeting)
    left: dict[str, list[str]] = {}
    for missing in submitting.gate(meeting.pep):
        left.setdefault(f"{missing.owner.label}: {missing.person}", []).append(missing.words)
    context = {
        "heading": "The meeting is over",
        "caption": common.caption(meeting.pep),
        "crumbs": common.crumbs(meeting.pep, {"text": "After the meeting"}),
        "left": [
            {"key": who.capitalize() if who.islower() else who[0].upper() + who[1:], "lines": words}
            for who, words in left.items()
        ],
        "meeting": meeting,
        "pep": meeting.pep,
        "next_on": meeting.next_meeting_on,
    }
    return render(request, "peps/meeting_over.html", context)


@page(policies.can_read, meeting=PepMeeting)
def child_summary(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """One short page in plain words, to print and hand over."""
    meeting = _whole(meeting)
    context = {
        "heading": _title(meeting),
        "caption": f"Our meeting on {common.meeting_day(meeting)}",
        "crumbs": common.crumbs(meeting.pep, {"text": "The child’s summary"}),
        "parts": list(_parts(meeting)),
        "meeting": meeting,
    }
    return render(request, "peps/child_summary.html", context)


@page(policies.can_read, meeting=PepMeeting)
def child_summary_paper(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """The same as a PDF; its name says nothing of whose it is."""
    meeting = _whole(meeting)
    access.shown(request, meeting.pep, kind="export")
    parts = [
        Part(part["title"], [Row(key, lines) for key, lines in part["rows"]], words=part["words"])
        for part in _parts(meeting)
    ]
    file = pdf(
        Paper(
            title=_title(meeting),
            caption=f"Our meeting on {common.meeting_day(meeting)}",
            author=settings.COUNCIL_NAME,
            made=today(),
            footer="This page is yours. Ask if anything in it is not clear, or not right.",
            parts=parts,
        )
    )
    log.record("pep.put_on_paper", by=request.user, subject=meeting.pep, data={"for": "child", "part": "summary"})
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="my-pep-meeting.pdf"'
    return answer


@page(policies.can_change_action, methods=("GET", "POST"), action=MeetingAction)
def action_edit(request: HttpRequest, action: MeetingAction) -> HttpResponse:
    """Put an action in other words. What somebody else saved meanwhile stays in sight."""
    back = f"{reverse('peps:meeting_mode', args=[action.meeting.uuid])}#actions"
    initial = {name: getattr(action, name) for name in ("what", "named_person", "by_when", "version")}
    form = ActionForm(sent(request), initial=initial, cancel_href=back)
    rows: list[dict[str, Any]] = []
    status = 200
    if form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            deciding.edit_action(action=action, facts=form.facts(), version=version, by=request.user)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
            action.refresh_from_db()
            rows, status = [{"key": "As it stands now", "value": action_words(action)}], 409
            form.data = form.data.copy()
            form.data["version"] = str(action.version)
        else:
            return done(request, "The action is saved.", back)
    context = {
        "form": form,
        "heading": "Change an action",
        "caption": common.caption(action.meeting.pep),
        "back": back,
        "rows": rows,
        "remove": reverse("peps:action_remove", args=[action.uuid]),
    }
    return render(request, "peps/action_edit.html", context, status=status)


@page(policies.can_change_action, methods=("POST",), action=MeetingAction)
def action_remove(request: HttpRequest, action: MeetingAction) -> HttpResponse:
    back = f"{reverse('peps:meeting_mode', args=[action.meeting.uuid])}#actions"
    deciding.remove_action(action=action, by=request.user)
    return done(request, "The action is taken out.", back)


@page(policies.can_tick, methods=("POST",), action=MeetingAction)
def action_done(request: HttpRequest, action: MeetingAction) -> HttpResponse:
    deciding.tick_action(action=action, by=request.user)
    return done(request, "The action is done.", reverse("peps:meeting", args=[action.meeting.uuid]))


# ---------------------------------------------------------------- parts


def _whole(meeting: PepMeeting) -> PepMeeting:
    rows = PepMeeting.objects.select_related("pep__child", "pep__school").prefetch_related("actions")
    return rows.get(pk=meeting.pk)


def _title(meeting: PepMeeting) -> str:
    return f"For {meeting.pep.child.known_as or meeting.pep.child.first_names}: my PEP meeting"


def _parts(meeting: PepMeeting) -> Iterable[dict[str, Any]]:
    """What was talked about, the targets, who does what, and when: nothing else of the PEP."""
    yield {"title": "What we talked about", "words": meeting.for_child or NOT_SAID, "rows": []}
    goals = PepTarget.objects.filter(pep=meeting.pep)
    yield {
        "title": "My targets",
        "words": "" if goals else "We have not set any yet.",
        "rows": [(f"Target {place}", _target_lines(target)) for place, target in enumerate(goals, 1)],
    }
    actions = list(meeting.actions.all())
    yield {
        "title": "Who does what",
        "words": "" if actions else NOT_SAID,
        "rows": [(one.named_person, [one.what, f"By {long_date(one.by_when)}"]) for one in actions],
    }
    following = meeting.next_meeting_on
    yield {
        "title": "When we meet next",
        "words": f"We meet again on {long_date(following)}." if following else "We will tell you the day.",
        "rows": [],
    }


def _target_lines(target: PepTarget) -> list[str]:
    found = [target.goal]
    if target.by_when:
        found.append(f"By {long_date(target.by_when)}")
    if target.named_person:
        found.append(f"{target.named_person} helps me with it")
    return found
