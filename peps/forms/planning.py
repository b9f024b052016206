"""Opening and cancelling a PEP, and the year whose form it has."""

from typing import Any

from django import forms

from peps.enums import PepKind
from virtualschool.kernel.forms import GovukDateField, PageForm
from virtualschool.rulebook.schoolyear import FIRST_YEAR, LAST_YEAR, curriculum_year_words

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


class FormByHand(PageForm):
    submit_label = "Set the form"

    year = forms.TypedChoiceField(label="Which year’s form?", coerce=int)
    why = forms.CharField(label="Why?", max_length=200, help_text="The school and the social worker read this.")

    def __init__(self, *args: Any, now: int | None, own: int, **kwargs: Any) -> None:
        super().__init__(*args, initial={"year": now}, **kwargs)
        years = range(FIRST_YEAR, LAST_YEAR + 1)
        words = {year: curriculum_year_words(year) + (" (by the record)" if year == own else "") for year in years}
        self.fields["year"].choices = list(words.items())  # type: ignore[attr-defined]
