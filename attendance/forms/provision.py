from typing import Any

from django import forms

from attendance import weekgrid
from attendance.actions.provision import ProvisionFacts
from attendance.enums import CheckKind, Commissioner
from attendance.forms.timetables import SEEN, PlaceForm, hours_box, long_text, said, week_field
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm

YES_NO = [("yes", "Yes"), ("no", "No")]


class ProvisionForm(PlaceForm):
    submit_label = "Record this provision"
    unmarked = ("pattern",)
    reveals = {"registered": {"yes": ["urn"], "no": ["provider_name"]}}

    registered = forms.ChoiceField(
        label="Is the provider registered as a school?",
        choices=[("yes", "Yes, it has a URN"), ("no", "No")],
        widget=forms.RadioSelect,
    )
    urn = forms.CharField(label="URN", max_length=8, required=False, help_text="The number of the school register.")
    provider_name = forms.CharField(label="Name of the provider", max_length=200, required=False)
    commissioner = forms.ChoiceField(
        label="Who arranged it?", choices=said(Commissioner.choices), widget=forms.RadioSelect
    )
    start = GovukDateField(label="First day there")
    end = GovukDateField(label="First day without it, if that is known", required=False)
    hours = hours_box("Hours a week there")
    pattern = week_field("When is the child there?", required=False)
    why = long_text("Why there and not at school?", help_text=SEEN)
    studies = long_text("What does the child learn there?", rows=3, help_text="Subjects and qualifications.")
    review_on = GovukDateField(label="Review on")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        missing = {"yes": ("urn", "Enter the URN"), "no": ("provider_name", "Enter the name of the provider")}
        name, words = missing.get(given.get("registered", ""), ("", ""))
        if name and not given.get(name) and name not in self.errors:
            self.add_error(name, words)
        return given

    def facts(self) -> ProvisionFacts:
        given, registered = self.cleaned_data, self.cleaned_data["registered"] == "yes"
        names = ("hours", "start", "end", "commissioner", "why", "studies", "review_on")
        return ProvisionFacts(
            pattern=weekgrid.from_rows(given["pattern"]),
            urn=given["urn"] if registered else "",
            provider_name="" if registered else given["provider_name"],
            **{name: given[name] for name in names},
        )


class CheckForm(PageForm):
    submit_label = "Save this check"

    kind = forms.ChoiceField(label="What was checked?", choices=said(CheckKind.choices), widget=forms.RadioSelect)
    on = GovukDateField(label="On which day?", not_future=True)
    satisfied = forms.ChoiceField(label="Is it as it should be?", choices=YES_NO, widget=forms.RadioSelect)
    words = long_text("What was seen", rows=3, required=False, help_text="Needed where it is not as it should be.")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today

    def given(self) -> dict[str, Any]:
        named = {name: self.cleaned_data[name] for name in ("kind", "on", "words")}
        return named | {"satisfied": self.cleaned_data["satisfied"] == "yes"}


class ProvisionReviewForm(PageForm):
    submit_label = "Save this review"

    words = long_text("What was seen, and what does the child say?", help_text=SEEN)
    next_on = GovukDateField(label="Next review on", not_past=True)
    seen = forms.DateField(widget=forms.HiddenInput)
