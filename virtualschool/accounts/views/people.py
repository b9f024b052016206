"""Accounts: everybody, one person, and what an account administrator does with an account."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate

from virtualschool.accounts import actions, policies
from virtualschool.accounts.filters import PeopleFilter
from virtualschool.accounts.forms import InviteForm, JoinForm, LeaveForm, ReasonForm, RoleForm
from virtualschool.accounts.models import Cover, Membership, Organisation, User
from virtualschool.accounts.views.common import home_of, mail_link, period_of
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table

OPEN, CLOSED = {"text": "Open", "status": "done"}, {"text": "Closed", "status": "closed"}


@page(policies.can_keep_accounts)
def people(request: HttpRequest) -> HttpResponse:
    """Every account."""
    everybody = User.objects.visible_to(request.user)
    found = PeopleFilter(request.GET, queryset=everybody.order_by("name", "pk"))
    pages = paginate(request, found.qs)
    columns = [Column("Name"), Column("Role"), Column("Email address"), Column("Account")]
    rows = [_row(person) for person in pages.rows]
    context = {
        "filter": found,
        "pages": pages,
        "total": everybody.count(),
        "table": table("People", columns, rows, empty="Nobody matches these filters", caption_hidden=True),
        "clear_href": reverse("accounts:people"),
    }
    return render(request, "accounts/people.html", context)


def _row(person: User) -> list[Any]:
    hint = "Account administrator" if person.is_administrator else ""
    return [
        Cell(person.name, href=home_of(person), hint=hint),
        person.role_class.title,
        person.email,
        Cell("", tag=OPEN if person.is_active else CLOSED),
    ]


@page(policies.can_keep_account, person=User)
def person(request: HttpRequest, person: User) -> HttpResponse:
    """One account: role, places, cover, and what can be done with it."""
    memberships = person.memberships.select_related("organisation").order_by("-start", "pk")
    covers = person.covers.select_related("covered_by").order_by("-start", "pk")
    context = {
        "person": person,
        "facts": _facts(person),
        "memberships": [_membership_row(request.user, row) for row in memberships],
        "covers": [_cover_row(row) for row in covers],
        "actions": [*_actions(request.user, person), *_ends(request.user, covers)],
        "state": OPEN if person.is_active else CLOSED,
        "back": reverse("accounts:people"),
    }
    return render(request, "accounts/person.html", context)


def _facts(person: User) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"key": "Email address", "value": person.email},
        {"key": "Telephone number", "value": person.telephone, "missing": "not known"},
        {"key": "Role", "value": person.role_class.title, "lines": [person.role_class.sentence]},
        {"key": "Account administrator", "value": "Yes" if person.is_administrator else "No"},
    ]
    if person.phases:
        rows.append({"key": "Phases", "value": ", ".join(User.Phase(phase).label for phase in person.phases)})
    if person.invited_at and not person.has_usable_password():
        invited = long_date(localdate(person.invited_at))
        rows.append({"key": "Password", "value": "not chosen yet", "lines": [f"invited on {invited}"]})
    if person.email_bounced_at:
        rows.append(
            {"key": "Mail", "value": "came back", "lines": [f"on {long_date(localdate(person.email_bounced_at))}"]}
        )
    return rows


def _membership_row(user: User, row: Membership) -> dict[str, Any]:
    until = f" until {long_date(row.end)}" if row.end else ""
    over = row.end is not None and row.end <= today()
    end = {
        "text": "End",
        "href": reverse("accounts:leave", args=[row.user.uuid, row.organisation.uuid]),
        "hidden": row.organisation.name,
    }
    return {
        "key": row.organisation.name,
        "value": row.get_position_display().capitalize(),
        "lines": [f"from {long_date(row.start)}{until}"],
        "actions": [end] if not over and policies.can_end_membership(user, row) else [],
    }


def _cover_row(row: Cover) -> dict[str, Any]:
    return {"key": row.covered_by.name, "value": period_of(row), "lines": [row.reason]}


def _ends(user: User, covers: Any) -> list[dict[str, Any]]:
    """A button for each cover that runs or is to come."""
    return [
        {
            "text": f"End the cover by {row.covered_by.name}",
            "action": reverse("accounts:end_cover", args=[row.uuid]),
            "kind": "secondary",
        }
        for row in covers
        if row.end > today() and policies.can_end_cover(user, row)
    ]


def _actions(user: User, person: User) -> list[dict[str, Any]]:
    if not policies.can_change_account_of(user, person):
        return []
    if not person.is_active:
        return [{"text": "Open the account again", "action": reverse("accounts:reactivate", args=[person.uuid])}]
    link, button = partial(_link, person), partial(_button, person)
    rights = "Take administrator’s rights away" if person.is_administrator else "Make an administrator"
    offered = [
        link("Change the role", "accounts:role"),
        link("Add to a team or service", "accounts:join"),
        link("Arrange cover", "accounts:cover_for"),
        button("Send the password link", "accounts:send_link"),
    ]
    if policies.can_lose_administrator(person):
        offered += [button(rights, "accounts:administrator"), link("Close the account", "accounts:deactivate")]
    return offered


def _link(person: User, text: str, name: str) -> dict[str, str]:
    return {"text": text, "href": reverse(name, args=[person.uuid]), "kind": "secondary"}


def _button(person: User, text: str, name: str) -> dict[str, str]:
    return {"text": text, "action": reverse(name, args=[person.uuid]), "kind": "secondary"}


@page(policies.can_keep_accounts, methods=("GET", "POST"))
def invite(request: HttpRequest) -> HttpResponse:
    """A new account, whose owner is mailed a link to choose a password."""
    back = reverse("accounts:people")
    form = InviteForm(sent(request), cancel_href=back)
    if form.is_valid():
        made = attempt(form, lambda: actions.invite(**form.cleaned_data, by=request.user))
        if made:
            mail_link(request, made)
            return redirect("accounts:person", made.uuid)
    return form_page(request, form, heading="Invite somebody", back=back)


@page(policies.can_change_account_of, methods=("GET", "POST"), person=User)
def role(request: HttpRequest, person: User) -> HttpResponse:
    """Another role for somebody; their sessions end."""
    back = home_of(person)
    initial = {"role": person.role, "phases": person.phases}
    form = RoleForm(sent(request), initial=initial, cancel_href=back)
    if form.is_valid():
        changed = actions.change_role(user=person, **form.cleaned_data, by=request.user)
        messages.success(request, f"{person.name} is a {changed.role_class.title} now and must sign in again.")
        return redirect(back)
    return form_page(request, form, heading="Change the role", caption=person.name, back=back)


@page(policies.can_change_account_of, methods=("POST",), person=User)
def administrator(request: HttpRequest, person: User) -> HttpResponse:
    """Give administrator's rights, or take them away."""
    changed = actions.set_administrator(user=person, administrator=not person.is_administrator, by=request.user)
    messages.success(
        request, f"{person.name} is {'now' if changed.is_administrator else 'no longer'} an account administrator."
    )
    return redirect(home_of(person))


@page(policies.can_change_account_of, methods=("GET", "POST"), person=User)
def deactivate(request: HttpRequest, person: User) -> HttpResponse:
    """Close an account, with a reason."""
    back = home_of(person)
    form = ReasonForm(sent(request), cancel_href=back)
    if form.is_valid():
        actions.deactivate(user=person, why=form.cleaned_data["why"], by=request.user)
        messages.success(request, f"{person.name}’s account is closed.")
        return redirect(back)
    return form_page(request, form, heading="Close the account", caption=person.name, back=back)


@page(policies.can_change_account_of, methods=("POST",), person=User)
def reactivate(request: HttpRequest, person: User) -> HttpResponse:
    """Open a closed account again."""
    actions.reactivate(user=person, by=request.user)
    messages.success(request, f"{person.name}’s account is open again. Put them into their team or school.")
    return redirect(home_of(person))


@page(policies.can_change_open_account, methods=("POST",), person=User)
def send_password_link(request: HttpRequest, person: User) -> HttpResponse:
    """Mail the link for choosing a password once more."""
    mail_link(request, person)
    return redirect(home_of(person))


@page(policies.can_change_open_account, methods=("GET", "POST"), person=User)
def join(request: HttpRequest, person: User) -> HttpResponse:
    """Put somebody into a team or service."""
    back = home_of(person)
    form = JoinForm(sent(request), initial={"start": today()}, cancel_href=back)
    if form.is_valid() and attempt(form, lambda: actions.join(user=person, **form.cleaned_data, by=request.user)):
        messages.success(request, f"{person.name} belongs to {form.cleaned_data['organisation']}.")
        return redirect(back)
    return form_page(request, form, heading="Add to a team or service", caption=person.name, back=back)


@page(policies.can_end_place, methods=("GET", "POST"), person=User, organisation=Organisation)
def leave(request: HttpRequest, person: User, organisation: Organisation) -> HttpResponse:
    """Somebody stops belonging to a team, a service or a school."""
    held = person.memberships.exclude(end__lte=today()).filter(organisation=organisation).order_by("start").first()
    if held is None:
        raise Http404
    back = home_of(person)
    form = LeaveForm(sent(request), initial={"end": today()}, cancel_href=back)
    if form.is_valid() and attempt(
        form, lambda: actions.end_membership(membership=held, **form.cleaned_data, by=request.user)
    ):
        messages.success(request, f"The end of {person.name}’s place at {organisation.name} is recorded.")
        return redirect(back)
    return form_page(request, form, heading=f"Leave {organisation.name}", caption=person.name, back=back)
