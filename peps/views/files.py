"""Files in a PEP: adding one to a section or a meeting, removing it, and listing those that the reader reads."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate

from children.forms.records import RemoveFileForm
from peps import policies_files as policies
from peps import statements
from peps.actions import files
from peps.forms.files import PepFileForm
from peps.models import Pep, PepFile, PepMeeting, PepSection
from peps.policies import Standing
from peps.views import common
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent

COUNTS_AS_WRITING = "Whoever adds a file has written part of the PEP, and somebody else grades it."


@page(policies.can_attach_to_section, methods=("GET", "POST"), section=PepSection)
def section_add(request: HttpRequest, section: PepSection) -> HttpResponse:
    here = reverse("peps:section", args=[section.uuid])
    form = _form(request, policies.kinds_for(request.user, section), here)
    if form.is_valid() and attempt(
        form, lambda: files.attach_to_section(section=section, facts=form.facts(), by=request.user)
    ):
        return done(request, "The file is added.", here)
    heading = f"Add a file to “{common.section_title(section)}”"
    return form_page(request, form, heading=heading, caption=common.caption(section.pep), back=here)


@page(policies.can_attach_to_meeting, methods=("GET", "POST"), meeting=PepMeeting)
def meeting_add(request: HttpRequest, meeting: PepMeeting) -> HttpResponse:
    here = reverse("peps:meeting", args=[meeting.uuid])
    form = _form(request, policies.kinds_for(request.user, None), here)
    if form.is_valid() and attempt(
        form, lambda: files.attach_to_meeting(meeting=meeting, facts=form.facts(), by=request.user)
    ):
        return done(request, "The file is added.", here)
    intro = [COUNTS_AS_WRITING] if request.user.may(Act.GRADE_PEPS) else []
    caption = common.caption(meeting.pep)
    return form_page(request, form, heading="Add a file to the meeting", caption=caption, back=here, intro=intro)


@page(policies.can_take_out, methods=("GET", "POST"), pep_file=PepFile)
def remove(request: HttpRequest, pep_file: PepFile) -> HttpResponse:
    here = _place(pep_file)
    form = RemoveFileForm(sent(request), cancel_href=here)
    if form.is_valid():
        files.take_out(pep_file=pep_file, why=form.cleaned_data["why"], by=request.user)
        return done(request, "The file is removed.", here)
    intro = [f"“{pep_file.file.title}” will no longer be in this PEP. Who added and removed it stays in the history."]
    return form_page(
        request, form, heading="Remove a file", caption=common.caption(pep_file.pep), back=here, intro=intro
    )


def of_section(user: User, section: PepSection, at: Standing | None = None) -> dict[str, Any]:
    """The files of a section as its page shows them, and where one is added."""
    may_add = policies.can_attach_to_section(user, section, at)
    add = reverse("peps:section_file_add", args=[section.uuid]) if may_add else ""
    return _listed(user, section.pep, {"section": section}, add, at)


def of_meeting(user: User, meeting: PepMeeting, at: Standing | None = None) -> dict[str, Any]:
    """The files of a meeting as its page shows them, and where one is added."""
    may_add = policies.can_attach_to_meeting(user, meeting, at)
    add = reverse("peps:meeting_file_add", args=[meeting.uuid]) if may_add else ""
    return _listed(user, meeting.pep, {"meeting": meeting}, add, at)


def in_whole(
    groups: Collection[FieldGroup], pep: Pep, voices: Collection[str] = statements.EVERYBODY
) -> tuple[dict[str, list[dict[str, str]]], list[dict[str, str]]]:
    """The files of these kinds of information by the key of their section, and those of the meetings. One query.

    A file of the voice counts as the child's words, unless it stands where a carer, a parent and others speak.
    """
    by_section: dict[str, list[dict[str, str]]] = {}
    of_meetings = []
    rows = PepFile.objects.readable(groups).filter(pep=pep).select_related("file", "section")
    for one in rows:
        key = one.section.key if one.section else ""
        if one.file.field_group == FieldGroup.VOICE and not statements.may_have_file(key, voices):
            continue
        item = {"text": one.file.title, "href": reverse("children:file", args=[one.file.uuid]), "hint": _kind(one)}
        (by_section.setdefault(one.section.key, []) if one.section else of_meetings).append(item)
    return by_section, of_meetings


# ---------------------------------------------------------------- parts


def _form(request: HttpRequest, kinds: list[Any], here: str) -> PepFileForm:
    return PepFileForm(sent(request), request.FILES or None, kinds=kinds, cancel_href=here)


def _place(pep_file: PepFile) -> str:
    if pep_file.section:
        return reverse("peps:section", args=[pep_file.section.uuid])
    return reverse("peps:meeting", args=[pep_file.meeting.uuid])


def _listed(user: User, pep: Pep, place: dict[str, Any], add: str, at: Standing | None) -> dict[str, Any]:
    rows = PepFile.objects.visible_to(user).filter(pep=pep, **place).select_related("file__uploaded_by", "section")
    items = []
    for one in rows:
        one.pep = pep
        remove = policies.can_take_out(user, one, at)
        items.append(
            {
                "text": one.file.title,
                "href": reverse("children:file", args=[one.file.uuid]),
                "hint": f"{_kind(one)}, {filesizeformat(one.file.size)}, {one.file.uploaded_by}, "
                f"{long_date(localdate(one.file.created_at))}",
                "remove_href": reverse("peps:file_remove", args=[one.uuid]) if remove else "",
            }
        )
    return {"items_shown": items, "add_href": add}


def _kind(one: PepFile) -> str:
    return capfirst(str(one.get_kind_display()))
