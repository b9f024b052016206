"""Recording what an inspection found of a school, and putting it right."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from children import policies
from children.actions import judgements
from children.forms.judgements import JudgementForm, RemoveJudgementForm
from children.inspection import lines
from children.models import School, SchoolJudgement
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent


@page(policies.can_keep_judgements, methods=("GET", "POST"), school=School)
def add(request: HttpRequest, school: School) -> HttpResponse:
    """Record an outcome; what is recorded already stands above the form."""
    back = school.get_absolute_url()
    form = JudgementForm(sent(request), cancel_href=back)
    if form.is_valid():
        facts = form.facts()
        if attempt(form, lambda: judgements.record_judgement(school=school, facts=facts, by=request.user)):
            return done(request, "The inspection outcome is recorded.", back)
    known = [_row(judgement) for judgement in school.judgements.order_by("-on", "-pk")]
    heading = "Record an inspection outcome"
    return form_page(request, form, heading=heading, caption=school.name, back=back, rows=known)


@page(policies.can_correct_judgement, methods=("GET", "POST"), judgement=SchoolJudgement)
def correct(request: HttpRequest, judgement: SchoolJudgement) -> HttpResponse:
    school = judgement.school
    back = school.get_absolute_url()
    form = JudgementForm(sent(request), known=judgement, cancel_href=back)
    if form.is_valid():
        facts, seen = form.facts(), form.cleaned_data["seen"]
        corrected = attempt(
            form,
            lambda: judgements.correct_judgement(judgement=judgement, facts=facts, seen=seen, by=request.user),
        )
        if corrected:
            return done(request, "The inspection outcome is corrected.", back)
    return form_page(
        request,
        form,
        heading="Correct an inspection outcome",
        caption=school.name,
        back=back,
        rows=[_row(judgement)],
        more=[
            {
                "text": "Remove it: it is not an outcome of this school",
                "href": reverse("children:judgement_remove", args=[judgement.uuid]),
            }
        ],
    )


@page(policies.can_correct_judgement, methods=("GET", "POST"), judgement=SchoolJudgement)
def remove(request: HttpRequest, judgement: SchoolJudgement) -> HttpResponse:
    school = judgement.school
    back = school.get_absolute_url()
    form = RemoveJudgementForm(sent(request), known=judgement, cancel_href=back)
    if form.is_valid():
        judgements.remove_judgement(judgement=judgement, by=request.user, **form.cleaned_data)
        return done(request, "The inspection outcome is removed.", back)
    return form_page(
        request,
        form,
        heading="Remove an inspection outcome",
        caption=school.name,
        back=back,
        rows=[_row(judgement)],
        intro=["The history of the record keeps what it said and why it was removed."],
    )


def _row(judgement: SchoolJudgement) -> dict[str, Any]:
    return {
        "key": f"{judgement.get_kind_display().capitalize()}, {long_date(judgement.on)}",
        "lines": [*lines(judgement.outcome), f"Source: {judgement.source}"],
    }
