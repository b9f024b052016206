"""Who covers for whom."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from virtualschool.accounts import actions, policies
from virtualschool.accounts.forms import CoverForm
from virtualschool.accounts.models import Cover, User
from virtualschool.accounts.views.common import home_of, period_of
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formpages import attempt, form_page, sent


@page(policies.can_see_own_cover)
def cover(request: HttpRequest) -> HttpResponse:
    """Who covers for the signed-in person, and for whom they cover."""
    mine = request.user.covers.filter(end__gt=today()).select_related("covered_by").order_by("start")
    theirs = request.user.covering.filter(end__gt=today()).select_related("user").order_by("start")
    context = {
        "mine": [_row(row, row.covered_by) for row in mine],
        "theirs": [_row(row, row.user) for row in theirs],
        "add_href": reverse("accounts:cover_for", args=[request.user.uuid]),
    }
    return render(request, "accounts/cover.html", context)


def _row(row: Cover, other: User) -> dict[str, str]:
    end = reverse("accounts:end_cover", args=[row.uuid])
    return {"name": other.name, "period": period_of(row), "reason": row.reason, "end_href": end}


@page(policies.can_arrange_cover, methods=("GET", "POST"), person=User)
def cover_for(request: HttpRequest, person: User) -> HttpResponse:
    """A colleague of the same role covers for somebody who is away."""
    back = reverse("accounts:cover") if person == request.user else home_of(person)
    form = CoverForm(sent(request), away=person, cancel_href=back)
    if form.is_valid() and attempt(
        form, lambda: actions.arrange_cover(user=person, **form.arranged(), by=request.user)
    ):
        messages.success(request, f"{form.cleaned_data['email'].name} covers for {person.name}.")
        return redirect(back)
    return form_page(request, form, heading="Arrange cover", caption=person.name, back=back)


@page(policies.can_end_cover, methods=("POST",), cover=Cover)
def end_cover(request: HttpRequest, cover: Cover) -> HttpResponse:
    """It ends today; back to wherever the button was."""
    actions.end_cover(cover=cover, by=request.user)
    messages.success(request, "The cover has ended.")
    between: set[Any] = {cover.user_id, cover.covered_by_id}
    return redirect(reverse("accounts:cover") if request.user.pk in between else home_of(cover.user))
