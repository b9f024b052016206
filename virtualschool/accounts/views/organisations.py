"""Teams and services that people belong to. Schools come with the register."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from virtualschool.accounts import actions, policies
from virtualschool.accounts.forms import OrganisationForm
from virtualschool.accounts.models import Organisation
from virtualschool.audit.pages import page
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.formpages import attempt, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Column, table


@page(policies.can_keep_accounts)
def organisations(request: HttpRequest) -> HttpResponse:
    """Every team and service, and how many belong to it today."""
    members = Count("memberships", filter=periods.on(today(), prefix="memberships__"))
    bodies = Organisation.objects.exclude(kind=Organisation.Kind.SCHOOL).annotate(members=members)
    pages = paginate(request, bodies.order_by("name", "pk"))
    columns = [Column("Name"), Column("Kind"), Column("Code"), Column("People", numeric=True)]
    rows = [[body.name, body.get_kind_display(), body.code, body.members] for body in pages.rows]
    context = {
        "pages": pages,
        "table": table(
            "Teams and services", columns, rows, empty="There is no team or service yet", caption_hidden=True
        ),
    }
    return render(request, "accounts/organisations.html", context)


@page(policies.can_keep_accounts, methods=("GET", "POST"))
def add_organisation(request: HttpRequest) -> HttpResponse:
    """A new team or service."""
    form = OrganisationForm(sent(request), cancel_href=reverse("accounts:organisations"))
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.add_organisation(**form.cleaned_data, by=request.user))
        if made:
            messages.success(request, f"{made.name} was added.")
            return redirect("accounts:organisations")
    return form_page(request, form, heading="Add a team or service", back=reverse("accounts:organisations"))
