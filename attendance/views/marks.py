"""Figures of the children whom the reader reaches, each number with its list; a child's attendance; a day's marks; differences."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attendance import childpage, figures, silence
from attendance.actions import marks as actions
from attendance.codes import BY_LETTER
from attendance.enums import Session
from attendance.forms.marks import DAY, WEEK, MarksForm, Place, WhichDayForm
from attendance.lost import cohort, reckoning
from attendance.lost import words as lost_words
from attendance.models import MarkDispute
from attendance.policies import marks as policies
from attendance.rates import Sessions
from children.models import Child, School
from children.policies.imports import can_import
from children.querysets import ChildQuerySet
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup, Reach
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formpages import sent
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendars
from virtualschool.rulebook.schoolyear import words

COUNTS = ("Possible", "Attended", "Authorised", "Unauthorised", "Attendance")
NUMBERS = [Column(name, numeric=True) for name in COUNTS]
GROUPS = [FieldGroup.ATTENDANCE]
LISTS = (
    ("Lost education: hours expected, offered and attended", "lost"),
    ("Suspensions and exclusions", "exclusions"),
    ("Reduced timetables", "timetables"),
    ("Alternative provision", "provisions"),
    ("Leave in term time", "leaves"),
    ("Attendance by week", "weeks"),
    ("Attendance by group, and beside England", "groups"),
)


@page(policies.can_read)
def rates(request: HttpRequest) -> HttpResponse:
    """This term's and this year's figures of the children whom the reader reaches, as if they attended a single school."""
    spans, limits = figures.spans(today()), figures.limits(today())
    cohort = figures.cohort(request.user, spans)
    access.shown(request, cohort["year"].keys(), fields=GROUPS)
    context = {
        "spans": [{"words": span.words, "figures": _stats(span, cohort[key], limits)} for key, span in spans.items()],
        "lists": _lists(request.user),
        "may_mark": bool(policies.can_mark(request.user)),
    }
    return render(request, "attendance/rates.html", context)


def _lists(user: User) -> list[dict[str, str]]:
    """Where else attendance is told, and how many differences there are. One query."""
    differing = MarkDispute.objects.visible_to(user).open().count()
    links = [{"text": text, "href": reverse(f"attendance:{name}")} for text, name in LISTS]
    lost = reverse("attendance:lost")
    links.insert(1, {"text": "School days without a mark this term", "href": f"{lost}?over=term&reason=no_mark#list"})
    if differing:
        sessions = "session" if differing == 1 else "sessions"
        text = f"{differing} {sessions} on which two sources differ"
        links.insert(0, {"text": text, "href": reverse("attendance:disputes")})
    if can_import(user):
        links.append({"text": "How files of marks are read", "href": reverse("attendance:mappings")})
    return links


@page(policies.can_read)
def children(request: HttpRequest, span: str, figure: str) -> HttpResponse:
    """The children that a number counts."""
    spans = figures.spans(today())
    if span not in spans or figure not in figures.FIGURES:
        raise Http404
    chosen, one = spans[span], figures.FIGURES[figure]
    found = figures.kept(one, figures.cohort(request.user, {span: chosen})[span], figures.limits(today()))
    pages = paginate(request, list(found.items()))
    named = Child.objects.visible_to(request.user).in_bulk([pk for pk, _ in pages.rows])
    access.shown(request, list(named), fields=GROUPS)
    rows = [
        [Cell(named[pk].name, href=reverse("attendance:child", args=[named[pk].uuid])), *counts(sessions)]
        for pk, sessions in pages.rows
    ]
    context = {
        "figure": one,
        "span": chosen,
        "whole": figures.percent(*_attended(found)),
        "table": table(
            one.label.capitalize(), [Column("Child"), *NUMBERS], rows, empty="No child", caption_hidden=True
        ),
        "pages": pages,
    }
    return render(request, "attendance/children.html", context)


@page(policies.can_read_child, child=Child)
def child(request: HttpRequest, child: Child) -> HttpResponse:
    """A child's attendance term by term, the absences, what sources say differently, and corrections."""
    terms = [[span, *counts(sessions)] for span, sessions in childpage.terms(child, today())]
    absences = paginate(request, childpage.absences(child))
    access.shown(request, child, fields=GROUPS)
    context = {
        "child": child,
        "arranged": childpage.arranged(child, request.user),
        "unmarked": _unmarked(child, request.user),
        "terms": table("Attendance by term", [Column("Term"), *NUMBERS], terms, empty="No marks yet"),
        "absences": table(
            "Days with an absence", childpage.ABSENCE_COLUMNS, childpage.absence_rows(absences.rows), empty="No absence"
        ),
        "pages": absences,
        "differences": table(
            "What another source says", childpage.DIFFERENCE_COLUMNS, childpage.difference_rows(child, request.user)
        ),
        "corrections": table("Corrections", childpage.CORRECTION_COLUMNS, childpage.correction_rows(child)),
    }
    return render(request, "attendance/child.html", context)


def _unmarked(child: Child, user: User) -> str:
    """School days of this term that nobody has marked, in words; empty when there are none."""
    span = cohort.spans(today())["term"]
    unknown = reckoning.ledger(cohort.of_child(child, user, span.window)).unknown
    days = lost_words.number(unknown.days)
    return f"{days} school {'day' if days == '1' else 'days'} this term without a mark" if unknown.days else ""


@page(policies.can_read)
def disputes(request: HttpRequest) -> HttpResponse:
    """Sessions of which another source says something else than the accepted mark, the newest day first."""
    rows = MarkDispute.objects.visible_to(request.user).open().select_related("child", "source")
    pages = paginate(request, rows.order_by("-date", "child__last_name", "child_id", "session", "pk"))
    access.shown(request, pages.rows, fields=GROUPS)
    accepted = childpage.accepted(pages.rows)
    drawn = [
        [
            Cell(one.child.name, href=reverse("attendance:child", args=[one.child.uuid])),
            f"{words(one.date)}, {one.get_session_display()}",
            *accepted[one.pk],
            Cell(BY_LETTER[one.code].code, hint=f"{one.source}: {BY_LETTER[one.code].meaning}"),
        ]
        for one in pages.rows
    ]
    columns = [Column("Child"), Column("Session"), Column("Accepted"), Column("Another source")]
    context = {
        "table": table("Differences", columns, drawn, empty="No source differs", caption_hidden=True),
        "pages": pages,
    }
    return render(request, "attendance/disputes.html", context)


@page(policies.can_mark, methods=("GET", "POST"))
def marks(request: HttpRequest) -> HttpResponse:
    """Marks of the reader's children on a day or in its week: the same record as every feed's, under the school's name."""
    known = calendars.load()
    which = _which_day(request, known)
    days = _days(which) if which.is_valid() else []
    places = _places(request.user, which, days)
    access.shown(request, [child for child, _ in places], fields=GROUPS)
    form, meanwhile = _marks_form(request, places) if places else None, {}
    if form and request.method == "POST" and form.is_valid():
        entered = _entered(request, form)
        if entered and not entered.meanwhile:
            return redirect(request.get_full_path())
        if entered:
            meanwhile, form = entered.meanwhile, _marks_form(request, places, afresh=True)
    context = {
        "which": which,
        "form": form,
        "day": _words_of(days),
        "no_school": _no_school(known, days),
        "meanwhile": _told_meanwhile(meanwhile, places),
        "nobody": _why_nobody(which),
        "back": reverse("attendance:rates"),
    }
    return render(request, "attendance/marks.html", context)


def _marks_form(request: HttpRequest, places: list[Place], *, afresh: bool = False) -> MarksForm:
    """The boxes as they stand, or, sent in, as they were sent."""
    by_day: dict[date, list[int]] = defaultdict(list)
    for child, on in places:
        by_day[on].append(child.pk)
    held = {on: actions.held_marks(children, on) for on, children in by_day.items()}
    return MarksForm(None if afresh else sent(request), places=places, held=held)


def _entered(request: HttpRequest, form: MarksForm) -> actions.Entered | None:
    try:
        entered = actions.enter_changes(chosen=form.chosen(), shown=form.shown(), by=request.user)
    except ValidationError as problem:
        form.add_error(None, problem)
        return None
    saved = "1 session has a new mark." if entered.saved == 1 else f"{entered.saved} sessions have a new mark."
    if entered.saved or not entered.meanwhile:
        messages.success(request, saved)
    return entered


def _told_meanwhile(meanwhile: dict[actions.Half, str | None], places: list[Place]) -> list[str]:
    """What was not entered, and what stands there now."""
    names = {child.pk: child.name for child, _ in places}
    return [
        f"{names[child]}, {words(on)}, {Session(session).label}: {code or 'no mark'}"
        for (child, on, session), code in meanwhile.items()
    ]


def _which_day(request: HttpRequest, known: Calendars) -> WhichDayForm:
    on = _last_school_day(known)
    start = {"on-day": str(on.day), "on-month": str(on.month), "on-year": str(on.year), "span": DAY}
    whole_roll = request.user.role_class.reach is not Reach.SCHOOL
    return WhichDayForm(request.GET or start, children=Child.objects.in_own_reach(request.user), whole_roll=whole_roll)


def _last_school_day(known: Calendars) -> date:
    """Today, or on a day without school the last one before it, by the council's term dates; today where nobody has loaded them."""
    return next(iter(silence.last_school_days(known, "", today(), 1)), today())


def _no_school(known: Calendars, days: list[date]) -> str:
    """Why the one day that is shown is no school day; empty when it is one, or when nobody knows."""
    council = known.school_days()
    return council.why_not(days[0]) if len(days) == 1 and council.counts(days[0]) is False else ""


def _days(which: WhichDayForm) -> list[date]:
    """The day that was asked for, or Monday to Friday of its week, as far as they are not to come."""
    on = which.cleaned_data["on"] or today()
    if which.cleaned_data["span"] != WEEK:
        return [on]
    monday = on - timedelta(days=on.weekday())
    return [day for day in (monday + timedelta(days=n) for n in range(5)) if day <= today()]


def _places(user: User, which: WhichDayForm, days: list[date]) -> list[Place]:
    """Each child with each day on which they were on the roll, by name and day. One query a day."""
    found = [(child, on) for on in days for child in _children_of_day(user, which, on)]
    return sorted(found, key=lambda place: (place[0].last_name, place[0].first_names, place[0].pk, place[1]))


def _children_of_day(user: User, which: WhichDayForm, on: date) -> ChildQuerySet:
    found = policies.to_mark(user, on)
    if "school" in which.fields:
        chosen = which.cleaned_data["school"]
        found = found.enrolled_at(School.objects.filter(uuid=chosen), on) if chosen else found.none()
    return found


def _why_nobody(which: WhichDayForm) -> str:
    if "school" in which.fields and which.is_valid() and not which.cleaned_data["school"]:
        return "Choose a school, and its children stand here."
    return "None of your children was on this roll then."


def _words_of(days: list[date]) -> str:
    if not days:
        return ""
    return words(days[0]) if len(days) == 1 else f"{words(days[0])} to {words(days[-1])}"


def _stats(span: figures.Span, sessions: dict[int, Sessions], limits: figures.Limits) -> list[dict[str, Any]]:
    """Shares of all possible sessions, which open the list of everybody, and numbers of children, which open their own."""
    whole = sum(sessions.values(), Sessions())
    everybody = reverse("attendance:list", args=[span.key, "marked"])
    shares = (
        ("attendance", whole.attended),
        ("authorised absence", whole.authorised),
        ("unauthorised absence", whole.unauthorised),
    )
    stats: list[dict[str, Any]] = [
        {
            "number": figures.percent(part, whole.possible),
            "label": label,
            "href": everybody,
            "note": f"{part:,} of {whole.possible:,} possible sessions",
            "tone": "",
        }
        for label, part in shares
    ]
    for figure in figures.FIGURES.values():
        number = len(figures.kept(figure, sessions, limits))
        href = reverse("attendance:list", args=[span.key, figure.key])
        tone = figure.tone if number else ""
        stats.append({"number": number, "label": figure.label, "href": href, "note": figure.definition, "tone": tone})
    return stats


def counts(one: Sessions) -> list[str | int]:
    """Sessions as the columns of every table here have them."""
    return [one.possible, one.attended, one.authorised, one.unauthorised, figures.percent(one.attended, one.possible)]


def _attended(found: dict[int, Sessions]) -> tuple[int, int]:
    whole = sum(found.values(), Sessions())
    return whole.attended, whole.possible
