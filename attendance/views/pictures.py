"""Attendance as pictures, each with its figures in a table: a child's year day by day, and attendance by week."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance import figures
from attendance.forms.pictures import WeeksForm
from attendance.pictures import strip, weekly
from attendance.pictures import year as yearpage
from attendance.policies import marks as policies
from attendance.rates import Sessions
from children.models import Child, School
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.tables import Cell, Column, Table, table
from virtualschool.rulebook import schoolyear

GROUPS = [FieldGroup.ATTENDANCE]
DAY_COLUMNS = ["Day", "Morning", "Afternoon"]
COUNTS = ("Possible", "Attended", "Authorised", "Unauthorised", "Attendance")
WEEK_COLUMNS = [Column("Week from"), *(Column(name, numeric=True) for name in COUNTS)]


@page(policies.can_read_child, child=Child)
def year(request: HttpRequest, child: Child) -> HttpResponse:
    """A child's academic year, each school day a cell; the same in words beneath each half term."""
    years = yearpage.years(child)
    chosen = _chosen(request.GET.get("year", ""), years)
    drawn = strip.strip(chosen, yearpage.record(child, chosen, request.user))
    weeks = weekly.weeks(chosen, today())
    counted = weekly.of_children(Child.objects.visible_to(request.user).filter(pk=child.pk), weeks)
    chart = weekly.trend("Attendance by week", weeks, counted)
    access.shown(request, child, fields=GROUPS)
    context = {
        "child": child,
        "year": schoolyear.year_words(chosen),
        "back": reverse("attendance:child", args=[child.uuid]),
        "years": year_links(reverse("attendance:year", args=[child.uuid]), years, chosen),
        "strip": drawn,
        "parts": [(part, days_table(part)) for part in drawn.parts],
        "legend": strip.LEGEND,
        "chart": chart,
        "weeks": weeks_table(chart),
    }
    return render(request, "attendance/year.html", context)


def _chosen(text: str, years: list[int]) -> int:
    """The year asked for; the newest when none is.

    Raises:
        Http404: for a year that there is not.
    """
    found = {str(year): year for year in years}
    if not text:
        return years[0]
    if text not in found:
        raise Http404
    return found[text]


def year_links(path: str, years: list[int], chosen: int) -> list[dict[str, Any]]:
    """Where each year is, for the sub-navigation component."""
    return [
        {"text": schoolyear.year_words(year), "href": f"{path}?year={year}", "active": year == chosen} for year in years
    ]


@page(policies.can_read)
def weeks(request: HttpRequest) -> HttpResponse:
    """Attendance week by week of the children whom the reader reaches: all of them, or while on one school's roll."""
    children, this = figures.counted(request.user), schoolyear.academic_year(today())
    form = WeeksForm(request.GET or {"year": str(this)}, children=children, this=this)
    asked = form.cleaned_data if form.is_valid() else {}
    windows = weekly.weeks(asked.get("year") or this, today())
    school = _school(asked.get("school") or "")
    counted = weekly.of_school(children, school, windows) if school else weekly.of_children(children, windows)
    access.shown(request, list(children.values_list("pk", flat=True)), fields=GROUPS)
    chart = weekly.trend(school.name if school else "All schools", windows, counted)
    context = {
        "form": form,
        "chart": chart,
        "table": weeks_table(chart),
        "list_href": reverse("attendance:list", args=["year", "marked"]),
    }
    return render(request, "attendance/weeks.html", context)


def _school(chosen: str) -> School | None:
    """A school of the form's choices: those of the reader's own children."""
    return School.objects.filter(uuid=chosen).first() if chosen else None


def weeks_table(chart: weekly.Trend) -> Table:
    """The figures behind the picture."""
    rows = [[bar.week, *counts(bar.sessions)] for bar in chart.bars]
    return table(f"{chart.title}, by week", WEEK_COLUMNS, rows, empty="No marks yet", caption_hidden=True)


def counts(one: Sessions) -> list[str | int]:
    """Sessions as the columns of the tables have them."""
    return [one.possible, one.attended, one.authorised, one.unauthorised, figures.percent(one.attended, one.possible)]


def days_table(part: strip.Part) -> Table:
    """The days of a half term in words."""
    rows = [[Cell(day.words), *(half.words.capitalize() for half in day.halves)] for day in part.days]
    return table(f"{part.words}, day by day", DAY_COLUMNS, rows, caption_hidden=True)
