"""Who works with a child: allocation of one child and of many."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst

from children import policies
from children.actions import people
from children.enums import RelationKind
from children.forms.common import EndForm
from children.forms.people import AllocateForm, AllocateManyForm, AllocateManyKindForm, kinds_for, read_uuids
from children.models import Child, Relationship
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent


@page(policies.can_allocate, methods=("GET", "POST"), child=Child)
def allocate(request: HttpRequest, child: Child) -> HttpResponse:
    """Who works with the child; with ``kind`` in the address, the form that names the next one."""
    kind = request.GET.get("kind", "")
    if kind not in kinds_for(request.user):
        return _workers_page(request, child)
    here = reverse("children:allocate", args=[child.uuid])
    form = AllocateForm(sent(request), kind=kind, by=request.user, cancel_href=here)
    if form.is_valid():
        tie = attempt(form, lambda: _allocate(form, child, request))
        if tie is not None:
            words = f"{tie.user or tie.team} works with {child.name} from {long_date(tie.start)}."
            return done(request, words, here)
    heading = f"Allocate: {RelationKind(kind).label}"
    intro = ["The one before ends on the same day."]
    return form_page(request, form, heading=heading, caption=child.name, back=here, intro=intro)


@page(policies.can_allocate_some, methods=("GET", "POST"))
def allocate_many(request: HttpRequest) -> HttpResponse:
    """Children ticked on a list, all to one worker: which kind, then who and when, then what came of it."""
    if request.method != "POST":
        return redirect("overview:roll")
    by = request.user
    chosen = _chosen(request)
    kind = request.POST.get("kind_chosen") or request.POST.get("kind", "")
    asked: dict[str, Any] = {"cancel_href": reverse("overview:roll")}
    if kind not in kinds_for(by):
        carried = {"chosen": chosen}
        form = AllocateManyKindForm(
            {**carried, "kind": kind} if "submitted" in request.POST else None, initial=carried, by=by, **asked
        )
        return _many_page(request, form, chosen)
    if "kind_chosen" not in request.POST:
        return _many_page(request, AllocateManyForm(initial={"chosen": chosen}, kind=kind, by=by, **asked), chosen)
    form = AllocateManyForm(request.POST, kind=kind, by=by, **asked)
    return _outcome_page(request, form) if form.is_valid() else _many_page(request, form, chosen)


@page(policies.can_end_relationship, methods=("GET", "POST"), relationship=Relationship)
def end_relationship(request: HttpRequest, relationship: Relationship) -> HttpResponse:
    child = relationship.child
    here = reverse("children:allocate", args=[child.uuid])
    form = EndForm(sent(request), cancel_href=here)
    if form.is_valid():
        end = form.cleaned_data["end"]
        if attempt(form, lambda: people.end_relationship(relationship=relationship, end=end, by=request.user)):
            return done(request, "The end is recorded.", here)
    intro = [f"{relationship.user or relationship.team} is the {relationship.get_kind_display()} of {child.name}."]
    return form_page(request, form, heading="End an allocation", caption=child.name, back=here, intro=intro)


# ---------------------------------------------------------------- steps


def _workers_page(request: HttpRequest, child: Child) -> HttpResponse:
    ties = child.relationships.current().select_related("user", "team")
    now = {tie.kind: tie for tie in ties}
    here = reverse("children:allocate", args=[child.uuid])
    rows = [_worker_row(request, kind, now.get(kind), here) for kind in kinds_for(request.user)]
    context = {
        "heading": "Who works with the child",
        "caption": child.name,
        "rows": rows,
        "back": child.get_absolute_url(),
    }
    return render(request, "children/summary.html", context)


def _worker_row(request: HttpRequest, kind: str, tie: Relationship | None, here: str) -> dict[str, Any]:
    label = RelationKind(kind).label
    actions = [{"text": "Change" if tie else "Allocate", "href": f"{here}?kind={kind}", "hidden": label}]
    if tie and policies.can_end_some(request.user):
        actions.append({"text": "End", "href": reverse("children:end_relationship", args=[tie.uuid]), "hidden": label})
    since = f"{tie.user or tie.team}, from {long_date(tie.start)}" if tie else ""
    return {"key": capfirst(label), "value": since, "missing": "Nobody", "actions": actions}


def _allocate(form: AllocateForm, child: Child, request: HttpRequest) -> Relationship:
    start = form.cleaned_data["start"]
    return people.allocate(child=child, kind=form.kind, start=start, by=request.user, **form.who())


def _chosen(request: HttpRequest) -> str:
    """The ticked children as the form carries them, whether they come from a list or from the page before."""
    return request.POST.get("chosen") or " ".join(request.POST.getlist("children"))


def _reached(request: HttpRequest, chosen: str) -> list[Child]:
    try:
        uuids = read_uuids(chosen.split())
    except ValidationError:
        return []
    found = Child.objects.visible_to(request.user).filter(uuid__in=uuids).order_by("last_name", "first_names", "pk")
    access.shown(request, found)
    return list(found)


def _many_page(request: HttpRequest, form: Any, chosen: str) -> HttpResponse:
    children = _reached(request, chosen)
    context = {
        "form": form,
        "heading": "Allocate children",
        "back": reverse("overview:roll"),
        "names": [child.name for child in children],
    }
    return render(request, "children/allocate_many.html", context)


def _outcome_page(request: HttpRequest, form: AllocateManyForm) -> HttpResponse:
    """What was done, and each child that was left alone with the reason; one that is out of reach has no name here."""
    asked_for = form.cleaned_data["chosen"]
    children = _reached(request, " ".join(map(str, asked_for)))
    start = form.cleaned_data["start"]
    outcome = people.allocate_many(children=children, kind=form.kind, start=start, by=request.user, **form.who())
    context = {
        "back": reverse("overview:roll"),
        "done": [tie.child.name for tie in outcome.done],
        "refused": [{"name": child.name, "reason": reason} for child, reason in outcome.refused],
        "unknown": len(asked_for) - len(children),
    }
    return render(request, "children/allocated.html", context)
