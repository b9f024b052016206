"""Reduced timetables: the register, one with its agreement and reviews, and its steps."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst

from attendance import arrangements
from attendance.actions import timetables as actions
from attendance.enums import Party, TimetableReason
from attendance.filters.arrangements import TimetableFilter
from attendance.forms.timetables import AnswerForm, EndForm, ReviewForm, TimetableForm
from attendance.models import ReducedTimetable, TimetableAgreement
from attendance.policies import timetables as policies
from attendance.policies.marks import can_read
from attendance.views import common
from attendance.weekgrid import to_rows
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

NAME = "attendance:timetables"
INTRO = (
    "Children who are at school for less than full time. It is exceptional, short, and agreed by all, with a review and the way back "
    "to full time (Working together to improve school attendance)."
)
COLUMNS = [
    Column("Child", header=True),
    Column("School"),
    Column("Hours a week"),
    Column("Until"),
    Column("Review"),
    Column("State"),
]
FILE = [
    "Council's id",
    "Child",
    "School",
    "URN",
    "From",
    "First day full time",
    "Hours a week",
    "Full-time hours",
    "Half days",
    "Main reason",
    "Review on",
    "State",
    "Agreed by",
    "Not agreed by",
]


@page(can_read)
def register(request: HttpRequest) -> HttpResponse:
    """Reduced timetables of the reader's children, those that run first."""
    rows, parties = ReducedTimetable.objects.visible_to(request.user), arrangements.parties(today())
    return common.register(
        request,
        heading="Reduced timetables",
        noun="timetables",
        intro=INTRO,
        name=NAME,
        rows=rows,
        found=TimetableFilter(request.GET, queryset=_listed(rows), request=request),
        columns=COLUMNS,
        draw=lambda one: _row(one, parties),
    )


@page(policies.can_take_away)
def register_file(request: HttpRequest) -> HttpResponse:
    rows, parties = ReducedTimetable.objects.visible_to(request.user), arrangements.parties(today())
    return common.register_file(
        request,
        name="reduced-timetables",
        found=TimetableFilter(request.GET, queryset=_listed(rows), request=request),
        headings=FILE,
        draw=lambda one: _file_row(one, parties),
    )


@page(policies.can_record_for, methods=("GET", "POST"), child=Child)
def add(request: HttpRequest, child: Child) -> HttpResponse:
    """Record one, as it was agreed or is being agreed."""
    form = TimetableForm(sent(request), places=policies.places(request.user, child), cancel_href=common.to_child(child))
    if form.is_valid():
        made = attempt(
            form,
            lambda: actions.record_timetable(
                enrolment=form.place(),
                facts=form.facts(),
                agreed=form.agreed(),
                by=request.user,
                key=form.cleaned_data["key"],
            ),
        )
        if made:
            return done(
                request,
                "The reduced timetable is recorded, and whoever has to agree is asked.",
                made.get_absolute_url(),
            )
    longest = rules.get("attendance.reduced_timetable.longest", on=today())
    review = rules.get("attendance.reduced_timetable.review", on=today())
    intro = [
        "Only in very exceptional circumstances, for as short a time as possible, and never to manage behaviour.",
        f"For {amount(longest)} at most, reviewed within {amount(review)}. A school that cannot teach a child full time tells the "
        "Virtual School before it starts.",
    ]
    return form_page(
        request,
        form,
        heading="Record a reduced timetable",
        caption=child.name,
        back=common.to_child(child),
        intro=intro,
    )


@page(policies.can_read_timetable, timetable=ReducedTimetable)
def detail(request: HttpRequest, timetable: ReducedTimetable) -> HttpResponse:
    """What was agreed, by whom, what is due, and what happened."""
    whole = ReducedTimetable.objects.with_agreement().select_related(
        "child", "enrolment__school", "clock__rule", "recorded_by"
    )
    one, parties = whole.get(pk=timetable.pk), arrangements.parties(today())
    access.shown(request, one, fields=common.GROUPS)
    said = list(one.agreements.select_related("by"))
    context = {
        "heading": "Reduced timetable",
        "child": one.child,
        "back": common.to_child(one.child),
        "tag": tag_of(one, parties),
        "notices": _notices(one, parties),
        "clock": common.drawn_clock(one.clock) if one.running else None,
        "clock_label": "Review due by",
        **_next(request.user, one),
        "rows": _rows(one),
        "tables": [_agreement(one, said, parties), common.week_table(one.pattern), _way_back(one)],
        "steps": _history(one, said),
    }
    return render(request, "attendance/record.html", context)


@page(policies.can_answer, methods=("GET", "POST"), timetable=ReducedTimetable)
def answer(request: HttpRequest, timetable: ReducedTimetable) -> HttpResponse:
    """Whether one of the parties agrees."""
    here = timetable.get_absolute_url()
    form = AnswerForm(
        sent(request),
        parties=policies.parties_of(request.user, timetable),
        initial={"round": timetable.round},
        cancel_href=here,
    )
    if form.is_valid() and attempt(form, lambda: actions.answer(timetable=timetable, by=request.user, **form.said())):
        return done(request, "The answer is saved.", here)
    return _about(request, timetable, form, "Agree to it, or not")


@page(policies.can_review, methods=("GET", "POST"), timetable=ReducedTimetable)
def review(request: HttpRequest, timetable: ReducedTimetable) -> HttpResponse:
    """Goes on for a new reason, or more hours. That it ended is said on a page of its own."""
    here = timetable.get_absolute_url()
    initial = {"round": timetable.round, "pattern": to_rows(timetable.pattern)}
    form = ReviewForm(sent(request), initial=initial, cancel_href=here)
    if form.is_valid():
        seen, facts = form.cleaned_data["round"], form.facts()
        if attempt(form, lambda: actions.review(timetable=timetable, round_seen=seen, facts=facts, by=request.user)):
            return done(request, "The review is saved.", here)
    return _about(request, timetable, form, "Review the reduced timetable")


@page(policies.can_review, methods=("GET", "POST"), timetable=ReducedTimetable)
def end(request: HttpRequest, timetable: ReducedTimetable) -> HttpResponse:
    here = timetable.get_absolute_url()
    form = EndForm(sent(request), cancel_href=here)
    form.fields["on"].label = "First day full time again"
    if form.is_valid():
        given = form.cleaned_data
        if attempt(form, lambda: actions.end(timetable=timetable, by=request.user, **_ended(given))):
            return done(request, "The reduced timetable has ended.", here)
    return _about(request, timetable, form, "End the reduced timetable")


# ---------------------------------------------------------------- parts


def tag_of(one: ReducedTimetable, parties: list[Party]) -> dict[str, str]:
    """One word for its state: agreed is it only with everybody's word."""
    if not one.running:
        return {"text": "Ended", "status": "closed"}
    if one.review_on < today() or one.end <= today():
        return {"text": "Past its end" if one.end <= today() else "Review overdue", "status": "overdue"}
    if missing(one, parties):
        return {"text": "Not agreed", "status": "refused"}
    return {"text": "Agreed", "status": "done"}


def missing(one: ReducedTimetable, parties: list[Party]) -> list[Party]:
    """Who has not agreed, of those the rule asks; ``one`` came by ``with_agreement``."""
    return [party for party in parties if getattr(one, f"agrees_{party.value}") is not True]


def _listed(rows: QuerySet[ReducedTimetable]) -> QuerySet[ReducedTimetable]:
    """Those that run first."""
    return rows.with_agreement().select_related("child", "enrolment__school").order_by("-state", "end", "pk")


def _row(one: ReducedTimetable, parties: list[Party]) -> list[Any]:
    return [
        Cell(one.child.name, href=one.get_absolute_url()),
        one.enrolment.school.name,
        Cell(f"{plain(one.hours)} of {plain(one.full_time_hours)}", hint=TimetableReason(one.reason).label),
        long_date(one.end),
        long_date(one.review_on) if one.running else "",
        Cell(tag=tag_of(one, parties)),
    ]


def _file_row(one: ReducedTimetable, parties: list[Party]) -> list[Any]:
    lacking = missing(one, parties) if one.running else []
    return [
        one.child.child_id,
        one.child.name,
        one.enrolment.school.name,
        one.enrolment.school.urn,
        one.start.isoformat(),
        one.end.isoformat(),
        one.hours,
        one.full_time_hours,
        week_words(one.pattern),
        one.get_reason_display(),
        one.review_on.isoformat(),
        tag_of(one, parties)["text"],
        ", ".join(party.label for party in parties if party not in missing(one, parties)),
        ", ".join(party.label for party in lacking),
    ]


def _notices(one: ReducedTimetable, parties: list[Party]) -> list[str]:
    lacking = missing(one, parties) if one.running else []
    if not lacking:
        return []
    rule = rules.get("attendance.reduced_timetable.agreed_by", on=today())
    who = ", ".join(party.label for party in lacking)
    return [f"Not agreed: the word of {who} is missing. Source: {rule.source}"]


def _next(user: User, one: ReducedTimetable) -> dict[str, Any]:
    if not one.running:
        return {"actions": [], "refused": []}
    answers, reviews = policies.can_answer(user, one), policies.can_review(user, one)
    offers: list[common.Offer] = (
        [(answers, "Say whether it is agreed", "attendance:timetable_answer")] if answers else []
    )
    if policies.can_keep(user):
        offers.append((reviews, "Review it", "attendance:timetable_review"))
        offers.append((reviews, "End it", "attendance:timetable_end"))
    return common.offered(one, offers)


def _rows(one: ReducedTimetable) -> list[dict[str, Any]]:
    lost = one.full_time_hours - one.hours
    share = round(100 * lost / one.full_time_hours)
    return [
        common.child_row(one.child),
        {"key": "School", "value": one.enrolment.school.name},
        {
            "key": "Hours",
            "value": capfirst(one.hours_words),
            "lines": [f"{plain(lost)} hours a week, {share}%, are not offered"],
        },
        {"key": "First day", "value": long_date(one.start)},
        {"key": "First day full time" if one.running else "Full time again", "value": long_date(one.end)},
        {"key": "Main reason", "value": capfirst(TimetableReason(one.reason).label), "lines": one.why.split("\n")},
        {"key": "Review", "value": long_date(one.review_on) if one.running else "", "missing": "It has ended"},
        {"key": "Recorded by", "value": one.recorded_by.name},
    ]


def _agreement(one: ReducedTimetable, said: list[TimetableAgreement], parties: list[Party]) -> Table:
    """The last word of each party in this round, those the rule asks first."""
    last = {Party(word.party): word for word in said if word.round == one.round}
    everybody = [*parties, *(party for party in last if party not in parties)]
    rows = [[capfirst(party.label), *_word(last.get(party))] for party in everybody]
    return table("Who agreed", ["Who", "Answer", "When", "In words"], rows)


def _word(word: TimetableAgreement | None) -> list[Any]:
    if word is None:
        return [Cell(tag={"text": "Not yet", "status": "waiting"}), "", ""]
    tag = {"text": "Agrees", "status": "done"} if word.agrees else {"text": "Does not agree", "status": "refused"}
    return [Cell(tag=tag), Cell(long_date(word.on), hint=f"entered by {word.by.name}"), word.words]


def _way_back(one: ReducedTimetable) -> Table:
    rows = [[long_date(step.on), plain(step.hours)] for step in one.steps]
    return table("The way back to full time", ["From", Column("Hours a week", numeric=True)], rows)


def _history(one: ReducedTimetable, said: list[TimetableAgreement]) -> list[dict[str, Any]]:
    """The newest first."""
    items = [{"when": one.recorded_at, "title": "Recorded", "by": one.recorded_by.name, "text": ""}]
    for word in said:
        title = f"{capfirst(word.get_party_display())} {'agreed' if word.agrees else 'did not agree'}"
        items.append({"when": word.at, "title": title, "by": word.by.name, "text": word.words})
    for one_review in one.reviews.select_related("by"):
        items.append(
            {
                "when": one_review.at,
                "title": f"Reviewed: {one_review.get_outcome_display()}",
                "by": one_review.by.name if one_review.by else "",
                "text": one_review.words,
                "lines": [
                    f"{plain(one_review.hours_were)} to {plain(one_review.hours)} hours a week; "
                    f"full time from {long_date(one_review.end_was)} to {long_date(one_review.end)}"
                ],
            }
        )
    return sorted(items, key=lambda item: item["when"], reverse=True)


def _ended(given: dict[str, Any]) -> dict[str, Any]:
    return {"on": given["on"], "words": given["words"]}


def _about(request: HttpRequest, timetable: ReducedTimetable, form: Any, heading: str) -> HttpResponse:
    if not timetable.running:
        raise Conflict("This reduced timetable has ended.")
    rows = _rows(
        ReducedTimetable.objects.select_related("child", "enrolment__school", "recorded_by").get(pk=timetable.pk)
    )
    here = timetable.get_absolute_url()
    return form_page(request, form, heading=heading, caption=timetable.child.name, back=here, rows=rows)
