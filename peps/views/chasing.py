"""Who still owes what, by person; reminding them; what was sent and what came back; and each person's own list."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate

from peps import chasing, policies
from peps.actions.chasing import Not, Outcome, chase, hindrance, reminded_on
from peps.chasing import Debtor, Kind, Thing
from peps.filters_chasing import ChaseFilter
from peps.models import Pep, PepChaser
from peps.views.common import kind_words
from peps.views.listing import tabs
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.jobs import outbox
from virtualschool.jobs.enums import MailState
from virtualschool.jobs.models import Message
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Table, table

WHO = "who"  # what the tick boxes are sent as, and what names a person in the address of their list
FIELDS = ("school", "term", "role", "late")
COLUMNS = [
    Column("Choose", hidden=True),
    Column("Person", header=True),
    Column("Children", numeric=True),
    Column("What"),
    Column("First due"),
    Column("Last reminder"),
]
THING_COLUMNS = [Column("Due"), Column("What"), Column("Child", header=True), Column("School"), Column("By which rule")]
SENT_COLUMNS = [
    Column("To"),
    Column("When"),
    Column("By"),
    Column("Things", numeric=True),
    Column("First due"),
    Column("Mail"),
]
PLURALS = {
    Kind.SECTION: "sections to finish",
    Kind.MISSING: "things missing",
    Kind.SEND_IN: "PEPs to send in",
    Kind.ANSWER: "PEPs to answer",
    Kind.INVITATION: "invitations to answer",
}
FILE_HEADINGS = [
    "Person",
    "Role",
    "Telephone",
    "E-mail",
    "School",
    "Child",
    "PEP",
    "What",
    "Due",
    "Overdue",
    "Rule",
    "Kind of rule",
]
STATES = {
    MailState.DUE: {"text": "Waiting", "status": "waiting"},
    MailState.SENT: {"text": "Sent", "status": "done"},
    MailState.FAILED: {"text": "Failed", "status": "overdue"},
    MailState.DROPPED: {"text": "Not sent", "status": "cancelled"},
}
BOUNCED = {"text": "Came back", "status": "overdue"}


@page(policies.can_list)
def owed(request: HttpRequest) -> HttpResponse:
    """What the reader owes, oldest first: where a reminder leads."""
    things = chasing.owed_by(request.user)
    pages = paginate(request, things)
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    shown = {one.pep.pk for one in pages.rows}
    known = set(Pep.objects.visible_to(request.user).filter(pk__in=shown).values_list("pk", flat=True))
    context = {
        "heading": "What I owe for PEPs",
        "table": _things_table(pages.rows, "What I owe", "You owe nothing", known),
        "pages": pages,
        "tabs": tabs("owed", request.user),
    }
    return render(request, "peps/owed.html", context)


@page(policies.can_chase)
def board(request: HttpRequest) -> HttpResponse:
    """One row a person: how many children, what kinds of thing, the oldest date first."""
    found, people, total = _asked_for(request)
    pages = paginate(request, people)
    access.shown(request, [thing for one in pages.rows for thing in one.things], kind=AccessKind.LIST)
    last = _last_reminders(pages.rows)
    query = request.GET.urlencode()
    context = {
        "heading": "Who owes what",
        "filter": found,
        "pages": pages,
        "total": total,
        "clear_href": request.path,
        "csv_href": _with_query("peps:chase_file", query) if policies.can_take_chase_away(request.user) else "",
        "table": table(
            "Who owes what",
            COLUMNS,
            [_row(one, last, query) for one in pages.rows],
            empty="Nobody owes anything",
            caption_hidden=True,
            choices=WHO,
        ),
        "tabs": tabs("chase", request.user),
        "kept": _kept(request.GET),
        "sent_href": reverse("peps:chase_sent"),
    }
    return render(request, "peps/chase.html", context)


@page(policies.can_chase)
def person(request: HttpRequest) -> HttpResponse:
    """All that one person owes, of what the filter shows, with each day and its rule. The address names the person, not a child."""
    who = request.GET.get(WHO, "")
    _, people, _ = _asked_for(request)
    one = next((one for one in people if one.key == who), None)
    query = request.GET.copy()
    query.pop(WHO, None)
    if one is None:
        return redirect(_with_query("peps:chase", query.urlencode()))
    access.shown(request, one.things, kind=AccessKind.LIST)
    context = {
        "heading": f"What {_name(one)} owes" if one.person else _name(one),
        "caption": _role(one),
        "back": _with_query("peps:chase", query.urlencode()),
        "bounced": _bounced_words(one),
        "telephone": one.telephone,
        "key": one.key if one.person else "",
        "kept": _kept(request.GET),
        "table": _things_table(one.things, "What is owed", "Nothing is owed any more"),
    }
    return render(request, "peps/chase_person.html", context)


@page(policies.can_take_chase_away)
def file(request: HttpRequest) -> HttpResponse:
    """What the filter shows, a line for each thing, as CSV. Logged with every child in it."""
    _, people, _ = _asked_for(request)
    things = [thing for one in people for thing in one.things]
    access.shown(request, things, kind=AccessKind.EXPORT)
    log.record("pep.chase_exported", by=request.user, subject=request.user, data={"rows": len(things)})
    rows = [_line(one, thing) for one in people for thing in one.things]
    response = HttpResponse("".join(csvfiles.write(FILE_HEADINGS, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="peps-owed-{today().isoformat()}.csv"'
    return response


@page(policies.can_chase, methods=("POST",))
def send(request: HttpRequest) -> HttpResponse:
    """First says to whom a mail will go and who gets none; then, when that is confirmed, sends."""
    chosen = _chosen(request)
    if "confirmed" not in request.POST:
        return _check(request, chosen)
    outcome = chase(people=[one.person for one in chosen if one.person], by=request.user, again="again" in request.POST)
    _say(request, outcome)
    return redirect(_with_query("peps:chase", urlencode(_pairs(_kept(request.POST)))))


@page(policies.can_chase)
def chasers(request: HttpRequest) -> HttpResponse:
    """The reminders that were sent: by whom, when, to whom, and what became of each mail. No child is in them."""
    rows = PepChaser.objects.select_related("to", "by", "message")
    pages = paginate(request, rows)
    context = {
        "heading": "Reminders sent",
        "pages": pages,
        "held": outbox.held(),
        "table": table(
            "Reminders sent",
            SENT_COLUMNS,
            [_sent_row(one) for one in pages.rows],
            empty="No reminder was sent yet",
            caption_hidden=True,
        ),
        "back": reverse("peps:chase"),
    }
    return render(request, "peps/chasers.html", context)


# ---------------------------------------------------------------- what is asked for


def _asked_for(request: HttpRequest) -> tuple[ChaseFilter, list[Debtor], int]:
    """The filter, the people it leaves, and how many owe anything to the reader's knowledge."""
    data = request.GET if request.method == "GET" else request.POST
    mine = Pep.objects.visible_to(request.user)
    found = ChaseFilter({name: data.get(name, "") for name in FIELDS}, queryset=mine, request=request)
    everybody = chasing.by_person(chasing.owed_for(mine))
    if not any(found.data.values()):
        return found, everybody, len(everybody)
    kept = set(
        found.qs.filter(pk__in={thing.pep.pk for one in everybody for thing in one.things}).values_list("pk", flat=True)
    )
    things = [thing for one in everybody for thing in one.things if thing.pep.pk in kept]
    return found, found.people(chasing.by_person(things)), len(everybody)


def _chosen(request: HttpRequest) -> list[Debtor]:
    """Of those whom the reader may see: the ticked ones, or all that the filter shows."""
    _, people, _ = _asked_for(request)
    if "all" in request.POST:
        return people
    keys = set(request.POST.getlist(WHO))
    return [one for one in people if one.key in keys]


# ---------------------------------------------------------------- sending


def _check(request: HttpRequest, chosen: list[Debtor]) -> HttpResponse:
    """To whom a mail will go, to whom only when the address is tried again, and who gets none."""
    people = [one.person for one in chosen if one.person]
    reminded = reminded_on(today(), people)
    had_mail = outbox.had_todays(people)
    why = {one.key: hindrance(one.person, reminded) for one in chosen}
    access.shown(request, [thing for one in chosen for thing in one.things], kind=AccessKind.LIST)
    context = {
        "heading": "Check before you send",
        "back": _with_query("peps:chase", urlencode(_pairs(_kept(request.POST)))),
        "goes": [_goes(one, had_mail) for one in chosen if why[one.key] is None],
        "returned": [_telephone_row(one) for one in chosen if why[one.key] is Not.BOUNCED],
        "none": [_none_row(one, why[one.key]) for one in chosen if why[one.key] not in (None, Not.BOUNCED)],
        "keys": [one.key for one in chosen if why[one.key] in (None, Not.BOUNCED)],
        "kept": _kept(request.POST),
    }
    return render(request, "peps/chase_check.html", context)


def _goes(one: Debtor, had_mail: set[int]) -> dict[str, Any]:
    later = one.person is not None and one.person.pk in had_mail
    hint = "Has had today’s mail from the service: this goes with tomorrow’s." if later else ""
    return {
        "key": _name(one),
        "value": one.person.email if one.person else "",
        "lines": [_kinds(one), hint] if hint else [_kinds(one)],
    }


def _telephone_row(one: Debtor) -> dict[str, Any]:
    return {"key": _name(one), "value": _bounced_words(one), "lines": [_by_telephone(one)]}


def _none_row(one: Debtor, why: Not | None) -> dict[str, Any]:
    lines = [_by_telephone(one)] if why in (Not.NOBODY, Not.CLOSED) else []
    return {"key": _name(one), "value": capfirst(str(why)), "lines": lines}


def _say(request: HttpRequest, outcome: Outcome) -> None:
    number = len(outcome.sent)
    if number:
        messages.success(
            request, "1 reminder is on its way." if number == 1 else f"{number} reminders are on their way."
        )
    else:
        messages.info(request, "No reminder was sent.")
    left = Counter(why for _, why in outcome.left_out)
    if left:
        messages.info(request, "Left out: " + "; ".join(f"{count} ({why})" for why, count in left.items()) + ".")


# ---------------------------------------------------------------- words and rows


def _name(one: Debtor) -> str:
    return one.person.name if one.person else f"No {one.seat.label} known"


def _role(one: Debtor) -> str:
    if one.person:
        return str(one.person.role_class.title)
    school = one.things[0].pep.school if one.things else None
    return school.name if school else "No school"


def _kinds(one: Debtor) -> str:
    counts = Counter(thing.kind for thing in one.things)
    return ", ".join(
        f"{counts[kind]} {kind.label if counts[kind] == 1 else PLURALS[kind]}" for kind in Kind if counts[kind]
    )


def _row(one: Debtor, last: dict[int, PepChaser], query: str) -> list[Cell]:
    link = _with_query("peps:chase_person", "&".join(part for part in (urlencode({WHO: one.key}), query) if part))
    tag = {"text": "Mail came back", "status": "overdue"} if one.person and one.person.email_bounced_at else None
    chaser = last.get(one.person.pk) if one.person else None
    return [
        Cell(f"Choose {_name(one)}", choice=one.key) if one.person else Cell(),
        Cell(
            _name(one),
            href=link,
            hint=_role(one),
            tag=tag,
            lines=(_by_telephone(one),) if tag or not one.person else (),
        ),
        Cell(str(one.children)),
        Cell(_kinds(one)),
        Cell(long_date(one.first_due_on), tag=_late_tag(one.things[0])),
        Cell(long_date(chaser.day), tag=_mail_tag(chaser.message)) if chaser else Cell("None"),
    ]


def _late_tag(thing: Thing) -> dict[str, str] | None:
    """Overdue by what: the law, the council's policy or a local target."""
    if not thing.late(today()):
        return None
    kind = thing.rule.kind_label.lower() if thing.rule else "before the meeting"
    return {"text": f"Overdue: {kind}", "status": "overdue"}


def _things_table(things: Iterable[Thing], caption: str, empty: str, known: set[int] | None = None) -> Table:
    """``known``: the PEPs to whose page the reader may go, where that is not all of them."""
    rows = [
        [
            Cell(long_date(thing.due_on), tag=_late_tag(thing)),
            Cell(capfirst(thing.words), href=thing.href, hint=kind_words(thing.pep)),
            Cell(
                thing.pep.child.name,
                href=thing.pep.get_absolute_url() if known is None or thing.pep.pk in known else "",
            ),
            Cell(thing.pep.school.name if thing.pep.school else "No school"),
            Cell(
                thing.rule.words if thing.rule else "Answered before the meeting",
                href=thing.explained_at,
                hint=thing.rule.source if thing.rule else "",
            ),
        ]
        for thing in things
    ]
    return table(caption, THING_COLUMNS, rows, empty=empty, caption_hidden=True)


def _line(one: Debtor, thing: Thing) -> list[Any]:
    late, rule = thing.late(today()), thing.rule
    return [
        _name(one),
        _role(one) if one.person else str(one.seat.label),
        one.telephone,
        one.person.email if one.person else "",
        thing.pep.school.name if thing.pep.school else "",
        thing.pep.child.name,
        kind_words(thing.pep),
        capfirst(thing.words),
        thing.due_on.isoformat(),
        "yes" if late else "no",
        rule.words if rule else "Answered before the meeting",
        rule.kind_label if rule else "",
    ]


def _sent_row(chaser: PepChaser) -> list[Cell]:
    message = chaser.message
    return [
        Cell(chaser.to.name, hint=str(chaser.to.role_class.title)),
        Cell(long_moment(chaser.at)),
        Cell(str(chaser.by) if chaser.by else "The night"),
        Cell(str(chaser.things)),
        Cell(long_date(chaser.first_due_on)),
        Cell(
            long_moment(message.sent_at) if message.sent_at else "", tag=_mail_tag(message), lines=_mail_lines(chaser)
        ),
    ]


def _mail_tag(message: Message) -> dict[str, str]:
    return BOUNCED if message.bounced_at else STATES[MailState(message.state)]


def _mail_lines(chaser: PepChaser) -> tuple[str, ...]:
    message = chaser.message
    if message.bounced_at:
        telephone = f"Telephone {chaser.to.telephone}." if chaser.to.telephone else "No telephone number is known."
        return (message.bounced_because, telephone)
    if message.state == MailState.FAILED:
        return (f"{message.error}: tried again {long_moment(message.due_at)}",)
    return ()


def _bounced_words(one: Debtor) -> str:
    if one.person is None or one.person.email_bounced_at is None:
        return ""
    return f"Mail to {one.person.email} came back on {long_date(localdate(one.person.email_bounced_at))}."


def _by_telephone(one: Debtor) -> str:
    return f"Telephone {one.telephone}" if one.telephone else "No telephone number is known"


def _last_reminders(people: Iterable[Debtor]) -> dict[int, PepChaser]:
    keys = [one.person.pk for one in people if one.person]
    latest = PepChaser.objects.filter(to__in=keys).order_by("to", "-day").distinct("to").select_related("message")
    return {chaser.to_id: chaser for chaser in latest}


def _kept(data: Any) -> list[dict[str, str]]:
    """The filter, to be carried on by a form."""
    return [{"name": name, "value": data[name]} for name in FIELDS if data.get(name)]


def _pairs(kept: Iterable[dict[str, str]]) -> list[tuple[str, str]]:
    return [(one["name"], one["value"]) for one in kept]


def _with_query(name: str, query: str) -> str:
    return f"{reverse(name)}?{query}" if query else reverse(name)
