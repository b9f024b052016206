"""The register of designated teachers and their deputies."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from virtualschool.accounts import actions, policies
from virtualschool.accounts.filters import TeachersFilter
from virtualschool.accounts.forms import TeacherForm, TeacherLeavesForm
from virtualschool.accounts.models import Membership, Organisation
from virtualschool.accounts.views.common import mail_link
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table


@page(policies.can_keep_teachers)
def teachers(request: HttpRequest) -> HttpResponse:
    """The register: each school with its designated teacher and deputies today."""
    schools = Organisation.objects.schools()
    current = Membership.objects.current().select_related("user").order_by("position", "start")
    found = TeachersFilter(request.GET, queryset=schools.order_by("name", "pk"))
    pages = paginate(request, found.qs.prefetch_related(Prefetch("memberships", current, to_attr="people_now")))
    rows = [[_school_cell(school), *_teacher_cells(school)] for school in pages.rows]
    columns = [Column("School"), Column("Designated teacher"), Column("Deputy")]
    context = {
        "filter": found,
        "pages": pages,
        "total": schools.count(),
        "table": table("Designated teachers", columns, rows, empty="No school matches", caption_hidden=True),
        "clear_href": reverse("accounts:teachers"),
    }
    return render(request, "accounts/teachers.html", context)


def _school_cell(school: Organisation) -> Cell:
    return Cell(school.name, href=reverse("accounts:teacher", args=[school.uuid]), hint=f"URN {school.code}")


def _teacher_cells(school: Organisation) -> list[Cell]:
    people = school.people_now  # type: ignore[attr-defined]
    lead = [row.user.name for row in people if row.position == Membership.Position.DESIGNATED_TEACHER]
    deputies = [row.user.name for row in people if row.position == Membership.Position.DEPUTY]
    missing = {"text": "None", "status": "missing"}
    return [Cell(lead[0]) if lead else Cell("", tag=missing), Cell(", ".join(deputies) or "–")]


@page(policies.can_keep_teachers_of, methods=("GET", "POST"), organisation=Organisation)
def teacher(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """A school's designated teacher or deputy changes; somebody without an account is invited."""
    back = reverse("accounts:teachers")
    form = TeacherForm(sent(request), initial={"deputy": "no", "start": today()}, cancel_href=back)
    if form.is_valid():
        appointed = attempt(form, lambda: _appoint(request, organisation, form.cleaned_data))
        if appointed:
            words = f"{appointed.get_position_display()} of {organisation.name} from {long_date(appointed.start)}"
            messages.success(request, f"{appointed.user.name} is {words}.")
            return redirect(back)
    places = _places(organisation)
    more = []
    if places:
        end = reverse("accounts:teacher_leaves", args=[organisation.uuid])
        more = [{"text": "Somebody stops without a successor", "href": end}]
    now = [_place_row(row) for row in places]
    heading = "Designated teacher"
    return form_page(request, form, heading=heading, caption=organisation.name, back=back, rows=now, more=more)


def _places(school: Organisation) -> list[Membership]:
    """Today's people, and those appointed from a later day."""
    rows = school.memberships.exclude(end__lte=today()).select_related("user")
    return list(rows.order_by("start", "position", "pk"))


def _place_row(row: Membership) -> dict[str, Any]:
    lines = [row.user.email, f"from {long_date(row.start)}{f' until {long_date(row.end)}' if row.end else ''}"]
    return {"key": row.get_position_display().capitalize(), "value": row.user.name, "lines": lines}


def _appoint(request: HttpRequest, school: Organisation, given: dict[str, Any]) -> Membership:
    invited = given["person"] is None
    someone = given["person"] or actions.invite(
        name=given["name"], email=given["email"], role="teacher", by=request.user, teacher=True
    )
    appointed = actions.appoint_teacher(
        organisation=school, user=someone, start=given["start"], by=request.user, deputy=given["deputy"] == "yes"
    )
    if invited:
        mail_link(request, someone)
    return appointed


@page(policies.can_keep_teachers_of, methods=("GET", "POST"), organisation=Organisation)
def teacher_leaves(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """A designated teacher or deputy stops; until somebody follows, the register shows that there is none."""
    back = reverse("accounts:teacher", args=[organisation.uuid])
    places = _places(organisation)
    form = TeacherLeavesForm(sent(request), people=places, initial={"end": today()}, cancel_href=back)
    if form.is_valid():
        held, end = form.cleaned_data["who"], form.cleaned_data["end"]
        if attempt(form, lambda: actions.end_membership(membership=held, end=end, by=request.user)):
            messages.success(request, f"The end of {held.user.name}’s place is recorded.")
            return redirect(back)
    return form_page(request, form, heading="Somebody stops", caption=organisation.name, back=back)
