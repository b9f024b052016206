"""The coach's notes on the page from which a PEP is sent in."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from peps import coach, policies
from peps.actions import coaching
from peps.forms.coach import SetAsideForm
from peps.models import NoteSetAside, Pep, PepSection
from peps.views import common
from virtualschool.accounts.models import User
from virtualschool.audit.pages import page
from virtualschool.kernel.formpages import done, form_page, sent
from virtualschool.kernel.verdicts import Conflict


@page(policies.can_submit, methods=("GET", "POST"), pep=Pep)
def set_aside(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Say why a note does not hold. One that the coach says no more leads back to those that it says."""
    back = reverse("peps:submit", args=[pep.uuid])
    asked = request.POST.get("note") or request.GET.get("note", "")
    note = coach.find(pep, asked)
    if note is None and request.method == "GET":
        return redirect(back)
    if note is None:
        raise Conflict(coaching.GONE)
    form = SetAsideForm(sent(request), initial={"note": note.id}, cancel_href=back)
    if form.is_valid():
        coaching.set_aside(pep=pep, by=request.user, **form.cleaned_data)
        return done(request, "The note is put aside.", back)
    return form_page(
        request, form, heading="Put this note aside", caption=common.caption(pep), back=back, intro=[note.words]
    )


def told(user: User, pep: Pep) -> list[dict[str, Any]]:
    """The notes that stand on what the person reads, each with the way to its section and the way to put it aside."""
    aside = {one.note for one in _kept(pep)}
    sections = {one.key: one for one in PepSection.objects.filter(pep=pep).select_related("pep")}
    return [
        {
            "text": note.words,
            "href": reverse("peps:section", args=[sections[note.section].uuid]),
            "aside": f"{reverse('peps:set_note_aside', args=[pep.uuid])}?{urlencode({'note': note.id})}",
        }
        for note in coach.notes(pep)
        if note.id not in aside and policies.can_read_section(user, sections[note.section])
    ]


def put_aside(pep: Pep, until: datetime | None = None) -> list[dict[str, Any]]:
    """What was put aside, with the reason: for whoever answers the PEP, or marks what it was ``until`` then."""
    rows = _kept(pep) if until is None else _kept(pep).filter(at__lte=until)
    return [{"key": one.words, "value": one.why, "lines": [f"Put aside by {one.by}"]} for one in rows]


def _kept(pep: Pep) -> Any:
    return NoteSetAside.objects.filter(pep=pep).select_related("by")
