"""Answering later what a change of care placement means for the child's school."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from children import policies
from children.actions import education as actions
from children.forms.care import EducationForm
from children.models import CarePlacement, Child
from virtualschool.audit.pages import page
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.verdicts import Conflict


@page(policies.can_answer_education, methods=("GET", "POST"), child=Child)
def education_answer(request: HttpRequest, child: Child) -> HttpResponse:
    """For the placement in which the child lives now: the answer that is missing, or another one than stands."""
    place = actions.present(child)
    if place is None:
        raise Conflict("No care placement is recorded for this child now.")
    back = child.get_absolute_url()
    held = {"placement": place.uuid, "was": place.education, "education": place.education}
    form = EducationForm(sent(request), initial=held, cancel_href=back)
    if form.is_valid() and attempt(form, lambda: _answer(form, child, request)):
        return done(request, "What it means for school is recorded.", back)
    return form_page(
        request, form, heading="School and a new care placement", caption=child.name, back=back, rows=_about(place)
    )


def _answer(form: EducationForm, child: Child, request: HttpRequest) -> CarePlacement:
    facts = form.cleaned_data
    place = get_object_or_404(CarePlacement, child=child, uuid=facts["placement"])
    return actions.answer_education(placement=place, education=facts["education"], was=facts["was"], by=request.user)


def _about(place: CarePlacement) -> list[dict[str, Any]]:
    return [
        {"key": "Lives there since", "value": long_date(place.start)},
        {
            "key": "What it means for school",
            "value": place.get_education_display().capitalize(),
            "missing": "Not answered",
        },
    ]
