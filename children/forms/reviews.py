"""The day of the next care review."""

from django import forms

from virtualschool.kernel.forms import GovukDateField, PageForm


class ReviewForm(PageForm):
    submit_label = "Record this day"

    on = GovukDateField(label="When is the next review of the care plan?", subject="Date of the review", not_past=True)
    seen = forms.DateField(widget=forms.HiddenInput, required=False)
