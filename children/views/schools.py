"""Schools, and a child's place on their rolls."""

import re
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from children import judgements, policies
from children.actions import schools
from children.actions.closures import words_of
from children.closures import has_closed
from children.enums import EnrolmentKind
from children.forms.schools import EndEnrolmentForm, EnrolForm
from children.inspection import lines
from children.judgements import LINE
from children.models import Child, Enrolment, School, SchoolJudgement
from virtualschool.accounts.models import Membership
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.rulebook.schoolyear import curriculum_year, curriculum_year_words

DESIGNATED = (Membership.Position.DESIGNATED_TEACHER, Membership.Position.DEPUTY)


@page(policies.can_look_up_schools)
def school_list(request: HttpRequest) -> HttpResponse:
    """Schools by URN or part of a name; without words, those where our children are."""
    words = request.GET.get("q", "").strip()[:200]
    reached = School.objects.visible_to(request.user)
    with_children = reached.filter(enrolments__in=_our_enrolments(request)).distinct().order_by("name", "urn")
    pages = paginate(request, reached.found_by(words) if words else with_children)
    known = judgements.standings(pages.rows, today())
    rows = [
        [
            Cell(school.name, href=school.get_absolute_url(), hint=school.town),
            school.urn,
            school.phase_name,
            Cell(
                tag={"text": school.get_status_display().capitalize(), "colour": "green" if school.is_open else "grey"}
            ),
            Cell(lines=tuple(found.dated for found in known[school.pk].facts), tag=known[school.pk].tag),
        ]
        for school in pages.rows
    ]
    columns = ["School", "URN", "Phase", "State", "Inspection"]
    shown = table("Schools", columns, rows, empty="No school matches", caption_hidden=True)
    return render(request, "children/schools.html", {"words": words, "pages": pages, "table": shown})


@page(policies.can_see_school, school=School)
def school(request: HttpRequest, school: School) -> HttpResponse:
    """What the register says of a school, who is its designated teacher, and our children there."""
    children = list(_our_children(request, school))
    access.shown(request, children, kind=AccessKind.LIST)
    context = {
        "school": school,
        "rows": _facts(school),
        "followers": _linked("Its pupils went to", school.successors.all()),
        "predecessors": _linked("It carries on from", school.predecessors.all()),
        "closed": _closed(request, school, len(children)),
        "standing": _standing(school),
        "judgements": _judgements(request, school),
        "judged": _may_judge(request, school),
        "children": _children_table(children),
        "links": _links(request, school, bool(children)),
        "back": reverse("children:schools"),
    }
    return render(request, "children/school.html", context)


def _closed(request: HttpRequest, school: School, number: int) -> dict[str, str]:
    """Children still on the roll of a school that has closed, and the way to carry their places on, for those who do."""
    if not number or not has_closed(school, today()):
        return {}
    may = policies.can_carry_on(request.user, school)
    href = reverse("children:carry_on", args=[school.uuid]) if may else ""
    return {"words": words_of(school, number), "href": href}


def _links(request: HttpRequest, school: School, ours: bool) -> list[dict[str, str]]:
    """The other pages of the school: what it teaches; where our children are there, its weeks and its rates among other schools'."""
    courses = {"text": "Courses that it teaches", "href": reverse("courses:school", args=[school.uuid])}
    if not (ours and request.user.reads(FieldGroup.ATTENDANCE)):
        return [courses]
    return [
        courses,
        {"text": "Attendance here by week", "href": f"{reverse('attendance:weeks')}?school={school.uuid}"},
        {"text": "Attendance by school", "href": f"{reverse('attendance:groups')}?by=school&over=year"},
    ]


@page(policies.can_keep_roll_of, methods=("GET", "POST"), child=Child)
def enrol(request: HttpRequest, child: Child) -> HttpResponse:
    """Put a child on a school's roll. Several schools of one name come back as a choice."""
    form = EnrolForm(sent(request), initial={"kind": EnrolmentKind.SINGLE}, cancel_href=child.get_absolute_url())
    if form.is_valid():
        names = ("start", "kind", "year_group", "hours_offered")
        facts = {name: form.cleaned_data[name] for name in names}
        act = attempt(form, lambda: schools.enrol(child=child, school=form.chosen_school, by=request.user, **facts))
        if act:
            return done(request, f"{child.name} is enrolled at {act.school.name}.", child.get_absolute_url())
    return form_page(
        request,
        form,
        heading="Record a school",
        caption=child.name,
        back=child.get_absolute_url(),
        rows=_places(child),
        intro=["The school before ends on the day that the new one starts."],
    )


@page(policies.can_end_enrolment, methods=("GET", "POST"), enrolment=Enrolment)
def end_enrolment(request: HttpRequest, enrolment: Enrolment) -> HttpResponse:
    child = enrolment.child
    planned = {"end": enrolment.end, "reason": enrolment.end_reason}
    form = EndEnrolmentForm(sent(request), initial=planned, cancel_href=child.get_absolute_url())
    if form.is_valid():
        facts = form.cleaned_data
        if attempt(form, lambda: schools.end_enrolment(enrolment=enrolment, by=request.user, **facts)):
            return done(request, "The end of the enrolment is recorded.", child.get_absolute_url())
    intro = [f"{child.name} is on the roll of {enrolment.school.name} from {long_date(enrolment.start)}."]
    return form_page(
        request, form, heading="End an enrolment", caption=child.name, back=child.get_absolute_url(), intro=intro
    )


# ---------------------------------------------------------------- steps


def _our_enrolments(request: HttpRequest) -> Any:
    return Enrolment.objects.visible_to(request.user).current()


def _our_children(request: HttpRequest, school: School) -> Any:
    reached = Child.objects.visible_to(request.user)
    return reached.enrolled_at(School.objects.filter(pk=school.pk)).order_by("last_name", "first_names", "pk")


def _children_table(children: list[Child]) -> Any:
    rows = [
        [
            Cell(child.name, href=child.get_absolute_url()),
            curriculum_year_words(curriculum_year(child.date_of_birth, today())),
        ]
        for child in children
    ]
    return table(
        "Our children there", ["Child", Column("Year")], rows, empty="None of the children you work with is on its roll"
    )


def _facts(school: School) -> list[dict[str, Any]]:
    teachers = school.organisation.memberships.current().filter(position__in=DESIGNATED).select_related("user")
    named = [f"{tie.get_position_display().capitalize()}: {tie.user.name}, {tie.user.email}" for tie in teachers]
    place = ", ".join(part for part in (school.street, school.town, school.postcode) if part)
    state = school.get_status_display().capitalize()
    if school.closed_on:
        state = f"{state}, closed {long_date(school.closed_on)}"
    return [
        {"key": "URN", "value": school.urn},
        {"key": "State", "value": state},
        {"key": "Designated teacher", "lines": named, "missing": "" if named else "None recorded"},
        {"key": "Phase", "value": school.phase_name, "missing": "Not known"},
        {"key": "Kind", "value": school.type_name, "missing": "Not known"},
        {"key": "Ages", "value": _ages(school), "missing": "Not known"},
        {"key": "Head", "value": school.head_name, "missing": "Not known"},
        {"key": "Address", "value": place, "missing": "Not known"},
        {
            "key": "Telephone",
            "value": school.telephone,
            "href": _telephone_href(school.telephone),
            "missing": "Not known",
        },
        {"key": "Website", "value": school.website, "href": _website_href(school.website), "missing": "Not known"},
    ]


def _telephone_href(text: str) -> str:
    """A number to ring on a phone; nothing for words. The (0) after a country's code is not dialled."""
    number = re.sub(r"\(0\)|[\s().-]", "", text)
    return f"tel:{number}" if re.fullmatch(r"\+?[0-9]{6,15}", number) else ""


def _website_href(text: str) -> str:
    """The register often leaves the scheme out. Nothing but a web address becomes a link."""
    found = re.fullmatch(r"(https?://)?([\w-]+\.)+[\w-]{2,}(:[0-9]+)?(/\S*)?", text, re.IGNORECASE)
    return "" if found is None else text if found[1] else f"https://{text}"


def _ages(school: School) -> str:
    return "" if school.low_age is None or school.high_age is None else f"{school.low_age} to {school.high_age}"


def _linked(words: str, schools_linked: Any) -> list[dict[str, str]]:
    return [
        {"words": words, "text": linked.name, "href": linked.get_absolute_url()}
        for linked in schools_linked.order_by("name", "pk")
    ]


def _standing(school: School) -> list[dict[str, Any]]:
    """Whether the school is below the line, by which outcome and which rule."""
    found = judgements.standing(school, today())
    rule = {"key": found.rule.kind_label, "value": found.rule.words, "href": reverse("rulebook:detail", args=[LINE])}
    return [
        {"key": "Inspections", "tag": found.tag, "lines": [f"{found.words}.", *_before(school, found)]},
        rule | {"lines": [f"Source: {found.rule.source}"]},
    ]


def _before(school: School, found: judgements.Standing) -> list[str]:
    """Of a school of which nothing is known: what was of those whose place it took, under their own names."""
    predecessors = [] if found.decides else list(school.predecessors.order_by("name", "pk"))
    known = judgements.standings(predecessors, today()) if predecessors else {}
    return [
        f"{before.name}, whose place it took: {known[before.pk].words}."
        for before in predecessors
        if known[before.pk].decides
    ]


def _may_judge(request: HttpRequest, school: School) -> str:
    """The way to record an outcome, for those who do."""
    if not policies.can_keep_judgements(request.user, school):
        return ""
    return reverse("children:judgement_add", args=[school.uuid])


def _judgements(request: HttpRequest, school: School) -> Any:
    """Old overall grades and report cards stand side by side, each under its date; neither is turned into the other."""
    correct = bool(policies.can_keep_judgements(request.user, school))
    rows = [
        [
            _dated(judgement, correct=correct),
            judgement.get_kind_display().capitalize(),
            Cell(lines=lines(judgement.outcome)),
            judgement.source,
        ]
        for judgement in school.judgements.order_by("-on", "-pk")
    ]
    return table(
        "Inspection outcomes", ["Date", "Kind", "Outcome", "Source"], rows, empty="No inspection outcome recorded"
    )


def _dated(judgement: SchoolJudgement, *, correct: bool) -> Cell:
    href = reverse("children:judgement_correct", args=[judgement.uuid]) if correct else ""
    return Cell(long_date(judgement.on), href=href, hidden=": correct this outcome" if correct else "")


def _places(child: Child) -> list[dict[str, Any]]:
    """Where the child is on roll now and is to start, each with the way to end it, or to change an end to come."""
    going_on = Q(end__isnull=True) | Q(end__gt=today())
    rows = child.enrolments.filter(going_on).select_related("school").order_by("start", "pk")
    return [
        {
            "key": place.school.name,
            "value": f"{place.get_kind_display().capitalize()} from {long_date(place.start)}"
            + (f", ends {long_date(place.end)}" if place.end else ""),
            "actions": [
                {
                    "text": "Change the end of" if place.end else "End",
                    "href": reverse("children:end_enrolment", args=[place.uuid]),
                    "hidden": f"the place at {place.school.name}",
                }
            ],
        }
        for place in rows
    ]
