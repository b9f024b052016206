from crispy_forms.layout import Layout
from django import forms
from django.utils.text import capfirst

from children.enums import Answer
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import GovukDateField, PageForm
from virtualschool.rulebook import rules


class AnswerForm(PageForm):
    """What somebody made of an alert."""

    submit_label = "Save answer"
    answer = forms.ChoiceField(
        label="What do you make of it?",
        choices=[(value, capfirst(label)) for value, label in Answer.choices],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why, or what will happen now?", widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )


class OutsideTeamForm(PageForm):
    """Exact facts only: a number, or a last name with a date of birth."""

    submit_label = "Find the child"
    mark_optional = False
    number = forms.CharField(
        label="Council's id or UPN",
        max_length=13,
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    last_name = forms.CharField(label="Last name", max_length=120, required=False)
    date_of_birth = GovukDateField(label="Date of birth", required=False)

    def clean(self):
        given = super().clean()
        if self.errors or given.get("number") or (given.get("last_name") and given.get("date_of_birth")):
            return given
        raise forms.ValidationError("Enter the council's id or the UPN, or the last name and the date of birth")


class BreakGlassForm(PageForm):
    """``found`` is the signed result of the search; without it no record is opened."""

    submit_label = "Open this child’s record"
    submit_kind = "warning"
    found = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why do you need this child’s record?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=400,
        help_text="The data protection officer is told at once who opened it and why.",
    )

    def clean_reason(self):
        least = rules.value("access.reason_length", on=today())
        if len(self.cleaned_data["reason"]) < least:
            raise forms.ValidationError(f"The reason must be {least} characters or more")
        return self.cleaned_data["reason"]

    def layout(self) -> Layout:
        return Layout("found", "reason")
