"""Sending a PEP in, and the Virtual School's answer to it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

from peps import frozen, policies, workflow
from peps.actions import quality as acting
from peps.actions.drafting import SavedMeanwhile, draft_of, save_draft
from peps.actions.marking import sheet_for
from peps.actions.snapshot import evidence
from peps.actions.submitting import Missing, gate, submit_pep
from peps.enums import Owner
from peps.forms.quality import GradeForm
from peps.models import Pep, PepCost, PepReview, PepTarget, SecondMark
from peps.policies_premium import is_in_its_years
from peps.policies_second import unseen_grades
from peps.policies_voice import can_read_voice
from peps.record import Record
from peps.views import blind, common, kept
from peps.views.coach import put_aside, told
from peps.views.grading import draft_words, explained, other_draft, reviewed, shown_again, working_words
from peps.views.reading import section_cards, target_cards
from peps.views.versions import section_choices
from peps.views.voice import given_words
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_moment
from virtualschool.kernel.formpages import done
from virtualschool.kernel.verdicts import Refused, Verdict, refuse


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
def grade(request: HttpRequest, pep: Pep) -> HttpResponse:
    """Keep the grading for later, or answer the sending in that the page showed."""
    pep = _whole(pep)
    form = _form(pep, data=request.POST)
    if not form.is_valid():
        return _page(request, pep, form)
    try:
        words = _keep(request, pep, form) if form.keeps else _answer(request, pep, form)
    except SavedMeanwhile as conflict:
        return _page(request, pep, _form(pep, data=shown_again(request.POST, conflict.standing)), conflict)
    except Refused as refused:
        form.add_error(None, refused.verdict.reason)
        return _page(request, pep, form)
    here = f"{reverse('peps:quality', args=[pep.uuid])}#grading"
    return done(request, words, here if form.keeps else pep.get_absolute_url())


# ---------------------------------------------------------------- parts


def _where(pep: Pep, missing: Missing) -> str:
    """The page on which it is put right."""
    if missing.meeting:
        return reverse("peps:book_next", args=[missing.meeting.uuid])
    return reverse("peps:write", args=[missing.section.uuid]) if missing.section else pep.get_absolute_url()


def _keep(request: HttpRequest, pep: Pep, form: GradeForm) -> str:
    given = form.cleaned_data
    content, version = form.content(), given.get("draft") or 0
    save_draft(pep=pep, submission=given["submission"], content=content, version=version, by=request.user)
    return "The grading is kept. It decides nothing until you answer."


def _answer(request: HttpRequest, pep: Pep, form: GradeForm) -> str:
    given = {"pep": pep, "submission": form.cleaned_data["submission"], "grading": form.grading(), "by": request.user}
    given["seen_draft"] = form.cleaned_data.get("draft") or 0
    if form.returns:
        review = acting.return_pep(sections=form.cleaned_data["sections"], **given)
        return f"The PEP is returned with your reason. {working_words(review)}"
    review = acting.approve_pep(agreed_costs=form.agreed(), **given)
    return f"The PEP is approved. The agreed lines may be released. {working_words(review)}"


def _whole(pep: Pep) -> Pep:
    found: Pep = Pep.objects.select_related("child", "school", "clock__rule").get(pk=pep.pk)
    return found


def _page(
    request: HttpRequest, pep: Pep, form: GradeForm | None = None, conflict: SavedMeanwhile | None = None
) -> HttpResponse:
    pep = _whole(pep)
    access.shown(request, pep, fields=sorted(group.value for group in request.user.role_class.reads))
    verdict = _may_answer(request, pep)
    form = (form or _form(pep)) if verdict else None
    unseen = unseen_grades(request.user, [pep.pk, pep.previous_id or pep.pk])
    context = {
        "pep": pep,
        "heading": "Quality assurance",
        "caption": common.caption(pep),
        "tag": common.state_tag(pep),
        "crumbs": common.crumbs(pep, {"text": "Quality assurance"}),
        "due": common.due(pep),
        "reviews": _reviews(pep, unseen),
        "second": SecondMark.objects.visible_to(request.user).filter(pep=pep).order_by("-pk").first(),
        "set_aside": put_aside(pep),
        "given_back": _given_back(request, pep),
        **_evidence(request.user, pep, unseen),
        "verdict": verdict,
        "form": form,
        "rubric": explained(form.sheet.rubric) if form else None,
        "draft": draft_words(draft_of(pep), form.sheet) if form and not conflict else "",
        "theirs": other_draft(conflict, form.sheet) if conflict and form else None,
        "take_up": _take_up(pep) if verdict else None,
    }
    return render(request, "peps/quality.html", context, status=409 if conflict else 200)


def _evidence(user: User, pep: Pep, unseen: frozenset[int]) -> dict[str, Any]:
    """What is graded: of a complete PEP its last version as it was kept, of any other the PEP as it stands."""
    version, reads = frozen.last_version(pep), user.role_class.reads
    if version is not None:
        words = f"Version {version.number}, as it was completed {long_moment(version.at)}."
        return {"which": words, **kept.whole(user, pep, version, unseen)}
    now = evidence(pep)
    cards = section_cards(reads, pep, blind.facts(Record(pep), unseen))
    return {
        "cards": [*cards, *kept.last_targets(reads, pep, now)],
        "targets": target_cards(user, PepTarget.objects.filter(pep=pep)),
        "meeting": kept.meeting_rows(now["meeting"]),
    }


def _given_back(request: HttpRequest, pep: Pep) -> list[dict[str, Any]]:
    """Whether the child was told what became of their words, for those who read the child's voice."""
    if not can_read_voice(request.user, pep):
        return []
    given = given_words(pep)
    return [
        {
            "key": "You said, we did",
            "value": "",
            "lines": given,
            "missing": "" if given else "Not given back to the child yet",
        }
    ]


def _may_answer(request: HttpRequest, pep: Pep) -> Verdict:
    """Whether the reader may answer it now."""
    verdict = policies.can_grade(request.user, pep)
    if verdict and pep.state not in workflow.WITH_VIRTUAL_SCHOOL:
        return refuse(f"The PEP is “{pep.get_state_display()}”: it is answered when it has been sent in.")
    return verdict


def _reviews(pep: Pep, unseen: frozenset[int]) -> list[dict[str, Any]]:
    """This PEP's answers and the last one of the PEP before, the latest first; none of a PEP whose grade is not to be seen."""
    rows = list(PepReview.objects.filter(pep=pep).select_related("by").order_by("-submission"))
    if pep.previous_id:
        rows += PepReview.objects.filter(pep=pep.previous_id).select_related("by").order_by("-submission")[:1]
    waits = [blind.CARD] if pep.pk in unseen else []
    return waits + [reviewed(row, earlier=row.pep_id != pep.pk) for row in rows if row.pep_id not in unseen]


def _form(pep: Pep, data: QueryDict | None = None) -> GradeForm:
    """The form for the last sending in, with what was kept of it."""
    draft = draft_of(pep) if data is None else None
    begin = {"submission": pep.submission, "draft": draft.version if draft else 0, **(draft.content if draft else {})}
    action = reverse("peps:grade", args=[pep.uuid])
    sheet = sheet_for(pep)
    return GradeForm(data, sheet=sheet, action=action, costs=_costs(pep), sections=section_choices(pep), initial=begin)


def _costs(pep: Pep) -> list[PepCost]:
    """The lines that may be agreed: none for a child whom the grant is not for."""
    if not is_in_its_years(pep):
        return []
    return list(PepCost.objects.filter(target__pep=pep).exclude(agreed=True).order_by("pk"))


def _take_up(pep: Pep) -> dict[str, Any] | None:
    if not workflow.PEP.allows(pep.state, "take_up"):
        return None
    fields = [{"name": "submission", "value": pep.submission}]
    return {"action": reverse("peps:take_up", args=[pep.uuid]), "fields": fields}


def _submission(request: HttpRequest) -> int:
    text = request.POST.get("submission", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
