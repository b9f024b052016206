"""One PEP: where it stands, who owes what, what can be done next; the whole of it to read and print; opening and cancelling."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from children.models import Child
from peps import frozen, layouts, policies, record
from peps.actions import ending, opening
from peps.enums import MeetingState, Owner, PepState, SectionState
from peps.forms.meetings import seat_words
from peps.forms.planning import CancelForm, OpenForm
from peps.models import Pep, PepMeeting, PepReview, PepSection, PepTarget, VoiceConcern
from peps.people import People, people_of
from peps.policies import Standing
from peps.policies_form import can_set_form
from peps.policies_voice import can_read_voice
from peps.review_policies import can_raise_concern
from peps.views import blind, common, progress
from peps.views.concerns import cards_for
from peps.views.reading import decided_rows, section_cards, target_cards
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date, long_moment, lower_first
from virtualschool.kernel.formpages import done, form_page
from virtualschool.kernel.verdicts import Conflict


@page(policies.can_read, pep=Pep)
def detail(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Where the PEP stands, and the reader's next steps."""
    user, at = request.user, policies.standing(request.user, pep)
    pep = Pep.objects.select_related("child", "school", "clock__rule", "previous").get(pk=pep.pk)
    sections = _sections(pep)
    meetings = list(pep.meetings.prefetch_related("invitations__user").order_by("-starts_at", "-pk"))
    current = next((one for one in meetings if one.state in (MeetingState.PLANNED, MeetingState.HELD)), None)
    for meeting in meetings:
        meeting.pep = pep
    actions, refused = common.next_steps(user, pep, at, current)
    people = people_of(pep.child, pep.school, today())
    known, record_words = frozen.behind(pep)
    unseen = _unseen(user, pep)
    known = blind.facts(known, unseen)
    context = {
        "pep": pep,
        "heading": common.kind_words(pep),
        "caption": pep.child.name,
        "tag": common.state_tag(pep),
        "path": common.path(pep),
        "due": common.due(pep),
        "again": common.new_meeting_due(pep),
        "actions": actions,
        "refused": refused,
        "crumbs": [{"text": "PEPs", "href": reverse("peps:list")}, {"text": common.kind_words(pep)}],
        "summary": _summary(pep, people),
        "front_sheet": record.front_sheet(known, user.role_class.reads),
        "record_words": record_words,
        "groups": _groups(user, at, sections, people),
        "progress": progress.by_person(user, pep, at, sections, people),
        "meetings": [_meeting_row(user, meeting) for meeting in meetings],
        "decisions": _decisions(pep, unseen),
        "concerns": cards_for(user, pep),
        "raise_href": f"{reverse('peps:concern_raise', args=[pep.child.uuid])}?pep={pep.uuid}"
        if can_raise_concern(user, pep.child)
        else "",
        "links": _links(pep, user, at),
        "to_read": _to_read(pep, user),
        "addable": _addable(user, pep, at, sections),
    }
    return render(request, "peps/detail.html", context)


@page(policies.can_read, pep=Pep)
def read(request: HttpRequest, pep: Pep) -> HttpResponse:
    """The whole PEP, as far as the reader's role reads it: for the reviewing officer, and to print."""
    pep = Pep.objects.select_related("child", "school").get(pk=pep.pk)
    access.shown(request, pep, fields=sorted(group.value for group in request.user.role_class.reads))
    known, record_words = frozen.behind(pep)
    unseen = _unseen(request.user, pep)
    known = blind.facts(known, unseen)
    context = {
        "pep": pep,
        "record_words": record_words,
        "heading": f"{pep.child.name}: {lower_first(common.kind_words(pep))}",
        "caption": common.term_words(pep),
        "tag": common.state_tag(pep),
        "crumbs": common.crumbs(pep, {"text": "Whole PEP"}),
        "summary": record.added_to(
            _summary(pep, people_of(pep.child, pep.school, today())),
            record.front_sheet(known, request.user.role_class.reads),
        ),
        "cards": section_cards(request.user.role_class.reads, pep, known),
        "targets": target_cards(request.user, PepTarget.objects.filter(pep=pep)),
        "meetings": [
            _meeting_row(request.user, meeting)
            for meeting in _with_pep(pep, pep.meetings.prefetch_related("invitations__user"))
        ],
        "decided": decided_rows(pep),
        "decisions": _decisions(pep, unseen),
    }
    return render(request, "peps/read.html", context)


@page(policies.can_open, methods=("GET", "POST"), child=Child)
def open_by_hand(request: HttpRequest, child: Child) -> HttpResponse:
    """A PEP that no rule opens: another this term, an interim one, one with an annual review."""
    form = OpenForm(request.POST or None, cancel_href=child.get_absolute_url())
    if form.is_valid():
        try:
            pep = opening.open_pep(child=child, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
        else:
            return done(request, "The PEP is open.", pep.get_absolute_url())
    return form_page(request, form, heading="Open a PEP", caption=child.name, back=child.get_absolute_url())


@page(policies.can_cancel, methods=("GET", "POST"), pep=Pep)
def cancel(request: HttpRequest, pep: Pep) -> HttpResponse:
    form = CancelForm(request.POST or None, cancel_href=pep.get_absolute_url())
    if form.is_valid():
        ending.end_pep(pep=pep, why=form.cleaned_data["why"], by=request.user)
        return done(request, "The PEP is cancelled.", pep.get_absolute_url())
    return form_page(request, form, heading="Cancel this PEP", caption=common.caption(pep), back=pep.get_absolute_url())


# ---------------------------------------------------------------- parts


def _sections(pep: Pep) -> list[PepSection]:
    sections = list(pep.sections.select_related("completed_by").order_by("position"))
    for section in sections:
        section.pep = pep
    return sections


def _with_pep(pep: Pep, meetings: Iterable[PepMeeting]) -> list[PepMeeting]:
    found = list(meetings)
    for meeting in found:
        meeting.pep = pep
    return found


def _summary(pep: Pep, people: People) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"key": "Child", "value": pep.child.name, "href": pep.child.get_absolute_url()},
        {"key": "School", "value": pep.school.name if pep.school else "", "missing": "No school"},
        {"key": "Term", "value": common.term_words(pep)},
        {
            "key": "Form",
            "value": common.form_words(pep),
            "lines": [f"Set by hand: {pep.form_why}"] if pep.form_why else [],
        },
        {"key": "Opened", "value": f"{long_date(pep.opened_on)}: {lower_first(pep.opened_why)}"},
        {"key": "Social worker", "value": people.name_of_owner(Owner.SOCIAL_WORKER)},
        {"key": "Designated teacher", "value": people.name_of_owner(Owner.DESIGNATED_TEACHER)},
    ]
    if pep.grade and pep.state in (PepState.COMPLETE, PepState.SUPERSEDED):
        rows.append(
            {"key": "Grade", "value": "", "tag": {"text": pep.get_grade_display().capitalize(), "status": pep.grade}}
        )
    if pep.amended_why:
        rows.append({"key": "Being changed", "value": pep.amended_why})
    if pep.cancelled_why:
        rows.append({"key": "Cancelled", "value": pep.cancelled_why})
    return rows


def _groups(user: User, at: Standing, sections: list[PepSection], people: People) -> list[dict[str, Any]]:
    """The sections by their owners: the reader's own to write lead to the form, the others to the page to read."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for section in sections:
        groups.setdefault(section.owner, []).append(_section_item(user, at, section))
    return [
        {"title": progress.owner_words(owner, people), "sections": items, "prefix": f"owner-{owner}"}
        for owner, items in groups.items()
    ]


def _section_item(user: User, at: Standing, section: PepSection) -> dict[str, Any]:
    href = ""
    if policies.can_write_section(user, section, at):
        href = reverse("peps:write", args=[section.uuid])
    elif policies.can_read_section(user, section):
        href = reverse("peps:section", args=[section.uuid])
    hint = f"Due {long_date(section.due_on)}" if section.due_on and section.state != SectionState.COMPLETE else ""
    if section.completed_by and section.completed_at:
        hint = f"{section.completed_by}, {long_moment(section.completed_at)}"
    return {"title": common.section_title(section), "href": href, "hint": hint, "status": common.section_tag(section)}


def _meeting_row(user: User, meeting: PepMeeting) -> dict[str, Any]:
    state = str(meeting.get_state_display())
    return {
        "title": f"{long_moment(meeting.starts_at)}, {meeting.place}",
        "href": reverse("peps:meeting", args=[meeting.uuid]),
        "tag": {"text": capfirst(state), "status": meeting.state},
        "lines": [seat_words(one, user) + f": {_answer_words(one)}" for one in meeting.invitations.all()],
        "footer": meeting.ended_why,
    }


def _answer_words(invitation: Any) -> str:
    return str(invitation.get_attendance_display() or invitation.get_response_display())


def _unseen(user: User, pep: Pep) -> frozenset[int]:
    """Whether the reader marks it, or the one before it, a second time: it loses its grade, and its answers are not told."""
    return blind.without_grades(user, [pep, pep.previous])


def _decisions(pep: Pep, unseen: frozenset[int]) -> list[dict[str, Any]]:
    """The Virtual School's answers, the last first."""
    if pep.pk in unseen:
        return [blind.CARD]
    reviews = PepReview.objects.filter(pep=pep).select_related("by").order_by("-submission")
    return [
        {
            "title": f"{review.get_decision_display().capitalize()} by {review.by}, {long_moment(review.at)}",
            "tag": {"text": review.get_grade_display().capitalize(), "status": review.grade},
            "text": review.reason,
            "sections": _titles(pep, review.returned_sections),
        }
        for review in reviews
    ]


def _titles(pep: Pep, keys: list[str]) -> str:
    layout = layouts.of_version(pep.layout)
    return "; ".join(layout.section(key).title for key in keys)


def _links(pep: Pep, user: User, at: Standing) -> list[dict[str, str]]:
    links = [
        {"text": "Read and print the whole PEP", "href": reverse("peps:read", args=[pep.uuid])},
        {"text": "Make a PDF", "href": reverse("peps:paper", args=[pep.uuid])},
        {"text": "One-page summary for the care review", "href": reverse("peps:review_summary", args=[pep.child.uuid])},
        {"text": "Targets and Pupil Premium Plus", "href": reverse("peps:targets", args=[pep.uuid])},
    ]
    if can_read_voice(user, pep):
        links.insert(
            0, {"text": "Ask the child, the carer or a parent", "href": reverse("peps:voice", args=[pep.uuid])}
        )
    if can_set_form(user, pep, at):
        links.append({"text": "Set the form by hand", "href": reverse("peps:form", args=[pep.uuid])})
    if pep.submission:
        links.append({"text": "Quality assurance", "href": reverse("peps:quality", args=[pep.uuid])})
    if pep.completed_on:
        links.append({"text": "Versions, each as it stood", "href": reverse("peps:versions", args=[pep.uuid])})
    if pep.previous:
        links.append(
            {"text": f"The PEP before: {common.kind_words(pep.previous)}", "href": pep.previous.get_absolute_url()}
        )
    return links


def _to_read(pep: Pep, user: User) -> list[dict[str, str]]:
    """Words that an adult has to read today, for those who read the child's voice."""
    waiting = VoiceConcern.objects.visible_to(user).filter(pep=pep, answered_at=None)
    return [{"text": "Words to read today", "href": reverse("peps:voice_concern", args=[one.uuid])} for one in waiting]


def _addable(user: User, pep: Pep, at: Standing, sections: list[PepSection]) -> list[dict[str, Any]]:
    """Sections this PEP was opened without, for those who may add them."""
    if not policies.can_add_section(user, pep, at):
        return []
    have, action = {section.key for section in sections}, reverse("peps:add_section", args=[pep.uuid])
    return [
        {
            "text": f"Add: {spec.title}",
            "action": action,
            "kind": "secondary",
            "fields": [{"name": "section", "value": spec.key}],
        }
        for spec in layouts.of_version(pep.layout).addable(pep.phase, pep.kind)
        if spec.key not in have
    ]
