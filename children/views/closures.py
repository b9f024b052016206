"""The children who are still on the roll of a school that has closed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from children import closures, policies
from children.actions import closures as actions
from children.forms.closures import CarryOnForm
from children.models import Enrolment, School
from virtualschool.accounts.models import Membership
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.rulebook.schoolyear import curriculum_year, curriculum_year_words

HEADING = "Children of a school that closed"


@page(policies.can_carry_on, methods=("GET", "POST"), school=School)
def carry_on(request: HttpRequest, school: School) -> HttpResponse:
    """Who is still on its roll, what would be written, and one button that writes it."""
    places = actions.places_left(school, request.user)
    access.shown(request, [place.child for place in places], kind=AccessKind.LIST)
    successors = list(school.successors.order_by("name", "pk"))
    if not places or not successors:
        return _nothing_to_do(request, school, places)
    back = school.get_absolute_url()
    form = CarryOnForm(sent(request), places=places, successors=successors, cancel_href=back)
    if form.is_valid():
        chosen, seen = form.chosen(), form.cleaned_data["seen"]
        outcome = attempt(form, lambda: actions.carry_on_each(school=school, chosen=chosen, seen=seen, by=request.user))
        if outcome and not outcome.refused:
            return done(request, _said(len(outcome.done)), back)
        for child, reason in outcome.refused if outcome else ():
            form.add_error(None, f"{child.name}: {reason}")
    return form_page(
        request,
        form,
        heading=HEADING,
        caption=school.name,
        back=back,
        intro=_intro(school, successors, len(places)),
        rows=[_row(place) for place in places],
        more=_without_teacher(successors),
    )


def _nothing_to_do(request: HttpRequest, school: School, places: list[Enrolment]) -> HttpResponse:
    """No child, or no school that carries on: each child's next school is then recorded on the child's page."""
    missing = "The register names no school that took its place: record each child’s next school." if places else ""
    summary = {
        "key": "On its roll",
        "value": actions.words_of(school, len(places)),
        "lines": [missing] if missing else [],
    }
    context = {
        "heading": HEADING,
        "caption": school.name,
        "rows": [summary, *(_row(place) for place in places)],
        "back": school.get_absolute_url(),
    }
    return render(request, "children/summary.html", context)


def _intro(school: School, successors: list[School], number: int) -> list[str]:
    days = sorted({closures.change_day(school, after) for after in successors})
    when = " or ".join(long_date(day) for day in days)
    return [
        actions.words_of(school, number),
        f"Each place ends on {when}, and the next begins on that day: of the same kind, with the same year group and hours. "
        "It is no move of school. What is recorded of the time before stays with the school as it was.",
    ]


def _row(place: Enrolment) -> dict[str, Any]:
    until = f" until {long_date(place.end)}" if place.end else ""
    year = curriculum_year_words(curriculum_year(place.child.date_of_birth, today()))
    return {
        "key": place.child.name,
        "value": f"{year}, {place.get_kind_display()} from {long_date(place.start)}{until}",
        "actions": [
            {"text": "Open", "href": place.child.get_absolute_url(), "hidden": f"the page of {place.child.name}"}
        ],
    }


def _without_teacher(successors: list[School]) -> list[dict[str, str]]:
    """A child at a school without a designated teacher has nobody there who knows: said before, not found out later."""
    designated = Membership.objects.current().filter(position=Membership.Position.DESIGNATED_TEACHER)
    named = set(designated.values_list("organisation", flat=True))
    return [
        {
            "text": f"No designated teacher is recorded at {after.name}: name one",
            "href": reverse("accounts:teacher", args=[after.organisation.uuid]),
        }
        for after in successors
        if after.organisation_id not in named
    ]


def _said(number: int) -> str:
    return f"{number} place is carried on." if number == 1 else f"{number} places are carried on."
