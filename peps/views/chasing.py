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

from peps import chasing, policies
from peps.actions.chasing import Not, Outcome, chase, hindrance, reminded_on
from peps.chasing import Debtor
from peps.filters_chasing import ChaseFilter
from peps.models import Pep, PepChaser
from peps.views.chasing_rows import (
    COLUMNS,
    FILE_HEADINGS,
    SENT_COLUMNS,
    WHO,
    bounced_words,
    by_telephone,
    file_line,
    kinds,
    last_reminders,
    name_of,
    person_row,
    role_of,
    sent_row,
    things_table,
    with_query,
)
from peps.views.listing import tabs
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.jobs import outbox
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import today
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import table

FIELDS = ("school", "term", "role", "late")


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
        "table": things_table(pages.rows, "What I owe", "You owe nothing", known),
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
    last = last_reminders(pages.rows)
    query = request.GET.urlencode()
    context = {
        "heading": "Who owes what",
        "filter": found,
        "pages": pages,
        "total": total,
        "clear_href": request.path,
        "csv_href": with_query("peps:chase_file", query) if policies.can_take_chase_away(request.user) else "",
        "table": table(
            "Who owes what",
            COLUMNS,
            [person_row(one, last, query) for one in pages.rows],
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
        return redirect(with_query("peps:chase", query.urlencode()))
    access.shown(request, one.things, kind=AccessKind.LIST)
    context = {
        "heading": f"What {name_of(one)} owes" if one.person else name_of(one),
        "caption": role_of(one),
        "back": with_query("peps:chase", query.urlencode()),
        "bounced": bounced_words(one),
        "telephone": one.telephone,
        "key": one.key if one.person else "",
        "kept": _kept(request.GET),
        "table": things_table(one.things, "What is owed", "Nothing is owed any more"),
    }
    return render(request, "peps/chase_person.html", context)


@page(policies.can_take_chase_away)
def file(request: HttpRequest) -> HttpResponse:
    """What the filter shows, a line for each thing, as CSV. Logged with every child in it."""
    _, people, _ = _asked_for(request)
    things = [thing for one in people for thing in one.things]
    access.shown(request, things, kind=AccessKind.EXPORT)
    log.record("pep.chase_exported", by=request.user, subject=request.user, data={"rows": len(things)})
    rows = [file_line(one, thing) for one in people for thing in one.things]
    return csv_file(f"peps-owed-{today().isoformat()}", csvfiles.write(FILE_HEADINGS, rows))


@page(policies.can_chase, methods=("POST",))
def send(request: HttpRequest) -> HttpResponse:
    """First says to whom a mail will go and who gets none; then, when that is confirmed, sends."""
    chosen = _chosen(request)
    if "confirmed" not in request.POST:
        return _check(request, chosen)
    outcome = chase(people=[one.person for one in chosen if one.person], by=request.user, again="again" in request.POST)
    _say(request, outcome)
    return redirect(with_query("peps:chase", urlencode(_pairs(_kept(request.POST)))))


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
            [sent_row(one) for one in pages.rows],
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
        "back": with_query("peps:chase", urlencode(_pairs(_kept(request.POST)))),
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
        "key": name_of(one),
        "value": one.person.email if one.person else "",
        "lines": [kinds(one), hint] if hint else [kinds(one)],
    }


def _telephone_row(one: Debtor) -> dict[str, Any]:
    return {"key": name_of(one), "value": bounced_words(one), "lines": [by_telephone(one)]}


def _none_row(one: Debtor, why: Not | None) -> dict[str, Any]:
    lines = [by_telephone(one)] if why in (Not.NOBODY, Not.CLOSED) else []
    return {"key": name_of(one), "value": capfirst(str(why)), "lines": lines}


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


def _kept(data: Any) -> list[dict[str, str]]:
    """The filter, to be carried on by a form."""
    return [{"name": name, "value": data[name]} for name in FIELDS if data.get(name)]


def _pairs(kept: Iterable[dict[str, str]]) -> list[tuple[str, str]]:
    return [(one["name"], one["value"]) for one in kept]
