"""Targets, what they cost, and what became of the last ones."""

from decimal import Decimal
from typing import Any

from django import forms

from children.forms.common import OnceForm, capitalised
from peps.actions.targets import CostFacts, TargetFacts
from peps.enums import CostCategory, TargetArea
from peps.models import PepTarget
from virtualschool.kernel.forms import GovukDateField, PageForm

FIELDS = ("area", "start_point", "goal", "measure", "by_when", "why", "what", "where", "how_often", "named_person")
DEAREST = Decimal("20000")


class TargetForm(OnceForm):
    """One target, so that anybody can tell when it is met."""

    submit_label = "Save the target"
    unmarked = ("measure", "by_when", "named_person")

    area = forms.ChoiceField(label="What is it for?", choices=capitalised(TargetArea.choices))
    start_point = forms.CharField(
        label="Now: where the child starts",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="With a number where there is one. For example: reads 40 words a minute.",
    )
    goal = forms.CharField(
        label="Target: where the child will be",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="For example: reads 70 words a minute.",
    )
    measure = forms.CharField(
        label="How it is measured", max_length=200, required=False, help_text="Asked for before the PEP is sent in."
    )
    by_when = GovukDateField(label="By when", required=False, help_text="Asked for before the PEP is sent in.")
    why = forms.CharField(
        label="Why this child needs it", widget=forms.Textarea(attrs={"rows": 2}), max_length=2000, required=False
    )
    what = forms.CharField(
        label="What is done", widget=forms.Textarea(attrs={"rows": 2}), max_length=2000, required=False
    )
    where = forms.CharField(label="Where", max_length=120, required=False)
    how_often = forms.CharField(
        label="How often, and for how long",
        max_length=120,
        required=False,
        help_text="For example: twice a week, 30 minutes.",
    )
    named_person = forms.CharField(
        label="Who sees to it", max_length=120, required=False, help_text="Asked for before the PEP is sent in."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def facts(self) -> TargetFacts:
        return TargetFacts(**{name: self.cleaned_data[name] for name in FIELDS})


class CostForm(OnceForm):
    """A costed line: sessions a week × weeks × price of a session."""

    submit_label = "Ask for it"

    item = forms.CharField(label="What is paid for", max_length=200)
    category = forms.ChoiceField(label="Kind of support", choices=capitalised(CostCategory.choices))
    sessions_a_week = forms.IntegerField(
        label="Sessions a week",
        min_value=1,
        max_value=50,
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    weeks = forms.IntegerField(
        label="Weeks", min_value=1, max_value=60, initial=1, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    price = forms.DecimalField(
        label="Price of a session, in pounds",
        min_value=Decimal("0.01"),
        max_value=DEAREST,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="For a single item, its price.",
    )
    exception_reason = forms.CharField(
        label="If the council does not usually pay for it: why it should here",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text="A second person has to agree.",
    )

    def facts(self) -> CostFacts:
        given: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        price = given.pop("price")
        return CostFacts(price_pence=int(price * 100), **given)


class ReviewTargetForm(PageForm):
    """What became of a target of the last PEP."""

    submit_label = "Save the review"

    outcome = forms.ChoiceField(
        label="Was it met?", choices=capitalised(PepTarget.Outcome.choices), widget=forms.RadioSelect
    )
    evidence = forms.CharField(
        label="How do you know?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="A number, or a piece of work.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
