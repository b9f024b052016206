"""Why a note of the coach does not hold."""

from django import forms

from virtualschool.kernel.forms import PageForm


class SetAsideForm(PageForm):
    submit_label = "Put it aside"

    note = forms.CharField(widget=forms.HiddenInput, max_length=200)
    why = forms.CharField(
        label="Why does it not hold?", max_length=400, help_text="Whoever answers the PEP reads this."
    )
