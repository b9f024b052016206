"""Opening and cancelling a PEP."""

from django import forms

from peps.enums import PepKind
from virtualschool.kernel.forms import GovukDateField, PageForm

BY_HAND = [
    (PepKind.REVIEW.value, "Termly PEP"),
    (PepKind.NOT_ON_ROLL.value, "Interim PEP, no school"),
    (PepKind.SEN_JOINED.value, "PEP with annual review"),
]


class OpenForm(PageForm):
    submit_label = "Open the PEP"

    kind = forms.ChoiceField(label="Which kind?", choices=BY_HAND, widget=forms.RadioSelect)
    why = forms.CharField(label="Why is it opened?", max_length=200)
    due_on = GovukDateField(label="When is its meeting due?", not_past=True)


class CancelForm(PageForm):
    submit_label, submit_kind = "Cancel this PEP", "warning"

    why = forms.CharField(label="Why is it cancelled?", max_length=200, help_text="What was written stays in it.")
