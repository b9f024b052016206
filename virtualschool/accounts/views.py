"""Pages that keep accounts, cover, and the register of designated teachers."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from virtualschool.accounts import actions, policies
from virtualschool.accounts.filters import PeopleFilter, TeachersFilter
from virtualschool.accounts.forms import CoverForm, InviteForm, JoinForm, ReasonForm, RoleForm, TeacherForm
from virtualschool.accounts.invitations import send_link
from virtualschool.accounts.models import Cover, Membership, Organisation, User
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.forms import PageForm
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table

OPEN, CLOSED = {"text": "open", "status": "done"}, {"text": "closed", "status": "closed"}


@page(policies.can_keep_accounts)
def people(request: HttpRequest) -> HttpResponse:
    """Every account."""
    everybody = User.objects.visible_to(request.user)
    found = PeopleFilter(request.GET, queryset=everybody.order_by("name", "pk"))
    pages = paginate(request, found.qs)
    rows = [
        [
            Cell(person.name, href=reverse("accounts:person", args=[person.uuid])),
            person.role_class.title,
            person.email,
            Cell("", tag=OPEN if person.is_active else CLOSED),
        ]
        for person in pages.rows
    ]
    columns = [Column("Name"), Column("Role"), Column("E-mail address"), Column("Account")]
    context = {
        "filter": found,
        "pages": pages,
        "total": everybody.count(),
        "table": table("People", columns, rows, empty="Nobody matches these filters", caption_hidden=True),
        "clear_href": reverse("accounts:people"),
    }
    return render(request, "accounts/people.html", context)


@page(policies.can_keep_account, person=User)
def person(request: HttpRequest, person: User) -> HttpResponse:
    """One account: role, places, cover, and what can be done with it."""
    memberships = person.memberships.select_related("organisation").order_by("-start")
    covers = person.covers.select_related("covered_by").order_by("-start")
    context = {
        "person": person,
        "facts": _facts(person),
        "memberships": [_membership_row(row) for row in memberships],
        "covers": [_cover_row(row) for row in covers],
        "actions": _actions(request.user, person),
        "state": OPEN if person.is_active else CLOSED,
        "back": reverse("accounts:people"),
    }
    return render(request, "accounts/person.html", context)


def _facts(person: User) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"key": "E-mail address", "value": person.email},
        {"key": "Role", "value": person.role_class.title, "lines": [person.role_class.sentence]},
        {"key": "Administrator", "value": "yes" if person.is_administrator else "no"},
    ]
    if person.phases:
        rows.append({"key": "Phases", "value": ", ".join(User.Phase(phase).label for phase in person.phases)})
    if person.email_bounced_at:
        rows.append({"key": "Mail", "value": "came back", "lines": [f"on {long_date(person.email_bounced_at.date())}"]})
    return rows


def _membership_row(row: Membership) -> dict[str, Any]:
    until = f" until {long_date(row.end)}" if row.end else ""
    return {
        "key": row.organisation.name,
        "value": row.get_position_display(),
        "lines": [f"from {long_date(row.start)}{until}"],
    }


def _cover_row(row: Cover) -> dict[str, Any]:
    return {
        "key": row.covered_by.name,
        "value": f"{long_date(row.start)} until {long_date(row.end)}",
        "lines": [row.reason],
    }


def _actions(user: User, person: User) -> list[dict[str, Any]]:
    if not policies.can_change_account_of(user, person):
        return []
    link = partial(_link, person)
    if not person.is_active:
        return [{"text": "Open the account again", "action": reverse("accounts:reactivate", args=[person.uuid])}]
    rights = "Take administrator's rights away" if person.is_administrator else "Make an administrator"
    return [
        link("Change the role", "accounts:role"),
        link("Add to a team or service", "accounts:join"),
        link("Arrange cover", "accounts:cover_for"),
        {
            "text": "Send the password link",
            "action": reverse("accounts:send_link", args=[person.uuid]),
            "kind": "secondary",
        },
        {"text": rights, "action": reverse("accounts:administrator", args=[person.uuid]), "kind": "secondary"},
        link("Close the account", "accounts:deactivate"),
    ]


def _link(person: User, text: str, name: str) -> dict[str, str]:
    return {"text": text, "href": reverse(name, args=[person.uuid]), "kind": "secondary"}


@page(policies.can_keep_accounts, methods=("GET", "POST"))
def invite(request: HttpRequest) -> HttpResponse:
    """A new account, whose owner is mailed a link to choose a password."""
    form = InviteForm(request.POST or None, cancel_href=reverse("accounts:people"))
    if request.method == "POST" and form.is_valid():
        made = _done(form, lambda: actions.invite(**form.cleaned_data, by=request.user))
        if made:
            _mail_link(request, made)
            return redirect("accounts:person", made.uuid)
    return _form(request, form, "Invite somebody")


@page(policies.can_change_account_of, methods=("GET", "POST"), person=User)
def role(request: HttpRequest, person: User) -> HttpResponse:
    """Another role for somebody; their sessions end."""
    initial = {"role": person.role, "phases": person.phases}
    form = RoleForm(request.POST or None, initial=initial, cancel_href=_home(person))
    if request.method == "POST" and form.is_valid():
        actions.change_role(user=person, **form.cleaned_data, by=request.user)
        messages.success(request, f"{person.name} has another role now and must sign in again.")
        return redirect("accounts:person", person.uuid)
    return _form(request, form, "Change the role", person.name)


@page(policies.can_change_account_of, methods=("POST",), person=User)
def administrator(request: HttpRequest, person: User) -> HttpResponse:
    """Give administrator's rights, or take them away."""
    changed = actions.set_administrator(user=person, administrator=not person.is_administrator, by=request.user)
    messages.success(
        request, f"{person.name} is {'now' if changed.is_administrator else 'no longer'} an administrator."
    )
    return redirect("accounts:person", person.uuid)


@page(policies.can_change_account_of, methods=("GET", "POST"), person=User)
def deactivate(request: HttpRequest, person: User) -> HttpResponse:
    """Close an account, with a reason."""
    form = ReasonForm(request.POST or None, cancel_href=_home(person))
    if request.method == "POST" and form.is_valid():
        actions.deactivate(user=person, why=form.cleaned_data["why"], by=request.user)
        messages.success(request, f"{person.name}’s account is closed.")
        return redirect("accounts:person", person.uuid)
    return _form(request, form, "Close the account", person.name)


@page(policies.can_change_account_of, methods=("POST",), person=User)
def reactivate(request: HttpRequest, person: User) -> HttpResponse:
    actions.reactivate(user=person, by=request.user)
    messages.success(request, f"{person.name}’s account is open again. Put them into their team or school.")
    return redirect("accounts:person", person.uuid)


@page(policies.can_change_account_of, methods=("POST",), person=User)
def send_password_link(request: HttpRequest, person: User) -> HttpResponse:
    """Mail the link for choosing a password once more."""
    _mail_link(request, person)
    return redirect("accounts:person", person.uuid)


@page(policies.can_change_account_of, methods=("GET", "POST"), person=User)
def join(request: HttpRequest, person: User) -> HttpResponse:
    """Put somebody into a team or service."""
    form = JoinForm(request.POST or None, initial={"start": today()}, cancel_href=_home(person))
    valid = request.method == "POST" and form.is_valid()
    if valid and _done(form, lambda: actions.join(user=person, **form.cleaned_data, by=request.user)):
        return redirect("accounts:person", person.uuid)
    return _form(request, form, "Add to a team or service", person.name)


@page(policies.can_see_own_cover)
def cover(request: HttpRequest) -> HttpResponse:
    """Who covers for the signed-in person, and for whom they cover."""
    mine = request.user.covers.filter(end__gt=today()).select_related("covered_by").order_by("start")
    theirs = request.user.covering.filter(end__gt=today()).select_related("user").order_by("start")
    context = {
        "mine": [{**_cover_row(row), "end_href": reverse("accounts:end_cover", args=[row.uuid])} for row in mine],
        "theirs": [
            {"key": row.user.name, "value": f"{long_date(row.start)} until {long_date(row.end)}"} for row in theirs
        ],
        "add_href": reverse("accounts:cover_for", args=[request.user.uuid]),
    }
    return render(request, "accounts/cover.html", context)


@page(policies.can_arrange_cover, methods=("GET", "POST"), person=User)
def cover_for(request: HttpRequest, person: User) -> HttpResponse:
    """A colleague of the same role covers for somebody who is away."""
    back = reverse("accounts:cover") if person == request.user else _home(person)
    form = CoverForm(request.POST or None, cancel_href=back)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        verdict = policies.covers_the_same_work(person, given["email"])
        if not verdict:
            form.add_error("email", verdict.reason)
        elif _done(
            form,
            lambda: actions.arrange_cover(
                user=person,
                covered_by=given["email"],
                start=given["start"],
                end=given["end"],
                reason=given["reason"],
                by=request.user,
            ),
        ):
            messages.success(request, f"{given['email'].name} covers for {person.name}.")
            return redirect(back)
    return _form(request, form, "Arrange cover", person.name)


@page(policies.can_end_cover, methods=("POST",), cover=Cover)
def end_cover(request: HttpRequest, cover: Cover) -> HttpResponse:
    actions.end_cover(cover=cover, by=request.user)
    messages.success(request, "The cover has ended.")
    return redirect("accounts:cover")


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
    missing = {"text": "none", "status": "missing"}
    return [Cell(lead[0]) if lead else Cell("", tag=missing), Cell(", ".join(deputies) or "–")]


@page(policies.can_keep_teachers_of, methods=("GET", "POST"), organisation=Organisation)
def teacher(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """A school's designated teacher or deputy changes; somebody without an account is invited."""
    form = TeacherForm(
        request.POST or None, initial={"deputy": "no", "start": today()}, cancel_href=reverse("accounts:teachers")
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        appointed = _done(form, lambda: _appoint(request, organisation, given))
        if appointed:
            messages.success(
                request, f"{appointed.user.name} is the {appointed.get_position_display()} of {organisation.name}."
            )
            return redirect("accounts:teachers")
    rows = organisation.memberships.current().select_related("user").order_by("position")
    now = [
        {"key": row.get_position_display().capitalize(), "value": row.user.name, "lines": [row.user.email]}
        for row in rows
    ]
    return _form(request, form, "Designated teacher", organisation.name, now=now)


def _appoint(request: HttpRequest, school: Organisation, given: dict[str, Any]) -> Membership:
    invited = given["person"] is None
    someone = given["person"] or actions.invite(
        name=given["name"], email=given["email"], role="teacher", by=request.user, teacher=True
    )
    appointed = actions.appoint_teacher(
        organisation=school, user=someone, start=given["start"], by=request.user, deputy=given["deputy"] == "yes"
    )
    if invited:
        _mail_link(request, someone)
    return appointed


def _done(form: PageForm, act: Any) -> Any:
    """What the action gives; None when it says that the facts do not fit, which the form then shows."""
    try:
        with transaction.atomic():
            return act()
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None


def _mail_link(request: HttpRequest, person: User) -> None:
    if send_link(request, person):
        messages.success(request, f"A link for choosing a password went to {person.email}.")
    else:
        messages.error(request, "The mail server did not take the mail. Send the link again from the person’s page.")


def _home(person: User) -> str:
    return reverse("accounts:person", args=[person.uuid])


def _form(request: HttpRequest, form: PageForm, heading: str, caption: str = "", now: Any = ()) -> HttpResponse:
    return render(request, "accounts/form.html", {"form": form, "heading": heading, "caption": caption, "now": now})
