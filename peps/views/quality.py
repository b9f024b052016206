"""Sending a PEP in, and the Virtual School's answer to it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from peps import layouts, policies, workflow
from peps.actions import quality as acting
from peps.actions.submitting import Missing, gate, submit_pep
from peps.enums import Owner
from peps.forms.planning import ApproveForm, ReturnForm
from peps.models import Pep, PepCost, PepReview, PepSection, PepTarget
from peps.views import common
from peps.views.coach import put_aside, told
from peps.views.reading import section_cards, target_cards
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import done
from virtualschool.kernel.verdicts import Refused, Verdict


@page(policies.can_submit, methods=("GET", "POST"), pep=Pep)
def submit(request: HttpRequest, pep: Pep) -> HttpResponse:
    """All that is missing, by person; and the button when nothing is."""
    pep = Pep.objects.select_related("child", "school", "clock").get(pk=pep.pk)
    if request.method == "POST" and not (missing := gate(pep)):
        submit_pep(pep=pep, by=request.user)
        return done(request, "The PEP is with the Virtual School.", pep.get_absolute_url())
    missing = gate(pep)
    people: dict[str, list[dict[str, str]]] = {}
    for one in missing:
        people.setdefault(f"{capfirst(Owner(one.owner).label)}: {one.person}", []).append(
            {"text": capfirst(one.words), "href": _where(pep, one)}
        )
    context = {
        "pep": pep,
        "heading": "Send the PEP in",
        "caption": common.caption(pep),
        "crumbs": common.crumbs(pep, {"text": "Send in"}),
        "people": [{"name": name, "things": things} for name, things in people.items()],
        "ready": not missing,
        "notes": told(request.user, pep),
        "action": reverse("peps:submit", args=[pep.uuid]),
    }
    return render(request, "peps/submit.html", context, status=409 if request.method == "POST" else 200)


@page(policies.can_read_grade, pep=Pep)
def quality(request: HttpRequest, pep: Pep) -> HttpResponse:
    """The PEP on the left, the grading on the right, the last grade and its reason on top."""
    return _page(request, pep)


@page(policies.can_grade, methods=("POST",), pep=Pep)
def take_up(request: HttpRequest, pep: Pep) -> HttpResponse:
    acting.take_up(pep=pep, submission=_submission(request), by=request.user)
    return done(request, "You have taken up this PEP.", reverse("peps:quality", args=[pep.uuid]))


@page(policies.can_grade, methods=("POST",), pep=Pep)
def approve(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Approve the sending in that the page showed."""
    form = _approving(pep, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            acting.approve_pep(
                pep=pep,
                submission=given["submission"],
                grade=given["grade"],
                reason=given["reason"],
                agreed_costs=form.agreed(),
                by=request.user,
            )
        except Refused as refused:
            form.add_error(None, refused.verdict.reason)
        else:
            return done(request, "The PEP is approved. The agreed lines may be released.", pep.get_absolute_url())
    return _page(request, pep, approving=form)


@page(policies.can_grade, methods=("POST",), pep=Pep)
def send_back(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Return the sending in that the page showed."""
    form = _returning(pep, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        acting.return_pep(pep=pep, by=request.user, **given)
        return done(request, "The PEP is returned with your reason.", pep.get_absolute_url())
    return _page(request, pep, returning=form)


# ---------------------------------------------------------------- parts


def _where(pep: Pep, missing: Missing) -> str:
    """The page on which it is put right."""
    if missing.meeting:
        return reverse("peps:book_next", args=[missing.meeting.uuid])
    return reverse("peps:write", args=[missing.section.uuid]) if missing.section else pep.get_absolute_url()


def _page(
    request: HttpRequest, pep: Pep, *, approving: ApproveForm | None = None, returning: ReturnForm | None = None
) -> HttpResponse:
    pep = Pep.objects.select_related("child", "school", "clock__rule").get(pk=pep.pk)
    access.shown(request, pep, fields=sorted(group.value for group in request.user.role_class.reads))
    verdict = _may_answer(request, pep)
    context = {
        "pep": pep,
        "heading": "Quality assurance",
        "caption": common.caption(pep),
        "tag": common.state_tag(pep),
        "crumbs": common.crumbs(pep, {"text": "Quality assurance"}),
        "due": common.due(pep),
        "reviews": _reviews(pep),
        "set_aside": put_aside(pep),
        "cards": section_cards(request.user.role_class.reads, pep),
        "targets": target_cards(request.user, PepTarget.objects.filter(pep=pep)),
        "verdict": verdict,
        "approve_form": (approving or _approving(pep)) if verdict else None,
        "return_form": (returning or _returning(pep)) if verdict else None,
        "take_up": _take_up(pep) if verdict else None,
    }
    return render(request, "peps/quality.html", context)


def _may_answer(request: HttpRequest, pep: Pep) -> Verdict:
    """Whether the reader may answer it now."""
    verdict = policies.can_grade(request.user, pep)
    if verdict and pep.state not in workflow.WITH_VIRTUAL_SCHOOL:
        return policies.refuse(f"The PEP is “{pep.get_state_display()}”: it is answered when it has been sent in.")
    return verdict


def _reviews(pep: Pep) -> list[dict[str, Any]]:
    """This PEP's answers and the last one of the PEP before, the latest first."""
    rows = list(PepReview.objects.filter(pep=pep).select_related("by").order_by("-submission"))
    if pep.previous_id:
        rows += PepReview.objects.filter(pep=pep.previous_id).select_related("by").order_by("-submission")[:1]
    return [
        {
            "title": f"{'Last PEP: ' if row.pep_id != pep.pk else ''}{row.get_decision_display()} by {row.by}, {long_moment(row.at)}",
            "tag": {"text": row.get_grade_display().capitalize(), "status": row.grade},
            "text": row.reason,
        }
        for row in rows
    ]


def _approving(pep: Pep, data: QueryDict | None = None) -> ApproveForm:
    action, begin = reverse("peps:approve", args=[pep.uuid]), {"submission": pep.submission}
    return ApproveForm(data, action=action, costs=_costs(pep), initial=begin)


def _returning(pep: Pep, data: QueryDict | None = None) -> ReturnForm:
    action, begin = reverse("peps:return", args=[pep.uuid]), {"submission": pep.submission}
    return ReturnForm(data, action=action, sections=_sections(pep), initial=begin)


def _costs(pep: Pep) -> list[PepCost]:
    return list(PepCost.objects.filter(target__pep=pep).order_by("pk"))


def _sections(pep: Pep) -> list[tuple[PepSection, str]]:
    layout = layouts.of_version(pep.layout)
    rows = PepSection.objects.filter(pep=pep).order_by("position")
    return [(section, layout.section(section.key).title) for section in rows]


def _take_up(pep: Pep) -> dict[str, Any] | None:
    if not workflow.PEP.allows(pep.state, "take_up"):
        return None
    fields = [{"name": "submission", "value": pep.submission}]
    return {"action": reverse("peps:take_up", args=[pep.uuid]), "fields": fields}


def _submission(request: HttpRequest) -> int:
    text = request.POST.get("submission", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
