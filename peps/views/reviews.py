"""The review diary: care reviews to come and just past, and whether there will be a PEP to read at each."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from children import reviews as law
from children.models import CareReview, Child
from children.policies import can_record_some_review
from peps import review_policies as policies
from peps import reviews
from peps.filters import CaseloadFilter, ReviewFilter, UnplannedFilter
from peps.models import Pep
from peps.review_calendar import calendar_file
from peps.reviews import Diary, Facts, Readiness, Standing, Terms
from peps.views.blind import without_grades
from peps.views.common import kind_words, state_tag
from virtualschool.accounts.models import User
from virtualschool.audit import access, log
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel import csvfiles
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.downloads import csv_file
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, Tag, table
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.clocks import amount

COLUMNS = [
    Column("Review"),
    Column("Child", header=True),
    Column("PEP for the review"),
    Column("PEP now"),
    Column("Last complete PEP"),
    Column("Next PEP meeting"),
    Column("Summary"),
]
UNPLANNED = [
    Column("By law at the latest"),
    Column("Child", header=True),
    Column("Last review"),
    Column("PEP now"),
    Column("Last complete PEP"),
    Column("Next PEP meeting"),
    Column("Summary"),
]
FILE = [
    "Review",
    "Council's id",
    "Child",
    "Year group",
    "PEP due to the reviewing officer",
    "PEP for the review",
    "Missing",
    "PEP now",
    "Last complete PEP",
    "Grade",
    "Next PEP meeting",
]
TAGS: dict[Readiness, Tag] = {
    Readiness.NOT_ASKED: {"text": "No PEP at this age", "status": "closed"},
    Readiness.READY: {"text": "Ready", "status": "done"},
    Readiness.READY_LATE: {"text": "Ready, came late", "status": "done"},
    Readiness.WAITING: {"text": "Not ready yet", "status": "waiting"},
    Readiness.SOON: {"text": "Not ready, due soon", "status": "due_soon"},
    Readiness.OVERDUE: {"text": "Not ready, overdue", "status": "overdue"},
    Readiness.MISSED: {"text": "No PEP at the review", "status": "missing"},
}


@page(policies.can_read_diary, methods=("GET", "POST"))
def diary(request: HttpRequest) -> HttpResponse:
    """Reviews in date order, from two weeks back."""
    if request.method == "POST":
        return ReviewFilter.sent_on(request)
    rows, by = Diary(request.user).reviews(), reviews.terms(today())
    found = ReviewFilter(request.GET, queryset=rows, request=request)
    pages = paginate(request, found.qs.select_related("child").order_by("on", "child__last_name", "pk"))
    facts = _facts(request.user, [one.child_id for one in pages.rows])
    drawn = [_review_row(one, facts[one.child_id], by) for one in pages.rows]
    context = {
        "table": table("Reviews", COLUMNS, drawn, empty="No review matches", caption_hidden=True),
        "rule": _rule(by),
        "csv_href": _with_filter(request, "reviews_file") if policies.can_take_diary(request.user) else "",
        "calendar_href": _with_filter(request, "reviews_calendar"),
    }
    return _drawn(request, context, found, pages, total=rows.count(), active="reviews", noun="reviews")


@page(policies.can_read_diary, methods=("GET", "POST"))
def unplanned(request: HttpRequest) -> HttpResponse:
    """Children of whom no next review is known, with the last day on which the law lets it be held."""
    if request.method == "POST":
        return UnplannedFilter.sent_on(request)
    rows = Diary(request.user).unplanned()
    found = UnplannedFilter(request.GET, queryset=rows, request=request)
    pages = paginate(request, found.qs)
    context = {
        "table": table(
            "Children without a next review",
            UNPLANNED,
            _unplanned_rows(request.user, pages.rows),
            empty="Every child has a next review",
            caption_hidden=True,
        )
    }
    return _drawn(request, context, found, pages, total=rows.count(), active="reviews_unplanned", noun="children")


@page(policies.can_take_diary)
def diary_file(request: HttpRequest) -> HttpResponse:
    """The diary as the filter shows it, as CSV. Logged with every child in it."""
    found = _chosen(request)
    facts, by = _facts(request.user, {one.child_id for one in found}), reviews.terms(today())
    rows = (_file_row(one, facts[one.child_id], by) for one in found)
    log.record("reviews.exported", by=request.user, subject=request.user, data={"rows": len(found)})
    return csv_file(f"reviews-{today().isoformat()}", csvfiles.write(FILE, rows))


@page(policies.can_read_diary)
def diary_calendar(request: HttpRequest) -> HttpResponse:
    """The diary as the filter shows it, for the reader's own calendar; it names no child."""
    answer = HttpResponse(calendar_file(_chosen(request)), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="care-reviews.ics"'
    return answer


# ---------------------------------------------------------------- parts


def _chosen(request: HttpRequest) -> list[CareReview]:
    """All reviews that the filter leaves, noted as exported."""
    rows = ReviewFilter(request.GET, queryset=Diary(request.user).reviews(), request=request).qs
    found = list(rows.select_related("child").order_by("on", "child__last_name", "pk"))
    access.shown(request, found, kind=AccessKind.EXPORT)
    return found


def _drawn(
    request: HttpRequest,
    context: dict[str, Any],
    found: CaseloadFilter,
    pages: Any,
    *,
    total: int,
    active: str,
    noun: str,
) -> HttpResponse:
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    tabs = (("reviews", "Reviews"), ("reviews_unplanned", "No next review known"))
    more = {
        "heading": "Review diary",
        "tabs": [{"text": text, "href": reverse(f"peps:{name}"), "active": name == active} for name, text in tabs],
        "filter": found,
        "pages": pages,
        "total": total,
        "noun": noun,
        "clear_href": request.path,
        "rule": {},
        "csv_href": "",
        "calendar_href": "",
    }
    return render(request, "peps/reviews.html", more | context)


def _with_filter(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    address = reverse(f"peps:{name}")
    return f"{address}?{query.urlencode()}" if query else address


def _rule(by: Terms) -> dict[str, str]:
    return {
        "words": f"{by.ready.words}: {amount(by.ready)} before it, at the latest.",
        "binds": f"{by.ready.kind_label}. Source: {by.ready.source}.",
        "href": reverse("rulebook:detail", args=[by.ready.key]),
    }


def _facts(user: User, children: Collection[int]) -> dict[int, Facts]:
    """What there is of each child; the grade of a last PEP that the reader is to mark a second time is not told."""
    found = reviews.facts_of(children)
    without_grades(user, [one.last for one in found.values()])
    return found


def _review_row(review: CareReview, facts: Facts, by: Terms) -> list[Cell]:
    found = reviews.standing(review.on, review.child.date_of_birth, facts, by)
    when = "just past" if review.on < today() else "today" if review.on == today() else ""
    return [
        Cell(long_date(review.on), hint=when),
        _child(review.child),
        _for_the_review(found),
        *_peps(facts),
        _summary(review.child),
    ]


def _for_the_review(found: Standing) -> Cell:
    hint = f"Due {long_date(found.due.due_on)}" if found.missing and found.due.due_on else ""
    return Cell(tag=TAGS[found.readiness], hint=hint, lines=found.missing)


def _child(child: Child, href: str = "") -> Cell:
    year = schoolyear.curriculum_year_words(schoolyear.curriculum_year(child.date_of_birth, today()))
    return Cell(child.name, href=href or child.get_absolute_url(), hint=year)


def _summary(child: Child) -> Cell:
    return Cell("One page", href=reverse("peps:review_summary", args=[child.uuid]), hidden=f"on {child.name}")


def _peps(facts: Facts) -> list[Cell]:
    """The PEP that is open, the last complete one, and the next meeting."""
    now = Cell("None open")
    if facts.pep:
        now = Cell(kind_words(facts.pep), href=facts.pep.get_absolute_url(), tag=state_tag(facts.pep))
    return [now, _last(facts.last), Cell(_meeting_on(facts) or "None planned")]


def _last(pep: Pep | None) -> Cell:
    if pep is None or pep.completed_on is None:
        return Cell("None")
    grade = {"text": str(pep.get_grade_display()).capitalize(), "status": pep.grade} if pep.grade else None
    return Cell(long_date(pep.completed_on), href=reverse("peps:read", args=[pep.uuid]), tag=grade)


def _meeting_on(facts: Facts) -> str:
    return long_date(facts.meeting.starts_at.astimezone(LONDON).date()) if facts.meeting else ""


def _unplanned_rows(user: User, children: Sequence[Child] | QuerySet[Child]) -> list[list[Cell]]:
    keys = [child.pk for child in children]
    facts, held = _facts(user, keys), law.held(keys, today())
    known, in_force = calendars.load(), rules.pack(today(), law.PREFIX)
    may = bool(can_record_some_review(user))
    rows = []
    for child in children:
        before = held[child.pk]
        latest = law.at_the_latest(before, known, in_force)
        late = {"text": "Overdue: law", "status": "overdue"} if latest.overdue(today()) else None
        href = reverse("children:review", args=[child.uuid]) if may else ""
        last = long_date(before.last_on) if before.last_on else "None yet"
        rows.append(
            [
                Cell(long_date(latest.due_on) if latest.due_on else "Not known", tag=late, hint=latest.rule.words),
                _child(child, href),
                Cell(last, hint="" if before.last_on else f"In care since {long_date(before.since)}"),
                *_peps(facts[child.pk]),
                _summary(child),
            ]
        )
    return rows


def _file_row(review: CareReview, facts: Facts, by: Terms) -> list[Any]:
    child, found = review.child, reviews.standing(review.on, review.child.date_of_birth, facts, by)
    return [
        review.on,
        child.child_id,
        child.name,
        schoolyear.curriculum_year_words(schoolyear.curriculum_year(child.date_of_birth, today())),
        found.due.due_on or "",
        TAGS[found.readiness]["text"],
        "; ".join(found.missing),
        f"{kind_words(facts.pep)}, {facts.pep.get_state_display()}" if facts.pep else "",
        facts.last.completed_on if facts.last else "",
        facts.last.get_grade_display() if facts.last else "",
        _meeting_on(facts),
    ]
