"""Alternative provision: the register, one with its checks and reviews, and its steps."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst

from attendance.actions import provision as actions
from attendance.enums import Commissioner
from attendance.filters.arrangements import ProvisionFilter
from attendance.forms.provision import CheckForm, ProvisionForm, ProvisionReviewForm
from attendance.forms.timetables import EndForm
from attendance.models import AlternativeProvision
from attendance.policies import provision as policies
from attendance.policies.marks import can_read
from attendance.policies.timetables import can_keep, can_take_away, places
from attendance.provision import standings as provisionchecks
from attendance.views import common
from attendance.weekgrid import words as week_words
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.formpages import attempt, done, form_page, sent
from virtualschool.kernel.numbers import plain
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.kernel.verdicts import Conflict
from virtualschool.rulebook import rules
from virtualschool.rulebook.clocks import amount

NAME = "attendance:provisions"
INTRO = (
    "Children who are taught elsewhere than at their school. Whoever arranged it answers for it being safe and good; a provider that is no "
    "registered school is checked before the child starts, and again."
)
COLUMNS = [
    Column("Child", header=True),
    Column("Provider"),
    Column("Hours a week", numeric=True),
    Column("Review"),
    Column("State"),
]
FILE = [
    "Council's id",
    "Child",
    "School",
    "Provider",
    "URN",
    "From",
    "Until",
    "Hours a week",
    "Half days",
    "Arranged by",
    "Review on",
    "State",
    "Checks overdue",
]


@page(can_read)
def register(request: HttpRequest) -> HttpResponse:
    """Provision of the reader's children, what runs first."""
    rows, asked = AlternativeProvision.objects.visible_to(request.user), provisionchecks.rule(today()).value
    return common.register(
        request,
        heading="Alternative provision",
        noun="places",
        intro=INTRO,
        name=NAME,
        rows=rows,
        found=ProvisionFilter(request.GET, queryset=_listed(rows), request=request),
        columns=COLUMNS,
        draw=lambda one: _row(one, asked),
    )


@page(can_take_away)
def register_file(request: HttpRequest) -> HttpResponse:
    rows, asked = AlternativeProvision.objects.visible_to(request.user), provisionchecks.rule(today()).value
    return common.register_file(
        request,
        name="alternative-provision",
        found=ProvisionFilter(request.GET, queryset=_listed(rows), request=request),
        headings=FILE,
        draw=lambda one: _file_row(one, asked),
    )


@page(policies.can_record_for, methods=("GET", "POST"), child=Child)
def add(request: HttpRequest, child: Child) -> HttpResponse:
    form = ProvisionForm(sent(request), places=places(request.user, child), cancel_href=common.to_child(child))
    if form.is_valid():
        place, facts, key = form.place(), form.facts(), form.cleaned_data["key"]
        made = attempt(
            form,
            lambda: actions.record_provision(child=child, enrolment=place, facts=facts, by=request.user, key=key),
        )
        if made:
            return done(request, "The provision is recorded.", made.get_absolute_url())
    review = rules.get("attendance.provision.review", on=today())
    return form_page(
        request,
        form,
        heading="Record alternative provision",
        caption=child.name,
        back=common.to_child(child),
        intro=[f"It is reviewed within {amount(review)}. Source: {review.source}"],
    )


@page(policies.can_read_provision, provision=AlternativeProvision)
def detail(request: HttpRequest, provision: AlternativeProvision) -> HttpResponse:
    """Where the child is taught, what was checked, what is due, and what happened."""
    whole = AlternativeProvision.objects.with_checks().select_related(
        "child", "school", "enrolment__school", "clock__rule", "recorded_by"
    )
    one, rule = whole.get(pk=provision.pk), provisionchecks.rule(today())
    access.shown(request, one, fields=common.GROUPS)
    late = provisionchecks.overdue(one, rule.value, today())
    notice = f"{len(late)} of the checks are overdue. {rule.words}. Source: {rule.source}"
    context = {
        "heading": "Alternative provision",
        "child": one.child,
        "back": common.to_child(one.child),
        "tag": tag_of(one, rule.value),
        "notices": [notice] if late else [],
        "clock": common.drawn_clock(one.clock) if one.running else None,
        "clock_label": "Review due by",
        **_next(request.user, one),
        "rows": _rows(one),
        "tables": [*_checks(one, rule.value), common.week_table(one.pattern, "There")],
        "steps": _history(one),
    }
    return render(request, "attendance/record.html", context)


@page(policies.can_keep_provision, methods=("GET", "POST"), provision=AlternativeProvision)
def check(request: HttpRequest, provision: AlternativeProvision) -> HttpResponse:
    here = provision.get_absolute_url()
    form = CheckForm(sent(request), cancel_href=here)
    if form.is_valid() and attempt(
        form, lambda: actions.add_check(provision=provision, by=request.user, **form.given())
    ):
        return done(request, "The check is saved.", here)
    return _about(request, provision, form, "Record a check")


@page(policies.can_keep_provision, methods=("GET", "POST"), provision=AlternativeProvision)
def review(request: HttpRequest, provision: AlternativeProvision) -> HttpResponse:
    here = provision.get_absolute_url()
    form = ProvisionReviewForm(sent(request), initial={"seen": provision.review_on}, cancel_href=here)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("seen", "words", "next_on")}
        if attempt(form, lambda: actions.review(provision=provision, by=request.user, **given)):
            return done(request, "The review is saved.", here)
    return _about(request, provision, form, "Review the provision")


@page(policies.can_keep_provision, methods=("GET", "POST"), provision=AlternativeProvision)
def end(request: HttpRequest, provision: AlternativeProvision) -> HttpResponse:
    here = provision.get_absolute_url()
    form = EndForm(sent(request), cancel_href=here)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("on", "words")}
        if attempt(form, lambda: actions.end(provision=provision, by=request.user, **given)):
            return done(request, "The provision has ended.", here)
    return _about(request, provision, form, "End the provision")


# ---------------------------------------------------------------- parts


def tag_of(one: AlternativeProvision, asked: Mapping[str, int]) -> dict[str, str]:
    """One word for its state; ``one`` came by ``with_checks``."""
    if not one.running:
        return {"text": "Ended", "status": "closed"}
    if provisionchecks.overdue(one, asked, today()):
        return {"text": "Checks overdue", "status": "overdue"}
    if one.end is not None and one.end <= today():
        return {"text": "Past its end", "status": "overdue"}
    if one.review_on < today():
        return {"text": "Review overdue", "status": "overdue"}
    return {"text": "Running", "status": "open"}


def _listed(rows: QuerySet[AlternativeProvision]) -> QuerySet[AlternativeProvision]:
    """What runs first."""
    return (
        rows.with_checks().select_related("child", "school", "enrolment__school").order_by("-state", "review_on", "pk")
    )


def _row(one: AlternativeProvision, asked: Mapping[str, int]) -> list[Any]:
    kind = f"URN {one.school.urn}" if one.school else "not registered as a school"
    return [
        Cell(one.child.name, href=one.get_absolute_url()),
        Cell(one.provider, hint=kind),
        plain(one.hours),
        long_date(one.review_on) if one.running else "",
        Cell(tag=tag_of(one, asked)),
    ]


def _file_row(one: AlternativeProvision, asked: Mapping[str, int]) -> list[Any]:
    return [
        one.child.child_id,
        one.child.name,
        one.enrolment.school.name if one.enrolment else "",
        one.provider,
        one.school.urn if one.school else "",
        one.start.isoformat(),
        one.end.isoformat() if one.end else "",
        one.hours,
        week_words(one.pattern),
        one.get_commissioner_display(),
        one.review_on.isoformat(),
        tag_of(one, asked)["text"],
        "; ".join(standing.kind.label for standing in provisionchecks.overdue(one, asked, today())),
    ]


def _next(user: User, one: AlternativeProvision) -> dict[str, Any]:
    if not one.running or not can_keep(user):
        return {"actions": [], "refused": []}
    keeps = policies.can_keep_provision(user, one)
    offers = [
        (keeps, "Record a check", "attendance:provision_check"),
        (keeps, "Review it", "attendance:provision_review"),
        (keeps, "End it", "attendance:provision_end"),
    ]
    return common.offered(one, offers)


def _rows(one: AlternativeProvision) -> list[dict[str, Any]]:
    registered = f"Registered school, URN {one.school.urn}" if one.school else "Not registered as a school"
    return [
        common.child_row(one.child),
        {"key": "Provider", "value": one.provider, "lines": [registered]},
        {"key": "School", "value": one.enrolment.school.name if one.enrolment else "", "missing": "No school"},
        {"key": "Arranged by", "value": capfirst(Commissioner(one.commissioner).label)},
        {"key": "Hours a week", "value": plain(one.hours)},
        {"key": "First day", "value": long_date(one.start)},
        {"key": "First day without it", "value": long_date(one.end) if one.end else "", "missing": "Not known"},
        {"key": "Why", "value": "", "lines": one.why.split("\n")},
        {"key": "What the child learns", "value": "", "lines": one.studies.split("\n")},
        {"key": "Review", "value": long_date(one.review_on) if one.running else "", "missing": "It has ended"},
        {"key": "Recorded by", "value": one.recorded_by.name},
    ]


def _checks(one: AlternativeProvision, asked: Mapping[str, int]) -> list[Table]:
    """What the rule asks for of a provider that is no registered school."""
    rows = [
        [
            capfirst(standing.kind.label),
            long_date(standing.last) if standing.last else "Never",
            Cell(
                long_date(standing.due) if standing.due else "Once is enough",
                tag={"text": "Overdue", "status": "overdue"} if standing.overdue and one.running else None,
            ),
        ]
        for standing in provisionchecks.standings(one, asked, today())
    ]
    return [table("Checks of the provider", ["Check", "Last satisfied", "Due by"], rows)] if rows else []


def _history(one: AlternativeProvision) -> list[dict[str, Any]]:
    """The newest first."""
    items = [{"when": one.recorded_at, "title": "Recorded", "by": one.recorded_by.name, "text": ""}]
    for made in one.checks.select_related("by"):
        found = "as it should be" if made.satisfied else "not as it should be"
        title = f"Checked on {long_date(made.on)}: {made.get_kind_display()}"
        items.append(
            {"when": made.at, "title": title, "by": made.by.name, "text": made.words, "lines": [capfirst(found)]}
        )
    for seen in one.reviews.select_related("by"):
        by = seen.by.name if seen.by else ""
        items.append({"when": seen.at, "title": "Ended" if seen.ended else "Reviewed", "by": by, "text": seen.words})
    return sorted(items, key=lambda item: item["when"], reverse=True)


def _about(request: HttpRequest, provision: AlternativeProvision, form: Any, heading: str) -> HttpResponse:
    if not provision.running:
        raise Conflict("This provision has ended.")
    rows = AlternativeProvision.objects.select_related("child", "school", "enrolment__school", "recorded_by")
    one = rows.get(pk=provision.pk)
    here = one.get_absolute_url()
    return form_page(request, form, heading=heading, caption=one.child.name, back=here, rows=_rows(one))
