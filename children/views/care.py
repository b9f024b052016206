"""New to care, what changes in care, leaving it, and undoing a leaver."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from children import policies
from children.actions import care
from children.forms.care import ChildSearchForm, EnterCareForm, LeaveForm, LegalStatusForm, PlacementForm, ReopenForm
from children.models import Child, PeriodOfCare
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate

SEALS = "An adoption closes the record to everybody, this page's reader included, and cannot be undone here."


@page(policies.can_keep_roll, methods=("GET", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """Search first. Sent by POST, because names and pupil numbers do not belong in addresses."""
    form = ChildSearchForm(sent(request))
    found: dict[str, Any] = {"searched": False}
    if request.method == "POST" and form.is_valid():
        found = _search(request, form)
    return render(request, "children/new.html", {"form": form, "back": reverse("overview:roll"), **found})


@page(policies.can_keep_roll, methods=("GET", "POST"))
def new_details(request: HttpRequest) -> HttpResponse:
    """The second step, come to from the search: with what was searched for, or with a child who comes back."""
    if request.method != "POST":
        return redirect("children:new")
    child = _returning_child(request)
    asked = {"user": request.user, "returning": child is not None, "cancel_href": reverse("children:new")}
    if "submitted" not in request.POST:
        form = EnterCareForm(initial=_searched_for(request) | {"returning": child.uuid if child else None}, **asked)
        return _details_page(request, form, child)
    form = EnterCareForm(request.POST, **asked)
    if form.is_valid():
        period = attempt(form, lambda: _enter(form, child, request))
        if period is not None:
            return done(request, f"{period.child.name} is on the roll.", period.child.get_absolute_url())
    return _details_page(request, form, child)


@page(policies.can_keep_roll_of, methods=("GET", "POST"), child=Child)
def legal_status(request: HttpRequest, child: Child) -> HttpResponse:
    form = LegalStatusForm(sent(request), cancel_href=child.get_absolute_url())
    if form.is_valid():
        facts = form.cleaned_data
        if attempt(form, lambda: care.change_legal_status(child=child, by=request.user, **facts)):
            return done(request, "The legal status is recorded.", child.get_absolute_url())
    return form_page(request, form, heading="Record a legal status", caption=child.name, back=child.get_absolute_url())


@page(policies.can_keep_roll_of, methods=("GET", "POST"), child=Child)
def placement(request: HttpRequest, child: Child) -> HttpResponse:
    """A move to another care placement; address and carer are asked of those who read them."""
    form = PlacementForm(sent(request), user=request.user, child=child, cancel_href=child.get_absolute_url())
    if form.is_valid() and attempt(form, lambda: _move(form, child, request)):
        return done(request, "The care placement is recorded.", child.get_absolute_url())
    return form_page(
        request, form, heading="Record a care placement", caption=child.name, back=child.get_absolute_url()
    )


@page(policies.can_keep_roll_of, methods=("GET", "POST"), child=Child)
def leave(request: HttpRequest, child: Child) -> HttpResponse:
    form = LeaveForm(sent(request), cancel_href=child.get_absolute_url())
    if form.is_valid():
        facts = form.cleaned_data
        if attempt(form, lambda: care.leave_care(child=child, by=request.user, **facts)):
            return done(request, f"It is recorded that {child.name} left care.", reverse("children:leavers"))
    intro = [
        "Nobody who worked with the child reaches the record from that day, and whatever was due is cancelled.",
        "A leaver recorded by mistake can be undone for three months.",
    ]
    back = child.get_absolute_url()
    return form_page(request, form, heading="Leaving care", caption=child.name, back=back, intro=intro, warning=SEALS)


@page(policies.can_keep_roll, methods=("GET", "POST"))
def leavers(request: HttpRequest) -> HttpResponse:
    """Who left lately: who they are and when, nothing else. A mistake is undone here."""
    if request.method == "POST":
        return _undo(request)
    pages = paginate(request, _recent_leavers(request))
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    rows = [
        {
            "name": child.name,
            "child_id": child.child_id,
            "left_on": child.left_on,
            "fields": [{"name": "child", "value": child.uuid}],
        }
        for child in pages.rows
    ]
    return render(
        request, "children/leavers.html", {"rows": rows, "pages": pages, "action": reverse("children:leavers")}
    )


# ---------------------------------------------------------------- steps


def _search(request: HttpRequest, form: ChildSearchForm) -> dict[str, Any]:
    """Who matches, on the roll and known from before; and what to carry to the next step."""
    terms = form.terms()
    on_roll = Child.objects.visible_to(request.user).matching(**terms)
    before = Child.objects.off_roll_for(request.user).matching(**terms)
    access.shown(request, [*on_roll, *before], kind=AccessKind.SEARCH)
    return {
        "searched": True,
        "on_roll": [
            {"text": child.name, "href": child.get_absolute_url(), "hint": _told_apart(child)} for child in on_roll
        ],
        "before": [
            {"text": child.name, "hint": _told_apart(child), "fields": [{"name": "returning", "value": child.uuid}]}
            for child in before
        ],
        "carried": [{"name": name, "value": str(value)} for name, value in terms.items() if value],
        "details_href": reverse("children:new_details"),
    }


def _told_apart(child: Child) -> str:
    return f"Born {long_date(child.date_of_birth)}, council’s id {child.child_id}"


def _searched_for(request: HttpRequest) -> dict[str, Any]:
    """The search's words, to begin the form with."""
    names = ("last_name", "upn", "child_id", "date_of_birth")
    return {name: request.POST[name] for name in names if request.POST.get(name)}


def _returning_child(request: HttpRequest) -> Child | None:
    uuid = request.POST.get("returning", "")
    return _off_roll(request, uuid) if uuid else None


def _off_roll(request: HttpRequest, uuid: str) -> Child:
    """A child known from before, through the narrow door.

    Raises:
        Http404: when there is none behind it.
    """
    try:
        child = Child.objects.off_roll_for(request.user).filter(uuid=uuid).first()
    except ValidationError as wrong:
        raise Http404 from wrong
    if child is None:
        raise Http404
    access.shown(request, child)
    return child


def _details_page(request: HttpRequest, form: EnterCareForm, child: Child | None) -> HttpResponse:
    intro = [f"{child.name}, {_told_apart(child)}, comes back into care."] if child else []
    return form_page(request, form, heading="New to care", back=reverse("children:new"), intro=intro)


def _enter(form: EnterCareForm, child: Child | None, request: HttpRequest) -> PeriodOfCare:
    return care.enter_care(
        child=child,
        facts=form.facts(),
        start=form.cleaned_data["start"],
        legal_status=form.cleaned_data["legal_status"],
        need=form.cleaned_data["need"],
        placement=form.placement(),
        education=form.cleaned_data["education"],
        by=request.user,
    )


def _move(form: PlacementForm, child: Child, request: HttpRequest) -> Any:
    facts = form.cleaned_data
    return care.record_placement(
        child=child,
        on=facts["on"],
        placement=form.placement(),
        same_carer=facts["same_carer"] == "yes",
        reason=facts["reason"],
        legal_status=facts["legal_status"],
        education=facts.get("education", ""),
        by=request.user,
    )


def _recent_leavers(request: HttpRequest) -> Any:
    since = today() - timedelta(days=care.RECENT_DAYS)
    left = Child.objects.off_roll_for(request.user).left_since(since)
    return left.order_by(F("left_on").desc(), "last_name", "pk")


def _undo(request: HttpRequest) -> HttpResponse:
    """First the question why, then the deed."""
    if "why" not in request.POST:
        return _asked_again(request, ReopenForm(initial={"child": request.POST.get("child", "")}))
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _asked_again(request, form)
    child = _off_roll(request, str(form.cleaned_data["child"]))
    if attempt(form, lambda: care.reopen_care(child=child, why=form.cleaned_data["why"], by=request.user)):
        return done(request, f"{child.name} is on the roll again.", child.get_absolute_url())
    return _asked_again(request, form)


def _asked_again(request: HttpRequest, form: ReopenForm) -> HttpResponse:
    intro = ["The child is on the roll again, with everybody who worked with them on that day."]
    return form_page(request, form, heading="Undo a leaver", back=reverse("children:leavers"), intro=intro)
