"""Attendance as pictures, each with its figures in a table: a child's year day by day, and attendance by week."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance import strip, yearpage
from attendance.policies import marks as policies
from children.models import Child
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.tables import Cell, table
from virtualschool.rulebook import schoolyear

GROUPS = [FieldGroup.ATTENDANCE]
DAY_COLUMNS = ["Day", "Morning", "Afternoon"]


@page(policies.can_read_child, child=Child)
def year(request: HttpRequest, child: Child) -> HttpResponse:
    """A child's academic year, each school day a cell; the same in words beneath each half term."""
    years = yearpage.years(child)
    chosen = _chosen(request.GET.get("year", ""), years)
    drawn = strip.strip(chosen, yearpage.record(child, chosen, request.user))
    access.shown(request, child, fields=GROUPS)
    context = {
        "child": child,
        "year": schoolyear.year_words(chosen),
        "back": reverse("attendance:child", args=[child.uuid]),
        "years": year_links(reverse("attendance:year", args=[child.uuid]), years, chosen),
        "strip": drawn,
        "parts": [(part, days_table(part)) for part in drawn.parts],
        "legend": strip.LEGEND,
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


def days_table(part: strip.Part) -> Any:
    """The days of a half term in words."""
    rows = [[Cell(day.words), *(half.words.capitalize() for half in day.halves)] for day in part.days]
    return table(f"{part.words}, day by day", DAY_COLUMNS, rows, caption_hidden=True)
