"""The page for the hour itself: one form of several parts, so that saving one part never loses what was typed in another.

It stands on a wall: it leaves out health, legal and narrative information until somebody asks for it, and names of carers and
parents altogether; what the signed-in reader may not read is not there at all. The child's words are there when the child has
not said otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from peps import layouts, policies, statements
from peps.actions import deciding, gathering, targets
from peps.enums import Attendance, MeetingState, Seat
from peps.forms.meeting_mode import (
    ActionForm,
    DoneForm,
    EndForm,
    NewTargetForm,
    NotesForm,
    PeopleForm,
    PersonForm,
    ReviewForm,
    action_words,
)
from peps.models import MeetingAction, Pep, PepMeeting, PepSection, PepTarget
from peps.people import WRITERS
from peps.policies_premium import is_in_its_years
from peps.policies_voice import WHO_READS, may_be_told_to_all
from peps.views import common
from peps.views.reading import section_cards, target_cards
from peps.views.records import value_lines
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ONLY_BY_NAME, Act, FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.formpages import done, sent
from virtualschool.kernel.templatetags.vs import form_errors
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.rulebook import rules

# Not for everybody's eyes in a room with a projector, until it is asked for.
SENSITIVE = frozenset({FieldGroup.HEALTH, FieldGroup.LEGAL, FieldGroup.NARRATIVE})
# Sections that the page itself is made of.
HERE_ALREADY = ("meeting", "last_targets", "targets", "my_views", "sign_off")


@dataclass
class Hour:
    """The meeting with everything around the table, and the parts of the page's form by their names."""

    user: User
    meeting: PepMeeting
    pep: Pep
    last_targets: list[PepTarget]
    last_actions: list[MeetingAction]
    may_target: Any
    may_review: bool
    forms: dict[str, BaseForm] = field(default_factory=dict)

    @property
    def planned(self) -> bool:
        return bool(self.meeting.state == MeetingState.PLANNED)

    @property
    def held_on(self) -> date:
        return self.meeting.starts_at.astimezone(LONDON).date()

    @property
    def unreviewed(self) -> bool:
        return any(not target.outcome for target in self.last_targets)


@page(policies.can_run, methods=("GET", "POST"), meeting=PepMeeting)
def meeting_mode(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    """The meeting as it happens. Whatever was typed is saved by any of the page's buttons; what cannot be, stays in its box."""
    hour = _hour(request.user, meeting)
    data = sent(request)
    if data is None:
        hour.forms = _forms(hour, None)
        return _drawn(request, hour)
    hour.forms = _forms(hour, data)
    failed = _save(hour)
    here = reverse("peps:meeting_mode", args=[meeting.uuid])
    if not failed and "end" in data and hour.planned:
        end = hour.forms["end"]
        if _try(end, lambda: gathering.end_meeting(meeting=meeting, by=request.user, **_why(end))):
            return done(request, "The meeting is over.", reverse("peps:meeting_over", args=[meeting.uuid]))
        failed = {"end"}
    if not failed:
        anchor = data.get("save", "")
        return done(request, "Saved.", f"{here}#{anchor}" if anchor in ANCHORS else here)
    typed, hour = hour.forms, _hour(request.user, meeting)
    hour.forms = {**_forms(hour, None), **{name: form for name, form in typed.items() if name in failed}}
    return _drawn(request, hour)


ANCHORS = ("here", "last-time", "targets", "actions", "notes")


# ---------------------------------------------------------------- what the page is made of


def _hour(user: User, meeting: PepMeeting) -> Hour:
    meeting = (
        PepMeeting.objects.select_related("pep__child", "pep__school", "pep__previous")
        .prefetch_related("invitations__user", "actions__done_by")
        .get(pk=meeting.pk)
    )
    pep, at = meeting.pep, policies.standing(user, meeting.pep)
    last = list(PepTarget.objects.filter(pep=pep.previous_id).select_related("pep")) if pep.previous_id else []
    return Hour(
        user=user,
        meeting=meeting,
        pep=pep,
        last_targets=last,
        last_actions=last_actions(pep),
        may_target=policies.can_keep_targets(user, pep, at),
        may_review=bool(last) and bool(policies.can_review_target(user, last[0])),
    )


def last_actions(pep: Pep) -> list[MeetingAction]:
    """What was decided at the meeting of the PEP before."""
    if not pep.previous_id:
        return []
    rows = MeetingAction.objects.filter(meeting__pep=pep.previous_id, meeting__state=MeetingState.HELD)
    return list(rows.select_related("done_by", "meeting__pep"))


def _forms(hour: Hour, data: QueryDict | None) -> dict[str, BaseForm]:
    made: dict[str, BaseForm] = {}
    if hour.planned:
        made["people"] = PeopleForm(data, invitations=hour.meeting.invitations.all())
        made["person"] = PersonForm(data, reader=hour.user)
        if rules.value("pep.social_worker_absent", on=today()) != "rearrange":
            made["end"] = EndForm(data, prefix="end")
    still_open = [action for action in hour.last_actions if action.done_on is None]
    if still_open:
        made["done"] = DoneForm(data, actions=still_open)
    if hour.may_review:
        made |= {f"review{target.pk}": ReviewForm(data, target=target) for target in hour.last_targets}
    if hour.may_target:
        made["target"] = NewTargetForm(data, unreviewed=hour.unreviewed)
    made["action"] = ActionForm(data, prefix="action")
    made["notes"] = NotesForm(data, meeting=hour.meeting, held_on=hour.held_on)
    made.setdefault("end", EndForm(data, prefix="end"))
    return made


# ---------------------------------------------------------------- saving


def _save(hour: Hour) -> set[str]:
    """Save every part that says something; the names of those that could not be."""
    savers: dict[str, Callable[[Hour, Any], None]] = {
        "people": _save_people,
        "person": _save_person,
        "done": _save_done,
        "target": _save_target,
        "action": _save_action,
        "notes": _save_notes,
        "end": lambda hour, form: None,
    }
    for name, form in hour.forms.items():
        if getattr(form, "words", ()) and not form.typed():  # type: ignore[attr-defined]
            continue
        if form.is_valid():
            savers.get(name, _save_review)(hour, form)
    return {name for name, form in hour.forms.items() if form.is_bound and _looked_at(form) and form.errors}


def _looked_at(form: Any) -> bool:
    return not getattr(form, "words", ()) or bool(form.typed())


def _try(form: BaseForm, act: Callable[[], Any]) -> Any:
    """What the action gives; what it refuses stands above its part of the page."""
    try:
        return act()
    except Refused as refused:
        source = f" Source: {refused.verdict.source}." if refused.verdict.source else ""
        form.add_error(None, f"{refused.verdict.reason}{source}")
    except Conflict as conflict:
        form.add_error(None, str(conflict))
    return None


def _save_people(hour: Hour, form: PeopleForm) -> None:
    act = lambda: gathering.record_people(meeting=hour.meeting, given=form.people(), by=hour.user)  # noqa: E731
    kept = _try(form, act)
    if kept:
        form.clashes(kept.clashes)


def _save_person(hour: Hour, form: PersonForm) -> None:
    facts = form.cleaned_data
    _try(
        form,
        lambda: gathering.add_person(meeting=hour.meeting, seat=facts["seat"], name=facts["name"], by=hour.user),
    )


def _save_done(hour: Hour, form: DoneForm) -> None:
    for action in form.ticked():
        _try(form, lambda action=action: deciding.tick_action(action=action, by=hour.user))


def _save_review(hour: Hour, form: ReviewForm) -> None:
    if not form.changed():
        return
    target, (outcome, evidence) = form.target, form.facts()
    seen = form.cleaned_data["seen"]
    try:
        targets.review_target(target=target, outcome=outcome, evidence=evidence, by=hour.user, seen=seen)
    except Conflict:
        form.clash(PepTarget.objects.get(pk=target.pk))
    except Refused as refused:
        form.add_error(None, refused.verdict.reason)


def _save_target(hour: Hour, form: NewTargetForm) -> None:
    why = form.cleaned_data.get("before_review_why", "")
    key = form.cleaned_data["key"]
    _try(
        form,
        lambda: targets.add_target(pep=hour.pep, facts=form.facts(), key=key, by=hour.user, before_review_why=why),
    )


def _save_action(hour: Hour, form: ActionForm) -> None:
    key = form.cleaned_data["key"]
    _try(form, lambda: deciding.add_action(meeting=hour.meeting, facts=form.facts(), key=key, by=hour.user))


def _save_notes(hour: Hour, form: NotesForm) -> None:
    kept = _try(form, lambda: gathering.write_notes(meeting=hour.meeting, given=form.notes(), by=hour.user))
    if kept:
        form.clashes(kept.clashes)


def _why(form: Any) -> dict[str, str]:
    return {"without_social_worker_why": form.cleaned_data.get("why", "") if form.is_valid() else ""}


# ---------------------------------------------------------------- drawing


def _drawn(request: HttpRequest, hour: Hour) -> HttpResponse:
    meeting, pep, user = hour.meeting, hour.pep, hour.user
    asked = request.GET.get("more") == "yes"
    groups = user.role_class.reads - ONLY_BY_NAME - (frozenset() if asked else SENSITIVE)
    access.shown(request, pep, fields=sorted(group.value for group in groups))
    reviews = [form for form in hour.forms.values() if isinstance(form, ReviewForm)]
    words = child_words(user, pep)
    kept_back = _kept_back(user, pep) if words else None
    context = {
        "hour": hour,
        "heading": f"PEP meeting: {pep.child.name}",
        "caption": f"{long_moment(meeting.starts_at)}, {meeting.place}",
        "crumbs": common.crumbs(
            pep, {"text": "Meeting", "href": reverse("peps:meeting", args=[meeting.uuid])}, {"text": "The hour"}
        ),
        "errors": [error for form in hour.forms.values() if form.is_bound for error in form_errors(form)],
        "forms": hour.forms,
        "quorum": _quorum(hour) if hour.planned else None,
        "words": [] if kept_back else words,
        "kept_back": kept_back,
        "reads_voice": user.reads(FieldGroup.VOICE),
        "reviews": reviews,
        "last": [] if reviews else target_cards(user, PepTarget.objects.filter(pep=pep.previous_id)),
        "last_done": [_action_line(action) for action in hour.last_actions if action.done_on],
        "premium": is_in_its_years(pep),
        "targets": target_cards(user, PepTarget.objects.filter(pep=pep)),
        "actions": [_action_row(action) for action in meeting.actions.all()],
        "cards": [card for card in section_cards(groups, pep) if card["key"] not in HERE_ALREADY],
        "more": _more(user, meeting, asked),
        "grades": user.may(Act.GRADE_PEPS),
        "asks_why": rules.value("pep.social_worker_absent", on=today()) != "rearrange",
    }
    return render(request, "peps/meeting_mode.html", context)


def _kept_back(user: User, pep: Pep) -> dict[str, str] | None:
    """Why the child's words are not on the wall, and the way to them for a reader alone; None where they may be."""
    verdict = may_be_told_to_all(pep)
    section = None if verdict else PepSection.objects.filter(pep=pep, key=WHO_READS[0]).first()
    if section is None:
        return None
    return {"reason": verdict.reason, "href": reverse("peps:section", args=[section.uuid])}


def child_words(user: User, pep: Pep) -> list[dict[str, Any]]:
    """The child's own words, given by a link or written down by an adult, for a reader whose role reads them."""
    said = statements.of_child(user.role_class.reads, statements.of(pep))
    found = [_by_link(one, row) for one in said for row in statements.answer_rows(one.answers)]
    for section in pep.sections.prefetch_related("answers__written_by"):
        section.pep = pep
        answers = {answer.field: answer for answer in section.answers.all()}
        for spec in policies.readable_fields(user, section):
            answer = answers.get(spec.key)
            if spec.kept_as_given and answer is not None and not layouts.empty(answer.value):
                by = f"Written down by {answer.writers}"
                found.append({"label": spec.label, "lines": value_lines(spec, answer.value), "by": by})
    return found


def _by_link(said: statements.Said, row: statements.Row) -> dict[str, Any]:
    return {"label": row["key"], "lines": row["lines"], "by": statements.how_given(said)}


def _quorum(hour: Hour) -> dict[str, Any]:
    """Whether those recorded as here make it a PEP meeting; without its social worker it is rearranged from here."""
    came = {
        one.seat
        for one in hour.meeting.invitations.all()
        if one.attendance == Attendance.CAME and (one.user_id or one.seat not in WRITERS)
    }
    waiting = sum(1 for one in hour.meeting.invitations.all() if not one.attendance)
    verdict = policies.can_count_as_held(hour.meeting, came)
    return {
        "verdict": verdict,
        "waiting": waiting,
        "rearrange": reverse("peps:rearrange", args=[hour.meeting.uuid])
        if not verdict and Seat.SOCIAL_WORKER not in came and policies.can_rearrange(hour.user, hour.meeting)
        else "",
    }


def _more(user: User, meeting: PepMeeting, asked: bool) -> dict[str, str]:
    """The way to what is left out, for a reader who reads any of it; and back."""
    here = reverse("peps:meeting_mode", args=[meeting.uuid])
    if asked:
        return {"text": "Leave out health, legal and other sensitive information", "href": f"{here}#before"}
    if user.role_class.reads & SENSITIVE:
        words = "Show health, legal and other sensitive information too, if everybody in the room may see it"
        return {"text": words, "href": f"{here}?more=yes#before"}
    return {}


def _action_line(action: MeetingAction) -> str:
    return f"{action_words(action)}. Done on {long_date(action.done_on)}."


def _action_row(action: MeetingAction) -> dict[str, Any]:
    done_words = f"Done on {long_date(action.done_on)}" if action.done_on else ""
    return {
        "key": action.what,
        "value": f"{action.named_person}, by {long_date(action.by_when)}",
        "lines": [done_words] if done_words else [],
        "actions": [{"text": "Change", "href": reverse("peps:action_edit", args=[action.uuid]), "hidden": action.what}],
    }
