"""The cohorts beside the roll: previously in care, placed here by others, and figures."""

from typing import Any

from django import forms

from children.enums import Basis, Cohort
from children.forms.common import OnceForm, capitalised
from children.forms.schools import SchoolChoiceForm
from children.models import LocalAuthority
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm


class PreviouslyForm(OnceForm):
    submit_label = "Open a record"

    child = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label="Name", max_length=200, help_text="As the family gives it. For an adopted child, never the former name."
    )
    year_of_birth = forms.IntegerField(label="Year of birth", required=False, min_value=1990)
    school_name = forms.CharField(label="School", max_length=200, required=False)
    basis = forms.ChoiceField(
        label="How did the child leave care?", choices=capitalised(Basis.choices), widget=forms.RadioSelect
    )
    since = GovukDateField(label="Date of the order", not_future=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year_of_birth"].max_value = today().year

    def record(self) -> dict[str, Any]:
        """What the record says, for the action."""
        names = ("name", "year_of_birth", "school_name", "basis", "since", "key")
        return {name: self.cleaned_data[name] for name in names}


class AgreementForm(PageForm):
    submit_label = "Record agreement"

    agreed_by = forms.CharField(label="Who agreed, having parental responsibility?", max_length=200)
    agreed_on = GovukDateField(label="When did they agree?", subject="Date of agreement", not_future=True)
    evidence = forms.CharField(
        label="What evidence did you see that the child was in care?",
        max_length=200,
        help_text="Such as a copy of the order. Do not keep the copy.",
    )
    evidence_seen_on = GovukDateField(label="When did you see it?", subject="Date of evidence", not_future=True)


class AskForm(OnceForm):
    submit_label = "Save enquiry"

    asked_by = forms.CharField(
        label="Who asked?", max_length=200, help_text="Name and part: parent, designated teacher."
    )
    asked_on = GovukDateField(label="When did they ask?", subject="Date", not_future=True)
    question = forms.CharField(label="What did they ask?", widget=forms.Textarea(attrs={"rows": 5}), max_length=5000)


class AdviseForm(PageForm):
    submit_label = "Record advice"

    advice = forms.CharField(label="Advice given", widget=forms.Textarea(attrs={"rows": 8}), max_length=10000)


class HostedForm(SchoolChoiceForm, OnceForm):
    submit_label = "Add"

    name = forms.CharField(label="Name", max_length=200)
    home_authority = forms.ModelChoiceField(label="Home council", queryset=LocalAuthority.objects.order_by("name"))
    contact = forms.CharField(label="Contact at the home council", max_length=200)
    start = GovukDateField(label="Placed here from", subject="Date")
    asked_of_us = forms.CharField(
        label="What were we asked?", widget=forms.Textarea(attrs={"rows": 4}), max_length=5000, required=False
    )

    field_order = ("name", "home_authority", "contact", "start", "school", "school_chosen", "asked_of_us", "key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].required = False


class FigureForm(PageForm):
    submit_label = "Save figure"

    cohort = forms.ChoiceField(label="Which children?", choices=capitalised(Cohort.choices), widget=forms.RadioSelect)
    measure = forms.CharField(label="What is counted?", max_length=80, help_text="Such as: attendance below 90%.")
    area = forms.CharField(label="Area", max_length=120, help_text="The whole council, a school or a locality.")
    on = GovukDateField(label="As at", subject="Date", not_future=True)
    count = forms.IntegerField(label="Number of children", min_value=0, max_value=1_000_000)
    out_of = forms.IntegerField(label="Out of", min_value=0, max_value=1_000_000, required=False)
    source = forms.CharField(label="Where does it come from?", max_length=120, required=False)
