"""Who a child is."""

from dataclasses import asdict
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from children import upn
from children.actions.identity import IdentityFacts
from children.forms.common import codes, rows_of
from virtualschool.kernel.forms import GovukDateField, PageForm

NUMBER = forms.TextInput(attrs={"class": "govuk-input--width-20", "spellcheck": "false", "autocomplete": "off"})
LONGEST_UPN, LONGEST_ULN = 13, 10


class IdentityForm(PageForm):
    """Every fact as it stands, to be put right. Numbers may be typed with spaces."""

    submit_label = "Save changes"
    unmarked = ("first_names", "last_name")  # one of them may be missing, not both
    reveals: ClassVar = {"is_unaccompanied": {"on": ["unaccompanied_until"]}}

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    first_names = forms.CharField(label="First names", max_length=120, required=False)
    last_name = forms.CharField(label="Last name", max_length=120, required=False)
    known_as = forms.CharField(label="Known as", max_length=120, required=False)
    date_of_birth = GovukDateField(label="Date of birth", not_future=True)
    sex = forms.ChoiceField(label="Sex", required=False)
    ethnicity = forms.ChoiceField(label="Ethnicity", required=False)
    first_language = forms.CharField(label="First language", max_length=60, required=False)
    interpreter_needed = forms.BooleanField(label="An interpreter is needed", required=False)
    upn = forms.CharField(
        label="UPN",
        max_length=40,
        required=False,
        widget=NUMBER,
        help_text="A letter and 12 characters, such as A123456789012. Without one, the return’s reason: UN1 to UN5.",
    )
    uln = forms.CharField(label="ULN", max_length=40, required=False, widget=NUMBER, help_text="Ten digits.")
    is_unaccompanied = forms.BooleanField(label="Unaccompanied asylum-seeking child", required=False)
    unaccompanied_until = GovukDateField(
        label="Unaccompanied until",
        help_text="The day on which the child stops being one, if it is known. It may lie ahead.",
        required=False,
    )

    def __init__(self, *args: Any, held: IdentityFacts, **kwargs: Any) -> None:
        """``held`` is who the child is now."""
        kwargs["initial"] = asdict(held) | {"seen": held.seen} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["sex"].choices = codes("SEX", empty="Not known", held=held.sex)
        self.fields["ethnicity"].choices = codes("ETHNIC", empty="Not known", held=held.ethnicity)

    def clean_upn(self) -> str:
        """A doubtful number is kept and flagged; only what cannot be one is refused."""
        return _short_enough("UPN", upn.normal(self.cleaned_data["upn"]), LONGEST_UPN)

    def clean_uln(self) -> str:
        return _short_enough("ULN", "".join(self.cleaned_data["uln"].split()), LONGEST_ULN)

    def clean(self) -> dict[str, Any]:
        """A date under a box that is not ticked is no answer."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("is_unaccompanied"):
            cleaned["unaccompanied_until"] = None
            self.errors.pop("unaccompanied_until", None)
        return cleaned

    def facts(self) -> IdentityFacts:
        return IdentityFacts(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})

    def differing(self, held: IdentityFacts) -> list[dict[str, Any]]:
        """Where what is saved is not what was typed, in words."""
        typed = asdict(self.facts())
        return rows_of(self, {name: value for name, value in asdict(held).items() if value != typed[name]})


def _short_enough(what: str, number: str, longest: int) -> str:
    if len(number) > longest:
        raise ValidationError(f"{what} must be {longest} characters or fewer", code="max_length")
    return number
