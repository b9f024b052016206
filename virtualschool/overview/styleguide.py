"""Every component and every kind of form field on one page, with made-up words. Mounted for developers only."""

import datetime as dt
from typing import Any

import django_filters
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from virtualschool.audit.pages import page
from virtualschool.kernel.charts import bar_chart
from virtualschool.kernel.forms import FilterForm, GovukDateField, PageForm
from virtualschool.kernel.pagination import paginate
from virtualschool.kernel.tables import STATUS_COLOURS, Cell, Column, table
from virtualschool.kernel.verdicts import refuse

NEEDS = [("emotional", "Emotional support"), ("tuition", "Tuition"), ("equipment", "Equipment")]
DECISIONS = [("approve", "Approve"), ("return", "Return to the school"), ("other", "Something else")]


class EveryFieldForm(PageForm):
    """One field of each kind."""

    submit_label = "Save and continue"
    other_submits = (("later", "Save for later"),)
    reveals = {"decision": {"return": ["reason"]}}
    hints = {"decision": {"approve": "The agreed money can then be released"}}

    name = forms.CharField(label="Name of the meeting", max_length=60, help_text="As it stands in the invitation")
    email = forms.EmailField(label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    held_on = GovukDateField(
        label="When was it held?", subject="Meeting date", help_text="For example, 27 3 2026", not_future=True
    )
    born_on = GovukDateField(label="Date of birth", required=False)
    sessions = forms.IntegerField(label="Sessions a week", min_value=0, max_value=10)
    cost = forms.DecimalField(
        label="Cost", max_digits=8, decimal_places=2, widget=forms.NumberInput(attrs={"prefix": "£"})
    )
    phase = forms.ChoiceField(
        label="Phase", choices=[("", "Choose a phase"), ("ks1", "Key stage 1"), ("ks2", "Key stage 2")]
    )
    decision = forms.ChoiceField(label="What do you decide?", choices=DECISIONS, widget=forms.RadioSelect)
    reason = forms.CharField(label="Why is it returned?", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    needs = forms.MultipleChoiceField(label="What is it for?", choices=NEEDS, widget=forms.CheckboxSelectMultiple)
    words = forms.CharField(
        label="The child’s own words", widget=forms.Textarea(attrs={"data-vs-count": True}), max_length=500
    )
    document = forms.FileField(label="Report from the school", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    agreed = forms.BooleanField(label="The social worker has agreed")

    def layout(self) -> Layout:
        return Layout(
            Fieldset("The meeting", "name", "email", "held_on", "born_on"),
            Fieldset("The decision", "sessions", "cost", "phase", "decision", "needs"),
            "words",
            "document",
            "password",
            "agreed",
        )


class ExampleFilter(django_filters.FilterSet):
    """A filter over nothing, to show its fields."""

    search = django_filters.CharFilter(label="Name or UPN", method="keep", widget=forms.SearchInput)
    year = django_filters.ChoiceFilter(label="Year group", choices=[("6", "Year 6"), ("11", "Year 11")], method="keep")
    due = django_filters.DateFromToRangeFilter(
        label="Review due", method="keep", widget=django_filters.widgets.DateRangeWidget(attrs={"type": "date"})
    )
    attendance = django_filters.RangeFilter(label="Attendance, per cent", method="keep")
    cohort = django_filters.MultipleChoiceFilter(
        label="Needs", choices=NEEDS, method="keep", widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        form = FilterForm

    def keep(self, rows: Any, _name: str, _value: Any) -> Any:
        return rows


def example_table() -> Any:
    """Cells of each kind."""
    columns = [Column("Child"), Column("Year", numeric=True), Column("PEP"), Column("Action", hidden=True)]
    rows = [
        [
            Cell("Amber Example", href="#amber", hint="UPN A000000000001"),
            6,
            Cell("Autumn", tag={"text": "Overdue", "status": "overdue"}),
            Cell("Change", href="#change", hidden="Amber Example"),
        ],
        [Cell("Blake Example", href="#blake", lines=("Dual registered", "Reduced timetable")), 11, "Summer", None],
    ]
    return table("Children in care", columns, rows, empty="No child matches these filters")


def lists(request: HttpRequest) -> dict[str, Any]:
    """What the list components need."""
    example = ExampleFilter(request.GET or None, queryset=QuerySet())
    return {
        "filter": example,
        "table": example_table(),
        "nothing": table("Nothing here", ["Child"], [], empty="No child matches these filters"),
        "pages": paginate(request, range(700)),
        "summary_rows": [
            {
                "key": "School",
                "value": "Example Academy",
                "href": "#school",
                "actions": [{"text": "Change", "href": "#x", "hidden": "school"}],
            },
            {"key": "Year group", "value": 0, "tag": {"text": "At risk", "status": "at_risk"}},
            {"key": "Designated teacher", "value": "", "missing": "Not known yet"},
            {"key": "Attends", "value": "Mornings", "lines": ["Monday to Thursday", "Not on Friday"]},
        ],
        "card_actions": [{"text": "Edit", "href": "#edit", "hidden": "education"}],
        "chart": bar_chart(
            "Attendance this term, per cent",
            [("Primary", 95.5), ("Secondary", 88, "#secondary"), ("Alternative provision", 61)],
        ),
    }


def casework(today: dt.date) -> dict[str, Any]:
    """What the casework components need."""
    return {
        "statuses": sorted(STATUS_COLOURS),
        "timeline": [
            {
                "when": today,
                "title": "PEP returned",
                "by": "Alex Adviser",
                "text": "Targets two and three\nhave no measure.",
                "tag": {"text": "Returned", "status": "returned"},
            },
            {
                "when": dt.datetime(2026, 9, 5, 15, 5, tzinfo=dt.UTC),
                "title": "Moved to Example Academy",
                "lines": ["From Sample School"],
                "href": "#move",
            },
        ],
        "tasks": [
            {
                "title": "Attainment",
                "href": "#attainment",
                "hint": "The designated teacher fills this in",
                "status": {"text": "Done"},
            },
            {"title": "The child’s voice", "status": {"text": "Cannot start yet"}},
            {"title": "Targets", "href": "#targets", "status": {"text": "Overdue", "status": "overdue"}},
        ],
        "steps": [
            {"text": "Planned", "state": "done"},
            {"text": "Meeting held", "state": "now", "hint": "2 November 2026"},
            {"text": "Submitted", "state": "next", "href": "#submit"},
        ],
        "clocks": [
            {"due_on": today, "kind": "law", "state": "overdue", "href": "#clock", "words": "10 working days"},
            {"due_on": today, "kind": "policy", "state": "due_soon"},
            {"due_on": today, "kind": "target", "state": "on_time"},
            {"due_on": None, "kind": "policy", "state": "paused"},
        ],
        "actions": [
            {"text": "Approve", "action": "#approve", "fields": [{"name": "version", "value": "3"}]},
            {"text": "Return with a reason", "href": "#return", "kind": "secondary"},
        ],
        "refused": [
            {"text": "Release the money", "reason": "The PEP is not approved.", "source": "Conditions of grant 2026"}
        ],
        "verdict": refuse(
            "You wrote part of this PEP, so somebody else must check it.", "Council rule: quality assurance"
        ),
        "tabs": [{"text": "Overview", "href": "#overview", "active": True}, {"text": "PEPs", "href": "#peps"}],
        "crumbs": [{"text": "Children", "href": "#children"}, {"text": "Amber Example"}],
        "errors": [{"text": "Enter a reason", "href": "#reason"}, {"text": "The PEP has no target"}],
    }


@page(public=True)
def styleguide(request: HttpRequest) -> HttpResponse:
    """Everything at once; ``?sent=1`` shows the form as it comes back with errors."""
    sent = (
        {"held_on-day": "31", "held_on-month": "2", "held_on-year": "2026", "sessions": "many"}
        if "sent" in request.GET
        else None
    )
    form = EveryFieldForm(sent, cancel_href="#cancel")
    return render(request, "styleguide/index.html", {"form": form, **lists(request), **casework(dt.date(2026, 11, 10))})


urlpatterns = [path("", styleguide, name="styleguide")]
