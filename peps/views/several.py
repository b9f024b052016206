"""Several meetings planned on one page: the children ticked in the planner, a time for each, a look at it all, then done."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from peps import planner as plans
from peps import policies
from peps.actions.attendees import Attendee, attendees
from peps.actions.planning import Outcome, Slot, planned_already, schedule_several
from peps.enums import MeetingState, Seat
from peps.forms.several import FillForm, SlotForm, prefix, written
from peps.models import MeetingInvitation, Pep
from peps.people import People, people_of_all
from peps.planner_policies import can_plan_several, reached
from peps.policies import Standing
from peps.views.common import kind_words
from peps.views.listing import PICK
from peps.views.planner import due_cell
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.formpages import done, sent
from virtualschool.kernel.pagination import PER_PAGE
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.templatetags.vs import form_errors
from virtualschool.kernel.verdicts import Verdict
from virtualschool.rulebook import calendars, rules
from virtualschool.rulebook.calendars import Calendars

MOST = PER_PAGE
HEADING = "Plan several meetings"
NOTHING = "Give at least one child a date and a time."
COLUMNS = [
    Column("Child", header=True),
    Column("Meeting"),
    Column("Due by"),
    Column("Invitation by mail to"),
    Column("Ask them yourself"),
]


@dataclass
class Row:
    """One PEP of the page: whose part is what, why it cannot be planned if so, and what was typed for it."""

    pep: Pep
    people: People
    refused: Verdict | None
    form: SlotForm
    slot: Slot | None = None
    asked: list[Attendee] = field(default_factory=list)

    @property
    def can(self) -> bool:
        """Whether it can be planned, as far as the page knows."""
        return self.refused is None


@page(can_plan_several, methods=("GET", "POST"))
def plan_several(request: HttpRequest) -> HttpResponse:
    """A row for each PEP. ``fill`` puts times in, ``check`` shows what will be sent, ``change`` goes back, ``go`` plans."""
    data = sent(request)
    rows = _rows(request, data)
    access.shown(request, [row.pep for row in rows], kind=AccessKind.LIST)
    fill = FillForm(data if data and "fill" in data else None, peps=[row.pep for row in rows if row.can])
    if data is not None and not {"check", "go"} & set(data):
        return _filled(request, rows, fill, data)
    if data is None:
        return _page(request, rows, fill)
    typed = [row for row in rows if row.form.typed()]
    _settle(typed)
    errors = _errors(typed)
    if not errors and not any(row.slot for row in typed if "go" in data or row.can):
        errors = [{"text": _none_left(typed), "href": ""}]
    if errors:
        return _page(request, rows, fill, errors=errors)
    if "go" in data:
        return _planned(request, rows, fill)
    return _checked(request, rows, data)


# ---------------------------------------------------------------- steps


def _filled(request: HttpRequest, rows: list[Row], fill: FillForm, data: QueryDict) -> HttpResponse:
    """The rows with the times that were asked for; what was typed in others stays."""
    if fill.is_bound and not fill.is_valid():
        return _page(request, rows, fill, errors=form_errors(fill))
    typed = data.copy()
    if fill.is_bound:
        on, place, times = fill.cleaned_data["on"], fill.cleaned_data["place"], fill.times()
        for pep in fill.rows():
            for name, value in written(pep, on, times[pep.pk], place).items():
                typed[name] = value
    for row in rows:
        row.form = SlotForm(typed, pep=row.pep)
    return _page(request, rows, fill)


def _checked(request: HttpRequest, rows: list[Row], data: QueryDict) -> HttpResponse:
    going = [row for row in rows if row.slot and row.can]
    context = {
        "heading": "Check the meetings before anybody is invited",
        "back": reverse("peps:planner"),
        "table": _preview(going),
        "left": [_left(row) for row in rows if row not in going],
        "fields": _carried(rows, data),
        "action": request.path,
        "go": "Plan this meeting and invite" if len(going) == 1 else f"Plan these {len(going)} meetings and invite",
    }
    return render(request, "peps/plan_several_check.html", context)


def _planned(request: HttpRequest, rows: list[Row], fill: FillForm) -> HttpResponse:
    """Plan them. Whatever was refused stays on the page with its reason; all else is done."""
    outcome = schedule_several(slots=[row.slot for row in rows if row.slot], by=request.user)
    if not outcome.left:
        return done(request, _done_words(outcome), _month_of(outcome))
    if outcome.planned:
        messages.success(request, _done_words(outcome))
    made = {meeting.pep_id for meeting in outcome.planned}
    rows = [row for row in rows if row.pep.pk not in made]
    for row in rows:
        row.refused = outcome.left.get(row.pep.pk, row.refused)
    errors = [
        {"text": f"{row.pep.child.name}: {row.refused.reason}", "href": f"#{prefix(row.pep)}"}
        for row in rows
        if row.refused is not None and row.pep.pk in outcome.left
    ]
    fill = FillForm(None, peps=[row.pep for row in rows if row.can])
    return _page(request, rows, fill, errors=errors, status=409)


def _page(
    request: HttpRequest, rows: list[Row], fill: FillForm, *, errors: Sequence[Any] = (), status: int = 200
) -> HttpResponse:
    if not errors:
        for row in rows:
            _hush(row.form)
    drawn = [_drawn(row) for row in rows]
    context = {
        "heading": HEADING,
        "back": reverse("peps:planner"),
        "errors": list(errors),
        "rows": drawn,
        "fill": fill if any(row.can for row in rows) else None,
        "too_many": len(_picked(request)) > MOST,
        "most": MOST,
    }
    return render(request, "peps/plan_several.html", context, status=status)


# ---------------------------------------------------------------- rows


def _picked(request: HttpRequest) -> list[UUID]:
    """The PEPs that were ticked, each once; what is no PEP's is left out."""
    found = []
    for words in (request.POST if request.method == "POST" else request.GET).getlist(PICK):
        try:
            found.append(UUID(words))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _rows(request: HttpRequest, data: QueryDict | None) -> list[Row]:
    """In the order of schools and names, so that one school's stand together."""
    chosen = Pep.objects.visible_to(request.user).filter(uuid__in=_picked(request))
    ordered = chosen.order_by("school__name", "child__last_name", "child__first_names", "pk")[:MOST]
    peps = list(plans.with_meetings(ordered))
    people, own, on = people_of_all(peps, today()), reached(request.user, peps), today()
    pack = rules.pack(on, "pep.attendees")
    rows = []
    for pep in peps:
        refused = _why_not(request, pep, own=pep.pk in own)
        row = Row(pep, people[pep.pk], refused, SlotForm(data, pep=pep))
        row.asked = attendees(pep, row.people, on, pack)
        rows.append(row)
    return rows


def _why_not(request: HttpRequest, pep: Pep, *, own: bool) -> Verdict | None:
    verdict = policies.can_schedule(request.user, pep, Standing(own=own, wrote=False))
    if not verdict:
        return verdict
    standing = [meeting for meeting in pep.standing if meeting.state == MeetingState.PLANNED]
    return planned_already(standing[0]) if standing else None


def _settle(rows: Iterable[Row]) -> None:
    """Give each row that is rightly filled in its slot, and ask by the rules of the day of its meeting."""
    packs: dict[Any, rules.Pack] = {}
    for row in rows:
        if row.form.is_valid():
            row.slot = Slot(row.pep, row.form.starts_at(), row.form.cleaned_data["place"])
            on = _day(row.slot)
            packs[on] = packs.get(on) or rules.pack(on, "pep.attendees")
            row.asked = attendees(row.pep, row.people, on, packs[on])


def _errors(rows: Iterable[Row]) -> list[dict[str, str]]:
    return [
        {"text": f"{row.pep.child.name}: {error['text']}", "href": error["href"]}
        for row in rows
        if row.can
        for error in form_errors(row.form)
    ]


def _none_left(typed: Sequence[Row]) -> str:
    refused = [row.refused.reason for row in typed if row.refused is not None]
    return refused[0] if refused else NOTHING


def _hush(form: SlotForm) -> None:
    """Say nothing of empty boxes while times are still being filled in."""
    form._errors = ErrorDict()


def _drawn(row: Row) -> dict[str, Any]:
    pep, due = row.pep, due_cell(row.pep)
    return {
        "anchor": prefix(pep),
        "uuid": pep.uuid,
        "child": pep.child.name,
        "href": pep.get_absolute_url(),
        "kind": kind_words(pep),
        "school": pep.school.name if pep.school else "No school",
        "due": due,
        "must": [_named(one) for one in row.asked if one.because],
        "refused": row.refused,
        "can": row.can,
        "form": row.form,
    }


# ---------------------------------------------------------------- what will be sent


def _preview(rows: Sequence[Row]) -> Table:
    clashes, known = _clashes(rows), calendars.load()
    drawn = []
    for row in rows:
        slot, letters = row.slot, [one for one in row.asked if one.user and one.user.is_active]
        people = dict.fromkeys(_named(one) for one in _once(letters))
        asked = [capfirst(Seat(one.seat).label) for one in row.asked if one.user is None]
        notes = [*_notes(slot, known), *clashes[row.pep.pk]] if slot else []
        drawn.append(
            [
                Cell(row.pep.child.name, hint=row.pep.school.name if row.pep.school else "No school"),
                Cell(long_moment(slot.starts_at) if slot else "", hint=slot.place if slot else "", lines=tuple(notes)),
                due_cell(row.pep),
                Cell("", lines=tuple(people)),
                Cell("", lines=tuple(asked)),
            ]
        )
    return table("Meetings to be planned", COLUMNS, drawn, caption_hidden=True)


def _notes(slot: Slot, known: Calendars) -> list[str]:
    """What whoever plans wants to know of the day, and may have reasons for."""
    on, found = _day(slot), []
    if on > slot.pep.due_on:
        found.append(f"After the day it is due, {long_date(slot.pep.due_on)}")
    school = known.school_days(slot.pep.school.urn if slot.pep.school else "")
    if school.counts(on) is False:
        found.append(f"No school on that day: {school.why_not(on)}")
    return found


def _clashes(rows: Sequence[Row]) -> dict[int, list[str]]:
    """Who has to be at two meetings that begin at the same time, here or elsewhere. One query."""
    must = [(row.slot, one) for row in rows if row.slot for one in row.asked if one.because and one.user]
    taken: dict[Any, int] = defaultdict(int)
    for slot, one in must:
        taken[(one.user, slot.starts_at)] += 1
    elsewhere = MeetingInvitation.objects.filter(
        user__in=[one.user for _, one in must],
        required=True,
        meeting__state=MeetingState.PLANNED,
        meeting__starts_at__in=[slot.starts_at for slot, _ in must],
    )
    for invitation in elsewhere.select_related("user", "meeting"):
        taken[(invitation.user, invitation.meeting.starts_at)] += 1
    found: dict[int, list[str]] = defaultdict(list)
    for slot, one in must:
        if taken[(one.user, slot.starts_at)] > 1:
            found[slot.pep.pk].append(f"{one.user} has to be at another meeting then")
    return found


def _left(row: Row) -> dict[str, Any]:
    """What is not planned now, and why."""
    if row.refused is None:
        return {"key": row.pep.child.name, "value": "No date and time were given."}
    return {"key": row.pep.child.name, "value": row.refused.reason, "lines": _source(row.refused)}


def _source(verdict: Verdict) -> list[str]:
    return [f"Source: {verdict.source}"] if verdict.source else []


def _carried(rows: Iterable[Row], data: QueryDict) -> list[dict[str, str]]:
    """What was typed, for the page that shows it to send on."""
    fields = []
    for row in rows:
        fields.append({"name": PICK, "value": str(row.pep.uuid)})
        start = f"{prefix(row.pep)}-"
        fields += [{"name": name, "value": data[name]} for name in data if name.startswith(start)]
    return fields


def _named(one: Attendee) -> str:
    words = capfirst(Seat(one.seat).label)
    return f"{words}: {one.user}" if one.user else words


def _once(asked: Iterable[Attendee]) -> list[Attendee]:
    """Each person on their first seat, as they are invited."""
    return list({one.user: one for one in reversed(list(asked))}.values())[::-1]


def _day(slot: Slot) -> Any:
    return slot.starts_at.astimezone(LONDON).date()


def _done_words(outcome: Outcome) -> str:
    number = len(outcome.planned)
    if number == 1:
        return "The meeting is planned and the invitations are out."
    return f"{number} meetings are planned and the invitations are out."


def _month_of(outcome: Outcome) -> str:
    first = min(meeting.starts_at for meeting in outcome.planned).astimezone(LONDON)
    return f"{reverse('peps:planner_month')}?month={first:%Y-%m}"
