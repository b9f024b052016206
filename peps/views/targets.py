"""Targets and what they cost."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from peps import policies
from peps.actions import targets as acting
from peps.enums import MeetingState
from peps.forms.targets import FIELDS, CostForm, ReviewTargetForm, TargetForm
from peps.models import Pep, PepCost, PepMeeting, PepTarget
from peps.policies_premium import can_ask, is_in_its_years
from peps.views import common
from peps.views.reading import target_cards, target_rows
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.pages import page
from virtualschool.kernel.formpages import done, form_page
from virtualschool.kernel.verdicts import Conflict, Refused

CHANGED = (
    "Somebody else changed this target while you were writing. Theirs is on the page of targets; yours is still here."
)


@page(policies.can_read, pep=Pep)
def targets(request: HttpRequest, pep: Pep) -> HttpResponse:
    """The PEP's targets with their costs, and those of the last PEP with what became of them."""
    pep = Pep.objects.select_related("child", "previous").get(pk=pep.pk)
    may_write = bool(policies.can_keep_targets(request.user, pep))
    last = target_cards(request.user, PepTarget.objects.filter(pep=pep.previous_id)) if pep.previous_id else []
    may_review = bool(last) and bool(policies.can_review_target(request.user, last[0]["target"]))
    premium = is_in_its_years(pep)
    context = {
        "pep": pep,
        "premium": premium,
        "heading": "Targets and Pupil Premium Plus",
        "caption": common.caption(pep),
        "crumbs": common.crumbs(pep, {"text": "Targets"}),
        "cards": target_cards(request.user, PepTarget.objects.filter(pep=pep)),
        "last": last,
        "may_write": may_write,
        "may_review": may_review,
        "may_except": [cost.pk for cost in _waiting(request, pep)] if premium else [],
        "reads_money": request.user.reads(FieldGroup.MONEY),
    }
    return render(request, "peps/targets.html", context)


@page(policies.can_keep_targets, methods=("GET", "POST"), pep=Pep)
def target_add(request: HttpRequest, pep: Pep) -> HttpResponse:
    back = reverse("peps:targets", args=[pep.uuid])
    form = TargetForm(request.POST or None, cancel_href=back)
    if form.is_valid():
        acting.add_target(pep=pep, facts=form.facts(), key=form.cleaned_data["key"], by=request.user)
        return done(request, "The target is saved.", back)
    return form_page(request, form, heading="Add a target", caption=common.caption(pep), back=back)


@page(policies.can_change_target, methods=("GET", "POST"), target=PepTarget)
def target_edit(request: HttpRequest, target: PepTarget) -> HttpResponse:
    """Change a target. What somebody else saved meanwhile is not written over: both stay in sight."""
    back = _back(request, target.pep)
    initial = {name: getattr(target, name) for name in (*FIELDS, "version")}
    form = TargetForm(request.POST or None, initial=initial, cancel_href=back)
    rows: list[dict[str, Any]] = []
    status = 200
    if form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            acting.edit_target(target=target, facts=form.facts(), version=version, by=request.user)
        except Conflict:
            form.add_error(None, CHANGED)
            rows, status = target_rows(target), 409
            form.data = form.data.copy()
            form.data["version"] = str(target.version)
        else:
            return done(request, "The target is saved.", back)
    caption = common.caption(target.pep)
    return form_page(request, form, heading="Change a target", caption=caption, back=back, rows=rows, status=status)


@page(policies.can_change_target, methods=("POST",), target=PepTarget)
def target_remove(request: HttpRequest, target: PepTarget) -> HttpResponse:
    back = reverse("peps:targets", args=[target.pep.uuid])
    acting.remove_target(target=target, by=request.user)
    return done(request, "The target is taken out.", back)


@page(policies.can_review_target, methods=("GET", "POST"), target=PepTarget)
def target_review(request: HttpRequest, target: PepTarget) -> HttpResponse:
    """What became of a target of the last PEP. What somebody else said meanwhile is not written over: both stay in sight."""
    following = policies.reviewed_in(target) or target.pep
    back = reverse("peps:targets", args=[following.uuid])
    initial = {"outcome": target.outcome, "evidence": target.evidence, "seen": acting.reviewed(target)}
    form = ReviewTargetForm(request.POST or None, initial=initial, cancel_href=back)
    status = 200
    if form.is_valid():
        try:
            acting.review_target(target=target, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            target = get_object_or_404(PepTarget.objects.visible_to(request.user), pk=target.pk)
            form.add_error(None, f"{conflict} Theirs is above the form; yours is still in it.")
            form.data, status = form.data.copy(), 409
            form.data["seen"] = acting.reviewed(target)
        else:
            return done(request, "The review is saved.", back)
    facts = {"heading": "Review a target", "caption": common.caption(target.pep), "back": back, "status": status}
    return form_page(request, form, rows=target_rows(target), **facts)


@page(can_ask, methods=("GET", "POST"), target=PepTarget)
def cost_add(request: HttpRequest, target: PepTarget) -> HttpResponse:
    """Ask for money. What the council does not pay for is said here, with the rule's source."""
    back = _back(request, target.pep)
    form = CostForm(request.POST or None, cancel_href=back)
    if form.is_valid():
        try:
            acting.add_cost(target=target, facts=form.facts(), key=form.cleaned_data["key"], by=request.user)
        except Refused as refused:
            form.add_error("exception_reason", f"{refused.verdict.reason} Source: {refused.verdict.source}.")
        else:
            return done(request, "The line is added.", back)
    caption = common.caption(target.pep)
    return form_page(
        request, form, heading="Ask for Pupil Premium Plus", caption=caption, back=back, intro=[f"For: {target.goal}"]
    )


@page(policies.can_change_cost, methods=("POST",), cost=PepCost)
def cost_remove(request: HttpRequest, cost: PepCost) -> HttpResponse:
    back = reverse("peps:targets", args=[cost.target.pep.uuid])
    acting.remove_cost(cost=cost, by=request.user)
    return done(request, "The line is taken out.", back)


@page(policies.can_agree_exception, methods=("POST",), cost=PepCost)
def cost_exception(request: HttpRequest, cost: PepCost) -> HttpResponse:
    back = reverse("peps:targets", args=[cost.target.pep.uuid])
    acting.agree_exception(cost=cost, by=request.user)
    return done(request, "The exception is agreed.", back)


def _back(request: HttpRequest, pep: Pep) -> str:
    """Back to the meeting for whoever came from its page, while it is on; else to the targets."""
    if request.GET.get("from") == "meeting":
        meeting = PepMeeting.objects.filter(pep=pep, state__in=(MeetingState.PLANNED, MeetingState.HELD)).first()
        if meeting is not None and policies.can_run(request.user, meeting):
            return f"{reverse('peps:meeting_mode', args=[meeting.uuid])}#targets"
    return reverse("peps:targets", args=[pep.uuid])


def _waiting(request: HttpRequest, pep: Pep) -> list[PepCost]:
    """Lines whose exception the reader may agree."""
    lines = PepCost.objects.visible_to(request.user).filter(target__pep=pep, exception_by=None).exclude(excluded_as="")
    return [cost for cost in lines if policies.can_agree_exception(request.user, cost)] if pep.is_open else []
