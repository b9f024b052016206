"""Marking a PEP a second time, adding one to the sample, and saying what was agreed."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from peps.forms.quality import MarkingForm
from virtualschool.kernel.forms import PageForm


class SecondMarkForm(MarkingForm):
    """The first marker's form without a decision: the marks, and a reason."""

    submit_label = "Hand in my marks"
    other_submits = (("keep", "Save and reckon, finish later"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="second_%s", **kwargs)
        del self.fields["submission"]  # a second marking is of one decision
        self.fields[
            "reason"
        ].help_text = "The first marker reads this. Nobody changes your marks afterwards, nor do you."


class AgreedForm(PageForm):
    submit_label = "Save what was agreed"
    action = ""

    note = forms.CharField(
        label="What did the two of you agree?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text="The PEP keeps its grade. This is for the next one, and for those who mark.",
    )

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.form_action = self.action
        return helper


class AddSecondForm(PageForm):
    submit_label = "Have it marked a second time"

    why = forms.CharField(label="Why this PEP?", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)
