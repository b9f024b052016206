"""The planner: a term's PEPs by whether they have a meeting, and a month of meetings."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from peps import planner as plans
from peps import workflow
from peps.actions import occasions
from peps.enums import MeetingState, Seat
from peps.filters_planner import MonthFilter, PlannerFilter, months, this_month, this_term
from peps.models import Pep, PepMeeting
from peps.people import People, people_of_all
from peps.planner_policies import can_use_planner, plannable
from peps.views.common import kind_words
from peps.views.listing import SOON, tabs, with_choices
from virtualschool.audit import access
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.pagination import PARAMETER, paginate
from virtualschool.kernel.tables import Cell, Column, table
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.schoolyear import Term

COLUMNS = [
    Column("Child", header=True),
    Column("School"),
    Column("PEP"),
    Column("Meeting"),
    Column("Meeting due by"),
    Column("People"),
]
STATS = (
    ("without", "without a meeting", ""),
    ("late", "late, not held", "bad"),
    ("planned", "planned", ""),
    ("held", "held", "good"),
)
SEATS = (
    (Seat.DESIGNATED_TEACHER, "Teacher"),
    (Seat.SOCIAL_WORKER, "Social worker"),
    (Seat.COORDINATOR, "Coordinator"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CUTOFF = "pep.term_cutoff"


@page(can_use_planner, methods=("GET", "POST"))
def planner(request: HttpRequest) -> HttpResponse:
    """The term's PEPs: those without a meeting first, and of those first whom the advocate has to come for."""
    if request.method == "POST":
        return PlannerFilter.sent_on(request)
    data, rows = _asked(request, "term", this_term()), Pep.objects.visible_to(request.user).standing()
    found = PlannerFilter(data, queryset=rows, request=request)
    pages = paginate(request, plans.with_meetings(plans.in_order(found.qs)))
    access.shown(request, pages.rows, kind=AccessKind.LIST)
    people, plannable_now = people_of_all(pages.rows, today()), plannable(request.user, pages.rows)
    drawn = [_row(pep, people[pep.pk], may_plan=pep.pk in plannable_now) for pep in pages.rows]
    columns, drawn, choices = with_choices(COLUMNS, drawn, pages.rows, plannable_now)
    term = _term(data["term"]) if found.is_valid() else None
    context = {
        "heading": "Term planner",
        "tabs": tabs("planner", request.user),
        "other_href": _other(request, "peps:planner_month", without=("term", "meeting")),
        "filter": found,
        "pages": pages,
        "total": rows.in_term(*term.key).count() if term else 0,
        "clear_href": request.path,
        "stats": _stats(request, data, rows),
        "cutoff": _cutoff(term) if term else None,
        "table": table(
            "PEPs of the term",
            columns,
            drawn,
            empty="No PEP matches",
            caption_hidden=True,
            choices=choices,
        ),
    }
    return render(request, "peps/planner.html", context)


@page(can_use_planner, methods=("GET", "POST"))
def month(request: HttpRequest) -> HttpResponse:
    """A month of meetings, day by day; on a phone only the days that have any."""
    if request.method == "POST":
        return MonthFilter.sent_on(request)
    data, rows = _asked(request, "month", this_month()), Pep.objects.visible_to(request.user).standing()
    found = MonthFilter(data, queryset=rows, request=request)
    first = _first(data["month"])
    after = (first + timedelta(days=32)).replace(day=1)
    standing = PepMeeting.objects.visible_to(request.user).filter(plans.MEETS, starts_at__gte=_midnight(first))
    meetings = standing.filter(starts_at__lt=_midnight(after))
    shown = list(meetings.filter(pep__in=found.qs).select_related("pep__child", "pep__school"))
    access.shown(request, shown, kind=AccessKind.LIST)
    context = {
        "heading": "PEP meetings by month",
        "caption": f"Meetings in {first:%B %Y}",
        "tabs": tabs("planner", request.user),
        "other_href": _other(request, "peps:planner", without=("month",)),
        "filter": found,
        "shown": len(shown),
        "total": meetings.count(),
        "clear_href": request.path,
        "ways": _ways(request, (first - timedelta(days=1)).replace(day=1), after),
        "names": DAYS,
        "weeks": _weeks(first, shown, _last_days(first, after - timedelta(days=1))),
    }
    return render(request, "peps/planner_month.html", context)


# ---------------------------------------------------------------- what is asked for


def _asked(request: HttpRequest, name: str, otherwise: str) -> QueryDict:
    """What the address asks, with this term or month where it names none."""
    data = request.GET.copy()
    if not data.get(name):
        data[name] = otherwise
    return data


def _other(request: HttpRequest, name: str, *, without: Iterable[str] = (), **more: str) -> str:
    """The address of a page under the same filter."""
    query = request.GET.copy()
    for field in (PARAMETER, *without):
        query.pop(field, None)
    for field, value in more.items():
        query[field] = value
    return f"{reverse(name)}?{query.urlencode()}" if query else reverse(name)


def _term(words: str) -> Term:
    year, _, name = words.partition("-")
    return calendars.load().term(int(year), name)


# ---------------------------------------------------------------- the table


def _stats(request: HttpRequest, data: QueryDict, rows: QuerySet[Pep]) -> list[dict[str, Any]]:
    """How many there are of each; every number opens the list it counts, under the same filter."""
    rest = data.copy()
    rest.pop("meeting", None)
    counts = PlannerFilter(rest, queryset=rows, request=request).qs.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in plans.standings(today()).items()}
    )
    return [
        {
            "number": counts[name],
            "label": words,
            "href": _other(request, "peps:planner", term=data["term"], meeting=name),
            "tone": tone if counts[name] else "",
        }
        for name, words, tone in STATS
    ]


def _cutoff(term: Term) -> dict[str, Any] | None:
    """The council's last day for the term's meetings, with its rule; none for a term from before the rule."""
    rule = rules.find(CUTOFF, on=term.start)
    if rule is None:
        return None
    last = occasions.cutoff(term)
    return {
        "label": f"Last day for meetings of the {str(term).lower()}",
        "due_on": last,
        "kind": rule.kind.value,
        "state": "due_soon" if today() <= last <= today() + SOON else "",
        "href": _rule(),
        "words": f"{rule.words}. Source: {rule.source}",
    }


def _rule() -> str:
    return reverse("rulebook:detail", args=[CUTOFF])


def _row(pep: Pep, people: People, *, may_plan: bool) -> list[Cell]:
    year = schoolyear.curriculum_year_words(schoolyear.curriculum_year(pep.child.date_of_birth, today()))
    return [
        Cell(pep.child.name, href=pep.get_absolute_url(), hint=year),
        Cell(pep.school.name if pep.school else "No school"),
        _kind_cell(pep, people),
        _meeting_cell(pep, may_plan=may_plan),
        due_cell(pep),
        Cell("", lines=tuple(_people(people))),
    ]


def _kind_cell(pep: Pep, people: People) -> Cell:
    """Which PEP; before its meeting, whether the advocate is asked for a day before anybody else."""
    if not pep.asks_advocate or pep.state not in workflow.BEFORE_MEETING:
        return Cell(kind_words(pep))
    advocate = people.at(Seat.ADVOCATE)
    hint = f"Ask {advocate.name} first" if advocate else "No advocate is known"
    return Cell(kind_words(pep), tag={"text": "Advocate first", "status": "due_soon"}, hint=hint)


def _meeting_cell(pep: Pep, *, may_plan: bool) -> Cell:
    if pep.standing:
        meeting = pep.standing[-1]
        href, held = reverse("peps:meeting", args=[meeting.uuid]), meeting.state == MeetingState.HELD
        after = not held and _day(meeting) > pep.due_on
        return Cell(
            long_moment(meeting.starts_at),
            href=href,
            tag={"text": "Held", "status": "held"} if held else {"text": "Planned", "status": "planned"},
            hint="After the day it is due" if after else "",
        )
    if pep.state not in workflow.BEFORE_MEETING:
        return Cell("Held, not recorded here")
    none = {"text": "No meeting yet", "status": "missing"}
    if not may_plan:
        return Cell(tag=none)
    return Cell("Plan it", href=reverse("peps:schedule", args=[pep.uuid]), hidden=f"for {pep.child.name}", tag=none)


def due_cell(pep: Pep) -> Cell:
    """The day, leading to how it was reckoned: a termly PEP's is the council's date for the term."""
    if pep.state not in workflow.BEFORE_MEETING:
        return Cell("Met")
    late = {"text": "Overdue", "status": "overdue"} if pep.due_on < today() else None
    return Cell(long_date(pep.due_on), href=pep.clock.get_absolute_url() if pep.clock else _rule(), tag=late)


def _people(people: People) -> list[str]:
    return [f"{words}: {found.name if (found := people.at(seat)) else 'not known'}" for seat, words in SEATS]


# ---------------------------------------------------------------- the month


def _first(words: str) -> date:
    """The first day of the month that is asked for; of this one when it is no month that the filter has."""
    known = {value for value, _ in months()}
    year, _, number = (words if words in known else this_month()).partition("-")
    return date(int(year), int(number), 1)


def _ways(request: HttpRequest, before: date, after: date) -> list[dict[str, str]]:
    """To the month before and the one after, as far as the filter has them."""
    known = dict(months())
    keys = [key for key in (f"{before:%Y-%m}", f"{after:%Y-%m}") if key in known]
    return [{"text": known[key], "href": _other(request, "peps:planner_month", month=key)} for key in keys]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _day(meeting: PepMeeting) -> date:
    return meeting.starts_at.astimezone(LONDON).date()


def _last_days(first: date, last: date) -> dict[date, dict[str, str]]:
    """The council's last days for meetings of the terms that the month lies in, each leading to the rule."""
    terms = {term.key: term for term in map(calendars.load().term_of, (first, last))}
    known = [term for term in terms.values() if rules.find(CUTOFF, on=term.start)]
    return {
        occasions.cutoff(term): {"text": f"Last day for the {str(term).lower()}", "href": _rule()} for term in known
    }


def _weeks(
    first: date, meetings: Iterable[PepMeeting], notes: dict[date, dict[str, str]]
) -> list[list[dict[str, Any]]]:
    by_day: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for meeting in meetings:
        by_day[_day(meeting)].append(_entry(meeting))
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    return [[_drawn(day, day.month == first.month, by_day[day], notes.get(day)) for day in week] for week in weeks]


def _drawn(day: date, inside: bool, entries: list[dict[str, Any]], note: dict[str, str] | None) -> dict[str, Any]:
    note = note if inside else None
    return {
        "number": day.day,
        "long": f"{day:%A} {day.day} {day:%B}",
        "inside": inside,
        "today": inside and day == today(),
        "entries": entries,
        "note": note,
        "told": bool(entries or note),
    }


def _entry(meeting: PepMeeting) -> dict[str, Any]:
    return {
        "at": f"{meeting.starts_at.astimezone(LONDON):%H:%M}",
        "child": meeting.pep.child.name,
        "school": meeting.pep.school.name if meeting.pep.school else "No school",
        "href": reverse("peps:meeting", args=[meeting.uuid]),
        "held": meeting.state == MeetingState.HELD,
    }
