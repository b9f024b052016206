"""Which form is printed empty."""

from typing import Any

from django import forms

from children.forms.common import capitalised
from peps.blanks import YEARS
from peps.enums import PepKind, PepPhase
from peps.layouts import Circumstance, Occasion
from virtualschool.kernel.forms import PageForm
from virtualschool.rulebook import schoolyear

CIRCUMSTANCES = {
    Circumstance.PREVIOUS: "It follows an earlier PEP",
    Circumstance.TRANSITION: "A move to another phase or school is near",
    Circumstance.NOT_ON_ROLL: "No school place",
    Circumstance.EHC_PLAN: "Education, health and care plan",
    Circumstance.ALTERNATIVE_PROVISION: "Alternative provision",
    Circumstance.REDUCED_TIMETABLE: "Reduced timetable",
    Circumstance.UNACCOMPANIED: "Unaccompanied",
}
EVERY_YEAR = ("", "No one year: only what every year is asked")


class BlankForm(PageForm):
    """Which form is printed empty, to be written on where there is no network. What is left unsaid is left out of it."""

    submit_label = "Make the PDF"

    phase = forms.ChoiceField(label="Which phase?", choices=capitalised(PepPhase.choices), widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label="Which PEP?",
        choices=capitalised(PepKind.choices),
        widget=forms.RadioSelect,
    )
    year = forms.TypedChoiceField(
        label="Which year group?",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            EVERY_YEAR,
            *((year, schoolyear.curriculum_year_words(year)) for years in YEARS.values() for year in years),
        ],
        help_text="Results and moving on are asked by year group.",
    )
    circumstances = forms.MultipleChoiceField(
        label="What holds of the child?",
        required=False,
        choices=[(key.value, words) for key, words in CIRCUMSTANCES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="Each adds the questions that are asked only then. What such a PEP always has is added by itself.",
    )

    every = forms.BooleanField(
        label="Print the questions that may be left open too",
        required=False,
        help_text="Without it the form holds what has to be answered, and is a third as long.",
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        phase, year = given.get("phase"), given.get("year")
        if phase and year is not None and year not in YEARS[PepPhase(phase)]:
            words = schoolyear.curriculum_year_words(year)
            self.add_error("year", f"{words} is not a year group of {PepPhase(phase).label}")
        return given

    @property
    def occasion(self) -> Occasion:
        said = self.cleaned_data
        return Occasion(said["phase"], said["kind"], frozenset(said["circumstances"]), said["year"])
